"""What ModelsLab's refusals mean in the bot's error tree: what the body says counts before the HTTP status."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from bot.domain.errors import PollFailed, ProviderError, ProviderMisconfigured, RateLimited
from bot.providers.failures import failure_text, is_passing
from bot.providers.fetching import Answer
from bot.providers.modelslab_facts import NAME
from bot.providers.modelslab_wire import Reply
from bot.providers.refusals import bad_request, poll_refusal, submit_refusal, upload_refusal

QUEUE_RETRY: Final = 30.0
"""Seconds to wait when the queue is full and no wait is named (docs.modelslab.com, rate-limits, names this one)."""

_TOO_MANY: Final = re.compile(r"rate limit|queued requests|too many requests", re.IGNORECASE)
_ACCOUNT: Final = re.compile(r"api.?key|model not found|invalid model|subscri|upgrade|your plan", re.IGNORECASE)
_UNKNOWN_TASK: Final = re.compile(r"not found|invalid (?:request )?id|no such|does not exist", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer with its body read, as far as it can be."""

    answer: Answer
    reply: Reply
    retry_in: float | None

    @property
    def text(self) -> str:
        """The service's words, or the beginning of a page that it sent instead."""
        return self.reply.text or self.answer.body[:4096].decode("utf-8", "replace")

    @property
    def limited(self) -> bool:
        """Whether it says that too much was asked."""
        return self.answer.status == 429 or (self.reply.kind == "error" and _TOO_MANY.search(self.text) is not None)

    @property
    def unknown_task(self) -> bool:
        """Whether it says that there is no such task."""
        if self.answer.status == 404:
            return True
        said = self.answer.ok and self.reply.kind == "error" and _UNKNOWN_TASK.search(self.text) is not None
        return said and _ACCOUNT.search(self.text) is None

    def rate_limited(self) -> RateLimited:
        """The error for a full queue."""
        wait = QUEUE_RETRY if self.retry_in is None else self.retry_in
        return RateLimited(provider=NAME, detail=f"HTTP {self.answer.status}", retry_in=wait)


def read(answer: Answer, now: float) -> Told:
    """The answer with its body; the wait asked for stands in the body or in the headers."""
    try:
        reply = Reply.model_validate_json(answer.body)
    except ValidationError:
        reply = Reply()
    return Told(answer, reply, reply.retry_after if reply.retry_after is not None else answer.retry_after(now))


def submit_error(told: Told) -> ProviderError:
    """The error for a submission that was answered with neither a task nor pictures."""
    if told.limited:
        return told.rate_limited()
    if not told.answer.ok:
        return submit_refusal(told.answer.status, told.text, provider=NAME, retry_in=told.retry_in)
    if told.reply.kind in {"error", "failed"}:
        return _refused(told)
    return submit_refusal(0, "", provider=NAME)


def upload_error(told: Told) -> ProviderError:
    """The error for a reference that was not taken."""
    if told.limited:
        return told.rate_limited()
    if told.answer.ok and told.reply.kind in {"error", "failed"}:
        if _ACCOUNT.search(told.text):
            return ProviderMisconfigured(provider=NAME, detail="upload refused")
        return upload_refusal(400, told.text, provider=NAME)
    return upload_refusal(told.answer.status, told.text, provider=NAME, retry_in=told.retry_in)


def poll_error(told: Told) -> ProviderError:
    """The error for a state that is none: the task failed, or it cannot be told now. A missing task is the caller's."""
    if told.limited:
        return told.rate_limited()
    if told.reply.kind == "failed":
        return failure_text(told.text, provider=NAME, billed=None)
    if not told.answer.ok:
        return poll_refusal(told.answer.status, told.text, provider=NAME, retry_in=told.retry_in)
    if told.reply.kind == "error":
        if _ACCOUNT.search(told.text):
            return ProviderMisconfigured(provider=NAME, detail="state refused")
        return failure_text(told.text, provider=NAME, billed=None)
    return PollFailed(provider=NAME, detail=f"HTTP {told.answer.status} without a state")


def _refused(told: Told) -> ProviderError:
    """The error for an answer with 200 that says no."""
    detail = f"HTTP {told.answer.status} with an error"
    if _ACCOUNT.search(told.text):
        return ProviderMisconfigured(provider=NAME, detail=detail)
    if is_passing(told.text):
        return failure_text(told.text, provider=NAME, billed=None)
    return bad_request(told.text, provider=NAME, detail=detail)
