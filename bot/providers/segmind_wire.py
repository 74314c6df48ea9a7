"""Segmind's answers: of the queue, of the picture itself, and of the record of past requests."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bot.domain.money import Money
from bot.domain.shapes import Size
from bot.providers.fetching import Answer
from bot.providers.wire import items, mapping, object_of, task_id_or_none

RESET: Final = "x-rate-limit-reset-at-utc"
_MOST_DOLLARS: Final = 10_000.0
_PICTURE_FIELDS: Final = ("output", "image", "image_url", "url")
_TIME_FIELDS: Final = ("model_created", "created_at", "created", "timestamp")
"""Names a record's time may have: the history can be sorted by the first (segmind 1.3.0); its field is not shown."""


def status_of(answer: Answer) -> str:
    """The task's status in capitals, empty when the answer is about no task."""
    status = object_of(answer).get("status")
    return status.strip().upper() if isinstance(status, str) else ""


def error_text(answer: Answer) -> str:
    """What a failed task says of itself."""
    error = object_of(answer).get("error")
    return error if isinstance(error, str) else json.dumps(error) if error else ""


def pictures_in(value: object, depth: int = 4) -> Iterator[str]:
    """The links or base64 texts in an `output`, which is a text, a list or an object, or these inside each other."""
    if isinstance(value, str) and value:
        yield value
    fields = mapping(value)
    for entry in [*items(value), *(fields[name] for name in _PICTURE_FIELDS if name in fields)] if depth else []:
        yield from pictures_in(entry, depth - 1)


def metrics_cost(answer: Answer) -> Money | None:
    """What a finished task cost."""
    return dollars(mapping(object_of(answer).get("metrics")).get("cost"))


def dollars(value: object) -> Money | None:
    """An amount of dollars, as a number or its text; anything else counts as not said."""
    try:
        amount = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return Money.dollars(amount) if 0 <= amount <= _MOST_DOLLARS else None


def balance(answer: Answer) -> Money | None:
    """What is left on the account, paid and given together."""
    body = object_of(answer)
    parts = [part for name in ("credits", "free-credits") if (part := dollars(body.get(name))) is not None]
    return sum(parts, start=Money(0)) if parts else None


def reset_wait(answer: Answer, now: float) -> float | None:
    """Seconds until the rate limit starts anew, `None` when the answer does not say."""
    reset = moment(answer.headers.get(RESET))
    return answer.retry_after(now) if reset is None else max(0.0, reset - now)


def moment(value: object) -> float | None:
    """A time as epoch seconds: out of a number of seconds or milliseconds, or an ISO text that means UTC."""
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value.strip().removesuffix(" UTC"))
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            pass
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    if not 0 < number < 1e14:
        return None
    return number / 1000 if number > 1e11 else number


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A past request, as the history tells it."""

    request_id: str
    status: str
    prompt: str
    size: Size | None
    created: float | None
    url: str
    cost: Money | None
    error: str


def record_of(answer: Answer) -> Record | None:
    """The one record in an answer, at its top or in `data`."""
    body = object_of(answer)
    return _record(body) or _record(mapping(body.get("data")))


def records_of(answer: Answer) -> list[Record]:
    """The records in a page of the history, each request once."""
    try:
        body = answer.json()
    except ValueError:
        return []
    pages = [body, *mapping(body).values(), *mapping(mapping(body).get("data")).values()]
    records = [record for page in pages for row in items(page) if (record := _record(mapping(row))) is not None]
    return list({record.request_id: record for record in records}.values())


def _record(row: dict[str, Any]) -> Record | None:
    request_id = task_id_or_none(row.get("request_id"))
    if request_id is None:
        return None
    sent = _body(row.get("request_body"))
    texts = {name: text for name, text in (row | {"prompt": sent.get("promptText")}).items() if isinstance(text, str)}
    times = (at for name in _TIME_FIELDS if (at := moment(row.get(name))) is not None)
    return Record(
        request_id=request_id,
        status=(texts.get("model_status") or texts.get("status") or "").strip().upper(),
        prompt=texts.get("prompt", ""),
        size=Size.parse(str(sent.get("ratio"))),
        created=next(times, None),
        url=texts.get("generation_url", ""),
        cost=dollars(row.get("credits_deduction")),
        error=texts.get("error", ""),
    )


def _body(value: object) -> dict[str, Any]:
    """The inputs as sent, as an object or its text."""
    if isinstance(value, str):
        try:
            return mapping(json.loads(value))
        except (ValueError, RecursionError):
            return {}
    return mapping(value)
