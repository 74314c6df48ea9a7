"""What Runway's failure codes, and the words of services that pass them on, mean in the bot's error tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from bot.domain.errors import Moderated, ProviderError, ReferenceRefused, TaskFailed
from bot.domain.money import Money

_Make = Callable[[str, str, Money | None], ProviderError]


def _moderated(key: str) -> _Make:
    return lambda provider, detail, billed: Moderated(key, provider=provider, detail=detail, billed=billed)


def _failed(key: str | None = None, *, retryable: bool) -> _Make:
    return lambda provider, detail, billed: TaskFailed(
        key, provider=provider, detail=detail, billed=billed, retryable=retryable
    )


def _reference(provider: str, detail: str, billed: Money | None) -> ProviderError:
    return ReferenceRefused(provider=provider, detail=detail, billed=billed)


_CODES: Final[tuple[tuple[str, _Make], ...]] = (
    ("SAFETY.OUTPUT", _moderated("provider.moderated_output")),
    ("SAFETY", _moderated("provider.moderated")),
    ("INPUT_PREPROCESSING.SAFETY", _moderated("provider.moderated")),
    ("INPUT_PREPROCESSING.INTERNAL", _failed(retryable=True)),
    ("INTERNAL.BAD_OUTPUT", _failed("provider.bad_output", retryable=True)),
    ("ASSET", _reference),
    ("THIRD_PARTY.UNAVAILABLE", _failed(retryable=True)),
    ("INTERNAL", _failed(retryable=True)),
)
"""Failure codes by the start of their segments, special ones first (docs.dev.runwayml.com, errors/task-failures)."""

_CODE: Final = re.compile(r"\b(?:SAFETY|INPUT_PREPROCESSING|INTERNAL|ASSET|THIRD_PARTY)(?:\.[A-Z0-9_]+)+")
_MODERATION: Final = re.compile(
    r"nsfw|moderat|safety|content (?:policy|filter)|inappropriate|sensitive content|prohibited|flagged", re.IGNORECASE
)
_LACK: Final = r"(?:insufficient|not enough|not have enough|exhausted|exceed\w*|too low|out of|\bno)"
_MEANS: Final = r"(?:credit|balance|quota|fund)s?"
_FEW_WORDS: Final = r"\W+(?:[\w$.]+\W+){0,3}?"
_CREDITS: Final = re.compile(
    rf"{_LACK}{_FEW_WORDS}{_MEANS}|{_MEANS}{_FEW_WORDS}{_LACK}|spend(?:ing)? limit", re.IGNORECASE
)
_REFERENCE: Final = re.compile(
    r"reference|init_image|(?:fetch|download|load|open|read)\w*\W+(?:\w+\W+){0,2}?(?:image|asset|url|file)"
    r"|invalid (?:asset|image|url|data uri)|unsupported asset|asset",
    re.IGNORECASE,
)
_PASSING: Final = re.compile(
    r"time[d -]*out|try again|temporar|overload|unavailable|internal|server error|HTTP (?:5\d\d|429)|rate limit",
    re.IGNORECASE,
)


def failure(code: str, *, provider: str, billed: Money | None) -> ProviderError:
    """The error for a task that failed with this code."""
    code = code.strip().upper()
    make = next((make for prefix, make in _CODES if under(code, prefix)), _failed(retryable=False))
    return make(provider, f"failure {_printable(code)}", billed)


def failure_text(text: str, *, provider: str, billed: Money | None) -> ProviderError:
    """The error for a task that failed with words instead of a code; the words themselves are told to nobody."""
    code = _CODE.search(text)
    if code is not None:
        return failure(code[0], provider=provider, billed=billed)
    if about_moderation(text):
        return Moderated(provider=provider, detail="failure text on moderation", billed=billed)
    if about_reference(text):
        return ReferenceRefused(provider=provider, detail="failure text on a reference", billed=billed)
    return TaskFailed(provider=provider, detail="failure text", billed=billed, retryable=is_passing(text))


def under(code: str, prefix: str) -> bool:
    """Whether a code is this one or one of those below it."""
    return code == prefix or code.startswith(f"{prefix}.")


def about_moderation(text: str) -> bool:
    """Whether an error's words say that a safety system declined something."""
    return _MODERATION.search(text) is not None


def about_credits(text: str) -> bool:
    """Whether an error's words say that the account has nothing left to spend."""
    return _CREDITS.search(text) is not None


def about_reference(text: str) -> bool:
    """Whether an error's words are about one of the references."""
    return _REFERENCE.search(text) is not None


def is_passing(text: str) -> bool:
    """Whether an error's words are about trouble that may be gone at the next try."""
    return _PASSING.search(text) is not None


def _printable(code: str) -> str:
    """A code as it may stand in a log: it comes from outside."""
    return re.sub(r"[^A-Z0-9_.]", "?", code)[:60]
