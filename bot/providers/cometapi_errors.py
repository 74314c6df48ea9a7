"""What CometAPI's answers mean in the bot's error tree."""

from __future__ import annotations

from typing import Final

from bot.domain.errors import Moderated, OutOfCredits, ProviderError, RequestRefused
from bot.providers.cometapi_facts import NAME
from bot.providers.cometapi_wire import Told, error_code
from bot.providers.failures import about_credits, failure, failure_text
from bot.providers.fetching import Answer
from bot.providers.refusals import bad_request, no_task, poll_refusal, submit_refusal
from bot.providers.wire import words_of

_MALFORMED: Final = frozenset({"invalid_request", "reference_images_empty"})
"""Error codes of a request that is wrong in itself, whatever the status (apidoc.cometapi.com, errors)."""
_ACCOUNT: Final = frozenset({400, 401, 402, 403, 429})
"""Statuses under which an empty account may come; which one is not documented."""


def submit_error(answer: Answer, now: float) -> ProviderError:
    """The error for a submission that gave no task; a 2xx is here when it holds no id."""
    words, detail = words_of(answer), f"HTTP {answer.status}"
    if "reference_images_empty" in words:
        return RequestRefused("refused.needs_references", provider=NAME, detail=f"{detail} reference_images_empty")
    if answer.status in _ACCOUNT and about_credits(words):
        return OutOfCredits(provider=NAME, detail=detail)
    if error_code(answer) in _MALFORMED:
        # This comes as a 500, too, where it must not be taken for a fault that passes.
        return bad_request(words, provider=NAME, detail=detail)
    if answer.ok:
        return no_task(words, provider=NAME, detail=f"{detail} without a task id")
    return submit_refusal(answer.status, words, provider=NAME, retry_in=answer.retry_after(now))


def poll_error(answer: Answer, now: float) -> ProviderError:
    """The error for a state that was not told."""
    words = words_of(answer)
    if answer.status in _ACCOUNT - {400} and about_credits(words):
        return OutOfCredits(provider=NAME, detail=f"HTTP {answer.status}")
    return poll_refusal(answer.status, words, provider=NAME, retry_in=answer.retry_after(now))


def task_failure(told: Told) -> ProviderError:
    """The error for a failed task. What CometAPI bills for it, it does not say."""
    if told.failure_code:
        return failure(told.failure_code, provider=NAME, billed=None)
    if told.failure:
        return failure_text(told.failure, provider=NAME, billed=None)
    # "Failed with no error message: the prompt triggered the content filter" (cometapi.com, blog on video APIs).
    return Moderated(provider=NAME, detail="failure without a word", billed=None)
