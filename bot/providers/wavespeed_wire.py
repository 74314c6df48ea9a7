"""WaveSpeedAI's answers as they come over the wire: everything stands in an envelope with a code of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AliasChoices, BeforeValidator, Field, ValidationError

from bot.domain.money import FREE, Money
from bot.providers.amounts import Dollars
from bot.providers.wire import Fields, OptionalText, TaskId, Wire, items, mapping, text_or_none, texts


def _code_or_none(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _texts_or_one(value: object) -> list[str]:
    """A list of texts, or a single one, as one table of the documentation has it."""
    return texts([value] if isinstance(value, str) else value)


def _flags(value: object) -> list[bool]:
    return [item is True for item in items(value)]


def _moment_or_none(value: object) -> float | None:
    """An ISO moment as seconds since the epoch; its fraction has up to nine digits."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _printable_headers(value: object) -> dict[str, str]:
    """Headers that a request can carry; others would break it."""
    headers = {key: text_or_none(each) for key, each in mapping(value).items()}
    return {k: v for k, v in headers.items() if v is not None and f"{k}{v}".isascii() and f"{k}{v}".isprintable()}


_DEAREST: Final = Money.dollars(10)
"""An older page of the documentation shows prices as large whole numbers of an unknown unit: they are no dollars."""


class Envelope(Wire):
    """What every answer is in. Without a code of its own the HTTP status counts."""

    code: Annotated[int | None, BeforeValidator(_code_or_none)] = None
    message: OptionalText = None
    data: Fields = Field(default={})


class Prediction(Wire):
    """A task, as a submission, a poll and the history tell it."""

    id: TaskId
    model: OptionalText = None
    status: OptionalText = None
    outputs: Annotated[list[str], BeforeValidator(_texts_or_one)] = Field(default=[])
    error: OptionalText = None
    nsfw: Annotated[list[bool], BeforeValidator(_flags)] = Field(default=[], alias="has_nsfw_contents")
    created_at: Annotated[float | None, BeforeValidator(_moment_or_none)] = None
    input: Fields = Field(default={}, validation_alias=AliasChoices("input", "inputs"))


class Listed(Wire):
    """A page of the history."""

    items: Annotated[list[dict[str, Any]], BeforeValidator(lambda value: [mapping(item) for item in items(value)])]


class Bill(Wire):
    """One entry of the account's bills: `deduct` takes the price, `refund` gives it back."""

    billing_type: str
    price: Dollars


def billed_by_task(entries: Iterable[Mapping[str, Any]]) -> dict[str, Money]:
    """What each task was billed in the end, refunds taken off; tasks without an entry are not in it.

    An entry that makes no sense, or more money than a picture can cost, leaves its task out.
    """
    sums: dict[str, Money] = {}
    doubtful: set[str] = set()
    for entry in entries:
        task_id = text_or_none(mapping(entry.get("prediction")).get("uuid"))
        if task_id is None:
            continue
        amount = _amount(entry)
        if amount is None:
            doubtful.add(task_id)
        else:
            sums[task_id] = sums.get(task_id, FREE) + amount
    return {task_id: max(FREE, total) for task_id, total in sums.items() if task_id not in doubtful}


def _amount(entry: Mapping[str, Any]) -> Money | None:
    try:
        bill = Bill.model_validate(entry)
    except ValidationError:
        return None
    if not FREE <= bill.price <= _DEAREST:
        return None
    return {"deduct": bill.price, "refund": FREE - bill.price}.get(bill.billing_type.strip().casefold())


class UploadPlace(Wire):
    """Where a file is to be put, and with which headers."""

    method: str
    url: str = Field(min_length=1, max_length=8000)
    headers: Annotated[dict[str, str], BeforeValidator(_printable_headers)] = Field(default={})


class Uploaded(Wire):
    """Where a file is found after its upload."""

    url: str = Field(alias="download_url", min_length=1, max_length=5000)


class Balance(Wire):
    """What is left on the account, in dollars."""

    balance: Dollars
