"""Runway's orders and answers as they go over the wire; answers are read with more trust in what matters."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field

from bot.domain.money import Money
from bot.providers.base import Order
from bot.providers.wire import OptionalText, Share, TaskId, Texts, Wire, items

Moderation = Literal["auto", "low"]
"""How strict Runway is about recognisable public figures (`publicFigureThreshold`)."""

_MOST_CREDITS = 1_000_000


def _credits_or_none(value: object) -> Money | None:
    """`{"credits": 5}` as money; anything else counts as not said, since a task must not be lost over it."""
    if not isinstance(value, dict):
        return None
    amount = cast("dict[str, Any]", value).get("credits")
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= _MOST_CREDITS:
        return None
    return Money.credits(amount)


def _count_or_none(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_CREDITS:
        return None
    return value


def _table(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _path(value: object) -> list[str | int]:
    return [item for item in items(value) if isinstance(item, str | int)]


def _objects(value: object) -> list[Any]:
    return [item for item in items(value) if isinstance(item, dict)]


Credits = Annotated[Money | None, BeforeValidator(_credits_or_none)]


class Accepted(Wire):
    """The answer to a submission."""

    id: TaskId
    estimated: Credits = Field(default=None, alias="estimatedCost")


class Task(Wire):
    """The state of a task."""

    id: TaskId
    status: str
    progress: Share = None
    output: Texts = Field(default_factory=list[str])
    failure_code: OptionalText = Field(default=None, alias="failureCode")
    cost: Credits = None
    estimated: Credits = Field(default=None, alias="estimatedCost")


class UploadPlace(Wire):
    """Where and how to upload a file, and what it is called afterwards."""

    uri: str = Field(alias="runwayUri", min_length=1, max_length=5000)
    url: str = Field(alias="uploadUrl", min_length=1)
    fields: dict[str, str]


class Issue(Wire):
    """One complaint of a 400."""

    path: Annotated[list[str | int], BeforeValidator(_path)] = Field(default_factory=list[str | int])
    message: OptionalText = None


class Refusal(Wire):
    """The body of a 400."""

    error: OptionalText = None
    issues: Annotated[list[Issue], BeforeValidator(_objects)] = Field(default_factory=list[Issue])


class Limits(Wire):
    """What a tier allows for one model; `None` is no limit, or nothing that can be read."""

    at_once: Annotated[int | None, BeforeValidator(_count_or_none)] = Field(
        default=None, alias="maxConcurrentGenerations"
    )
    a_day: Annotated[int | None, BeforeValidator(_count_or_none)] = Field(default=None, alias="maxDailyGenerations")


class Organization(Wire):
    """The operator's account. Its limits are decoration: a strange form of them must not hide the balance."""

    balance: float = Field(alias="creditBalance", ge=0, le=1e12, allow_inf_nan=False)
    tier: Annotated[dict[str, Any], BeforeValidator(_table)] = Field(default_factory=dict[str, Any])
    usage: Annotated[dict[str, Any], BeforeValidator(_table)] = Field(default_factory=dict[str, Any])

    def limits_of(self, model: str) -> tuple[Limits, int | None]:
        """What the tier allows for a model, and how many of its pictures of today are used."""
        limits = Limits.model_validate(_table(_table(self.tier.get("models")).get(model)))
        used = _table(_table(self.usage.get("models")).get(model)).get("dailyGenerations")
        return limits, _count_or_none(used)


def order_body(order: Order, *, moderation: Moderation) -> dict[str, Any]:
    """The body of `text_to_image`."""
    body: dict[str, Any] = {
        "model": order.model.value,
        "promptText": order.prompt,
        "ratio": str(order.size),
        "contentModeration": {"publicFigureThreshold": moderation},
    }
    if order.seed is not None:
        body["seed"] = order.seed
    if order.references:
        body["referenceImages"] = [{"uri": sent.uri, "tag": sent.tag} for sent in order.references]
    return body
