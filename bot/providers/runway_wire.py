"""Runway's answers as they come over the wire, read with more trust in what matters than in what decorates."""

from __future__ import annotations

from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.domain.money import Money

_MOST_CREDITS = 1_000_000


def _credits_or_none(value: object) -> Money | None:
    """`{"credits": 5}` as money; anything else counts as not said, since a task must not be lost over it."""
    if not isinstance(value, dict):
        return None
    amount = cast("dict[str, Any]", value).get("credits")
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= _MOST_CREDITS:
        return None
    return Money.credits(amount)


def _share_or_none(value: object) -> float | None:
    """Progress from 0 to 1; anything else counts as not said."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return None
    return float(value)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _items(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [item for item in _items(value) if isinstance(item, str) and item]


def _path(value: object) -> list[str | int]:
    return [item for item in _items(value) if isinstance(item, str | int)]


def _objects(value: object) -> list[Any]:
    return [item for item in _items(value) if isinstance(item, dict)]


Credits = Annotated[Money | None, BeforeValidator(_credits_or_none)]
TaskId = Annotated[str, Field(min_length=1, max_length=200)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


class Accepted(_Wire):
    """The answer to a submission."""

    id: TaskId
    estimated: Credits = Field(default=None, alias="estimatedCost")


class Task(_Wire):
    """The state of a task."""

    id: TaskId
    status: str
    progress: Annotated[float | None, BeforeValidator(_share_or_none)] = None
    output: Annotated[list[str], BeforeValidator(_texts)] = []
    failure_code: Annotated[str | None, BeforeValidator(_text_or_none)] = Field(default=None, alias="failureCode")
    cost: Credits = None
    estimated: Credits = Field(default=None, alias="estimatedCost")


class UploadPlace(_Wire):
    """Where and how to upload a file, and what it is called afterwards."""

    uri: str = Field(alias="runwayUri", min_length=1, max_length=5000)
    url: str = Field(alias="uploadUrl", min_length=1)
    fields: dict[str, str]


class Issue(_Wire):
    """One complaint of a 400."""

    path: Annotated[list[str | int], BeforeValidator(_path)] = []
    message: Annotated[str | None, BeforeValidator(_text_or_none)] = None


class Refusal(_Wire):
    """The body of a 400."""

    error: Annotated[str | None, BeforeValidator(_text_or_none)] = None
    issues: Annotated[list[Issue], BeforeValidator(_objects)] = []


class Organization(_Wire):
    """The operator's account."""

    balance: float = Field(alias="creditBalance", ge=0, le=1e12, allow_inf_nan=False)
