"""What statuses mean at services that pass Runway's models on: unlike at Runway, no 5xx proves that nothing started."""

from __future__ import annotations

from typing import Final

from bot.domain.errors import (
    Moderated,
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
from bot.providers.failures import about_credits, about_moderation, about_reference

DEFAULT_RETRY: Final = 10.0
"""Seconds to wait after a 429 that names no wait."""


def refusal(status: int, text: str, *, provider: str, retry_in: float | None = None) -> ProviderError | None:
    """The error for an answer that says that nothing was started, `None` for one that does not tell.

    `text` is the service's own words, which are told to nobody.
    """
    detail = f"HTTP {status}"
    match status:
        case 402:
            return OutOfCredits(provider=provider, detail=detail)
        case 401:
            return ProviderMisconfigured(provider=provider, detail=detail)
        case 403:
            empty = about_credits(text)
            return (OutOfCredits if empty else ProviderMisconfigured)(provider=provider, detail=detail)
        case 429:
            wait = DEFAULT_RETRY if retry_in is None else retry_in
            return RateLimited(provider=provider, detail=detail, retry_in=wait)
        case 413:
            return ReferenceRefused("provider.reference_too_large", provider=provider, detail=detail)
        case 400 | 406 | 411 | 415 | 422:
            return bad_request(text, provider=provider, detail=detail)
        case 301 | 302 | 303 | 307 | 308 | 404 | 405 | 410:
            # No such address: another host than the service's is asked, or the model is gone.
            return ProviderMisconfigured(provider=provider, detail=detail)
        case _:
            return None


def bad_request(text: str, *, provider: str, detail: str) -> ProviderError:
    """The error for a request that was not taken, by the service's words."""
    if about_credits(text):
        return OutOfCredits(provider=provider, detail=detail)
    if about_moderation(text):
        return Moderated(provider=provider, detail=detail)
    if about_reference(text):
        return ReferenceRefused(provider=provider, detail=detail)
    return RequestRefused(provider=provider, detail=detail)


def no_task(text: str, *, provider: str, detail: str) -> ProviderError:
    """The error for a submission that was answered with a 2xx without a task: only words that say so mean a refusal."""
    error = bad_request(text, provider=provider, detail=detail)
    return SubmissionUnknown(provider=provider, detail=detail) if isinstance(error, RequestRefused) else error


def submit_refusal(status: int, text: str, *, provider: str, retry_in: float | None = None) -> ProviderError:
    """The error for a submission that was not taken, or perhaps was."""
    error = refusal(status, text, provider=provider, retry_in=retry_in)
    return error or SubmissionUnknown(provider=provider, detail=f"HTTP {status}")


def upload_refusal(status: int, text: str, *, provider: str, retry_in: float | None = None) -> ProviderError:
    """The error for a reference that was not taken."""
    error = refusal(status, text, provider=provider, retry_in=retry_in)
    if isinstance(error, RequestRefused | Moderated):
        return ReferenceRefused(provider=provider, detail=f"upload: HTTP {status}")
    return error or ProviderUnavailable(provider=provider, detail=f"upload: HTTP {status}")


def poll_refusal(status: int, text: str, *, provider: str, retry_in: float | None = None) -> ProviderError:
    """The error for a state or a balance that was not told."""
    if status in {401, 403, 429}:
        error = refusal(status, text, provider=provider, retry_in=retry_in)
        if error is not None:
            return error
    return PollFailed(provider=provider, detail=f"HTTP {status}", retry_in=retry_in)
