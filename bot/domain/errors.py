"""The error tree: every failure that the bot knows, told apart by what can be done about it.

AtelierError                     key + values: the sentence for the person; detail: the text for the log
├── Refused                      the person's to mend; nothing was held, or the hold was released
│   ├── InvalidRequest           an option, flag or prompt that cannot be used
│   ├── UnusableImage            a file that is no picture we can read
│   ├── QuotaExceeded            allowance, cooldown or waiting line is used up
│   ├── NotAllowed               a right of the person or of the bot is missing
│   └── NotFound                 what was asked for does not exist (any more)
├── ProviderError                an image service said no or said nothing; `billed` tells what it kept
│   ├── NotStarted               certain that nothing started: the same step may be repeated
│   │   ├── RateLimited          asked to wait `retry_in` seconds
│   │   └── ProviderUnavailable  no connection, or load shedding that is documented as "not accepted"
│   ├── ProviderMisconfigured    key or account is not accepted; the operator must act
│   ├── OutOfCredits             the operator's account is empty
│   ├── RequestRefused           the service does not take this request
│   ├── ReferenceRefused         the service does not take one of the references
│   ├── Moderated                prompt, reference or picture was declined by the service's safety system
│   ├── TaskFailed               the task ended without a picture; `retryable` when a second try makes sense
│   ├── TaskCancelled            the task was stopped on request
│   ├── TaskVanished             the service no longer knows the task
│   ├── SubmissionUnknown        it may or may not have started, and may be billed: never repeated
│   ├── PollFailed               asking for the state failed; asking again is free
│   └── OutputUnavailable        the picture exists but could not be fetched (yet)
├── DeliveryFailed               Discord does not take the message in this place
├── StorageUnavailable           database or disk cannot be written now (full, locked)
├── BackupFailed                 there is no backup; the database is as it was
├── StaleAttempt                 another process took the job over; whoever sees this must stop without a trace
└── ConfigError                  the settings cannot be used: exit status 78
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from bot.domain.money import Money


class AtelierError(Exception):
    """A failure with a sentence for people (`key`, `values`) and a text for the log (`detail`)."""

    default_key: ClassVar[str] = "error.internal"

    def __init__(self, key: str | None = None, /, *, detail: str = "", **values: object) -> None:
        self.key = key or self.default_key
        self.values: dict[str, object] = values
        self.detail = detail
        super().__init__(detail or f"{self.key} {values}" if values else detail or self.key)


class Refused(AtelierError):
    """The person can mend it; nothing was charged."""


class InvalidRequest(Refused):
    """An option, flag or prompt that cannot be used as it is."""

    default_key = "refused.request"


class UnusableImage(Refused):
    """A file that is not a picture we can read, or one outside the limits."""

    default_key = "image.unreadable"


class QuotaExceeded(Refused):
    """The person's allowance, cooldown or waiting line is used up."""

    default_key = "refused.quota"


class NotAllowed(Refused):
    """A right of the person or a permission of the bot is missing."""

    default_key = "refused.permission"


class NotFound(Refused):
    """What was asked for does not exist any more."""

    default_key = "refused.not_found"


class ProviderError(AtelierError):
    """An image service said no, or said nothing.

    `billed` is what the service kept: an amount when it said so, `None` when it did not say.
    `retry_in` is the wait in seconds that it asked for.
    """

    default_key = "provider.failed"

    def __init__(
        self,
        key: str | None = None,
        /,
        *,
        provider: str,
        detail: str = "",
        billed: Money | None = None,
        retry_in: float | None = None,
        **values: object,
    ) -> None:
        super().__init__(key, detail=f"{provider}: {detail}" if detail else provider, **values)
        self.provider = provider
        self.billed = billed
        self.retry_in = retry_in


class NotStarted(ProviderError):
    """Certain that nothing started: the same step may be repeated after `retry_in`."""

    default_key = "provider.unreachable"


class RateLimited(NotStarted):
    """The service asked to wait."""

    default_key = "provider.busy"


class ProviderUnavailable(NotStarted):
    """No connection, or an answer that is documented to mean "not accepted"."""

    default_key = "provider.unreachable"


class ProviderMisconfigured(ProviderError):
    """Key or account is not accepted; only the operator can mend it."""

    default_key = "provider.misconfigured"


class OutOfCredits(ProviderError):
    """The operator's account at the service is empty."""

    default_key = "provider.out_of_credits"


class RequestRefused(ProviderError):
    """The service does not take this request; repeating it changes nothing."""

    default_key = "provider.refused"


class ReferenceRefused(ProviderError):
    """The service does not take one of the references."""

    default_key = "provider.reference_refused"


class Moderated(ProviderError):
    """The service's safety system declined prompt, reference or picture; never repeated by itself."""

    default_key = "provider.moderated"


class TaskFailed(ProviderError):
    """The task ended without a picture."""

    def __init__(
        self,
        key: str | None = None,
        /,
        *,
        provider: str,
        detail: str = "",
        billed: Money | None = None,
        retry_in: float | None = None,
        retryable: bool = False,
        **values: object,
    ) -> None:
        super().__init__(key, provider=provider, detail=detail, billed=billed, retry_in=retry_in, **values)
        self.retryable = retryable


class TaskCancelled(ProviderError):
    """The task was stopped on request; `billed` tells what the service kept all the same."""

    default_key = "job.cancelled"


class TaskVanished(ProviderError):
    """The service no longer knows the task; whether it billed is unknown."""

    default_key = "provider.vanished"


class SubmissionUnknown(ProviderError):
    """The paid request may have started and may be billed: it is never sent again."""

    default_key = "provider.unknown"


class PollFailed(ProviderError):
    """Asking for the state of a task failed; asking again is free."""

    default_key = "provider.unreachable"


class OutputUnavailable(ProviderError):
    """The picture was made but could not be fetched, or what came is no picture."""

    default_key = "provider.output_unavailable"


class DeliveryFailed(AtelierError):
    """Discord does not take the message in this place; the sentence says why, as far as people care.

    `retry` tells whether a later try can succeed, `too_large` whether smaller pictures can.
    """

    default_key = "place.refused"

    def __init__(
        self, key: str | None = None, /, *, retry: bool, detail: str = "", too_large: bool = False, **values: object
    ) -> None:
        super().__init__(key, detail=detail, **values)
        self.retry = retry
        self.too_large = too_large


class Trouble(StrEnum):
    """Why storage cannot be written."""

    FULL = "full"
    LOCKED = "locked"
    UNAVAILABLE = "unavailable"


class StorageUnavailable(AtelierError):
    """Database or disk cannot be written now; nothing was changed, and it may work again later."""

    default_key = "storage.unavailable"


class BackupFailed(AtelierError):
    """There is no backup, or not a good one; the database is as it was."""

    default_key = "backup.failed"


class StaleAttempt(AtelierError):
    """Another process took the job over; whoever sees this stops at once and leaves no trace."""


class ConfigError(AtelierError):
    """The settings cannot be used; one line for the operator, exit status 78."""

    default_key = "config.unusable"
