"""What Segmind's answers mean in the bot's error tree. Only what is answered with a 200 is billed there."""

from __future__ import annotations

from bot.domain.errors import ProviderError, SubmissionUnknown
from bot.domain.money import FREE
from bot.providers.failures import failure_text
from bot.providers.fetching import Answer
from bot.providers.refusals import no_task, poll_refusal, submit_refusal, upload_refusal
from bot.providers.segmind_facts import NAME
from bot.providers.segmind_wire import error_text, reset_wait, status_of
from bot.providers.wire import words_of


def submit_error(answer: Answer, now: float) -> ProviderError:
    """The error for a submission that gave neither a task nor a picture."""
    if answer.ok:
        return no_task(words_of(answer), provider=NAME, detail=f"HTTP {answer.status} without a task")
    if status_of(answer) == "FAILED":
        return task_failure(error_text(answer))
    error = submit_refusal(answer.status, words_of(answer), provider=NAME, retry_in=reset_wait(answer, now))
    if not isinstance(error, SubmissionUnknown):
        error.billed = FREE
    return error


def upload_error(answer: Answer, now: float) -> ProviderError:
    """The error for a reference that was not taken."""
    return upload_refusal(answer.status, words_of(answer), provider=NAME, retry_in=reset_wait(answer, now))


def poll_error(answer: Answer, now: float) -> ProviderError:
    """The error for a state that was not told; a 404 is the caller's to judge."""
    return poll_refusal(answer.status, words_of(answer), provider=NAME, retry_in=reset_wait(answer, now))


def task_failure(text: str) -> ProviderError:
    """The error for a task that ended as failed."""
    return failure_text(text, provider=NAME, billed=FREE)
