"""CometAPI's answers: Runway's own, or the same one or two levels deeper inside its own envelope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.money import Money
from bot.providers.fetching import Answer
from bot.providers.wire import items, mapping, object_of, share_or_none, task_id_or_none, text_or_none, words_of

_LEVELS: Final = 3
_MOST_DOLLARS: Final = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an answer tells of a task: its `ids` and its `statuses` in capitals, innermost first."""

    ids: tuple[str, ...]
    statuses: tuple[str, ...]
    output: tuple[str, ...]
    progress: float | None
    failure_code: str
    failure: str

    def is_any(self, *statuses: str) -> bool:
        """Whether it is in one of these states at any level."""
        return any(status in statuses for status in self.statuses)


def told(answer: Answer) -> Told:
    """Read a task out of either envelope."""
    levels = _levels(object_of(answer))
    return Told(
        ids=tuple(found for text in _texts(levels, "id", "task_id") if (found := task_id_or_none(text))),
        statuses=tuple(status.strip().upper() for status in _texts(levels, "status")),
        output=next((found for level in levels if (found := _output(level.get("output")))), ()),
        progress=next((p for level in levels if (p := _progress(level.get("progress"))) is not None), None),
        failure_code=next(_texts(levels, "failureCode", "failure_code"), ""),
        failure=next(_texts(levels, "failure", "fail_reason"), ""),
    )


def error_code(answer: Answer) -> str:
    """The code of an error, at the top or inside `error`; empty when there is none."""
    body = object_of(answer)
    codes = (mapping(body.get("error")).get("code"), body.get("code"))
    return next((code for code in codes if isinstance(code, str) and code and code != "success"), "")


def is_unknown_task(answer: Answer) -> bool:
    """Whether the answer says that there is no such task (yet)."""
    return answer.status == 404 or "task_not_exist" in words_of(answer)


def balance(answer: Answer) -> Money | None:
    """What is left on the account, in dollars."""
    amount = object_of(answer).get("total_quota")
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not abs(amount) <= _MOST_DOLLARS:
        return None
    return Money.dollars(amount)


def _levels(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The object and those in `data`, innermost first."""
    levels = [body]
    while len(levels) < _LEVELS and (inner := mapping(levels[0].get("data"))):
        levels.insert(0, inner)
    return levels


def _texts(levels: list[dict[str, Any]], *names: str) -> Iterator[str]:
    found = (text_or_none(level.get(name)) for level in levels for name in names)
    return iter([text for text in found if text])


def _output(value: object) -> tuple[str, ...]:
    entries = items(value) or [value]
    texts = (entry if isinstance(entry, str) else mapping(entry).get("url") for entry in entries)
    return tuple(text for text in texts if isinstance(text, str) and text)


def _progress(value: object) -> float | None:
    """`0.5`, or `"50%"`."""
    if isinstance(value, str) and value.endswith("%"):
        number = value.removesuffix("%").strip()
        return share_or_none(int(number) / 100) if number.isascii() and number.isdecimal() and len(number) < 4 else None
    return share_or_none(value)
