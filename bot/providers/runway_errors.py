"""What Runway's HTTP statuses and failure codes mean in the bot's error tree."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from bot.domain.errors import (
    OutOfCredits,
    PollFailed,
    ProviderError,
    ProviderMisconfigured,
    ProviderUnavailable,
    RateLimited,
    ReferenceRefused,
    RequestRefused,
    SubmissionUnknown,
)
from bot.domain.money import Money
from bot.providers.failures import failure, under
from bot.providers.fetching import Answer
from bot.providers.runway_facts import NAME
from bot.providers.runway_wire import Issue, Refusal, Task

DEFAULT_RETRY: Final = 10.0
"""Seconds to wait after a 429 that names no wait."""

_FIELDS: Final = frozenset({"promptText", "ratio", "seed", "model", "contentModeration"})
_ASSET_WORDS: Final = ("asset", "data uri", "invalid url", "only https urls", "urls must be hosted", "referenceimages")
"""Parts of the 400 texts about references (docs.dev.runwayml.com, errors/troubleshooting), in small letters."""


def task_failure(task: Task, price: Money | None) -> ProviderError:
    """The error for a failed task; `price` is what it was estimated to cost, where that is known."""
    code = (task.failure_code or "INTERNAL").strip().upper()
    billed = task.cost
    if billed is None and under(code, "SAFETY"):
        # "Moderated generations have the same credit cost as successful generations" (api-details/moderation).
        billed = price
    return failure(code, provider=NAME, billed=billed)


def refused(answer: Answer, now: float) -> ProviderError | None:
    """The error for statuses that mean the same wherever they come: nothing was started. `None` for the others."""
    detail = f"HTTP {answer.status}"
    match answer.status:
        case 400 | 422:
            return _bad_request(answer)
        case 402:
            return OutOfCredits(provider=NAME, detail=detail)
        case 401 | 403:
            return ProviderMisconfigured(provider=NAME, detail=detail)
        case 413:
            return ReferenceRefused("provider.reference_too_large", provider=NAME, detail=detail)
        case 429:
            return RateLimited(provider=NAME, detail=detail, retry_in=_wait(answer, now))
        case _:
            return None


def submit_error(answer: Answer, now: float) -> ProviderError:
    """The error for a submission that was not answered with a 2xx."""
    known = refused(answer, now)
    if known is not None:
        return known
    detail = f"HTTP {answer.status}"
    if answer.status in {502, 503}:
        # Load shedding, documented as "not accepted" (errors/errors); a 504 is not.
        return ProviderUnavailable(provider=NAME, detail=detail, retry_in=answer.retry_after(now))
    if 300 <= answer.status < 400 or answer.status in {404, 405, 410}:
        # No such address: another host than Runway's is asked.
        return ProviderMisconfigured(provider=NAME, detail=detail)
    return SubmissionUnknown(provider=NAME, detail=detail)


def upload_error(answer: Answer, now: float) -> ProviderError:
    """The error for an upload place that was not given."""
    error = refused(answer, now)
    if isinstance(error, RequestRefused):
        return ReferenceRefused(provider=NAME, detail=error.detail)
    return error or ProviderUnavailable(provider=NAME, detail=f"upload: HTTP {answer.status}")


def poll_error(answer: Answer, now: float) -> ProviderError:
    """The error for a state that was not told; a 404 is the caller's to judge."""
    if answer.status in {401, 403, 429}:
        known = refused(answer, now)
        if known is not None:
            return known
    return PollFailed(provider=NAME, detail=f"HTTP {answer.status}", retry_in=answer.retry_after(now))


def _wait(answer: Answer, now: float) -> float:
    asked = answer.retry_after(now)
    return DEFAULT_RETRY if asked is None else asked


def _bad_request(answer: Answer) -> ProviderError:
    try:
        refusal = Refusal.model_validate_json(answer.body)
    except ValidationError:
        refusal = Refusal()
    detail = f"HTTP {answer.status}"
    if b"not have enough credits" in answer.body.lower():
        # There is no 402: an empty account comes as a 400 with this text.
        return OutOfCredits(provider=NAME, detail=detail)
    position = _reference_position(refusal.issues)
    if position is not None:
        return ReferenceRefused(provider=NAME, detail=f"{detail} referenceImages", position=position)
    field = next((str(i.path[0]) for i in refusal.issues if i.path and i.path[0] in _FIELDS), "")
    texts = " ".join([refusal.error or "", *(issue.message or "" for issue in refusal.issues)]).casefold()
    if not field and any(word in texts for word in _ASSET_WORDS):
        return ReferenceRefused(provider=NAME, detail=f"{detail} asset", position=0)
    return RequestRefused(provider=NAME, detail=f"{detail} {field}".strip(), field=field)


def _reference_position(issues: list[Issue]) -> int | None:
    """Which reference (counted from 1, 0 for all) the issues are about, `None` when about something else."""
    for issue in issues:
        if issue.path and issue.path[0] == "referenceImages":
            index = issue.path[1] if len(issue.path) > 1 else None
            return index + 1 if isinstance(index, int) and 0 <= index < 3 else 0
    return None
