"""The protocol every image service is spoken to through, and the values that cross it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, runtime_checkable

from bot.domain.capabilities import ProviderFacts
from bot.domain.money import Money
from bot.domain.references import Copy
from bot.domain.shapes import Model, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFile:
    """A cleaned reference picture on its way to a service.

    `link` is where the person's own file can be opened, for services that take nothing else; it may have expired. There
    is none to a file that holds more than the picture, such as where a photo was taken.
    `width` and `height` are 0 where they are not known.
    """

    tag: str
    content: bytes = field(repr=False)
    media_type: str
    sha256: str
    link: str | None = field(default=None, repr=False)
    width: int = 0
    height: int = 0

    def changed(self, *, content: bytes, copy: Copy) -> ReferenceFile:
        """The same reference with another picture."""
        return replace(
            self,
            content=content,
            media_type=copy.media_type,
            sha256=copy.sha256,
            width=copy.width,
            height=copy.height,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SentReference:
    """A reference in the form the service takes: an upload's URI, a link, or a data URI. Never logged.

    `expires_at` (epoch seconds) is set when the same `uri` may be used again until then.
    """

    tag: str
    uri: str = field(repr=False)
    expires_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One paid submission. `seed` is `None` when the service takes none."""

    prompt: str = field(repr=False)
    model: Model
    size: Size
    seed: int | None
    references: tuple[SentReference, ...] = ()
    moderation: Literal["auto", "low"] | None = None
    """How strict the service is to be about public figures; `None` leaves it to the operator's setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemotePicture:
    """A finished picture at the service: a link that expires, or its bytes."""

    url: str | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The task goes on. `progress` is 0 to 1; `throttled` means that it waits for a free place and is not running."""

    task_id: str
    progress: float | None = None
    running: bool = False
    throttled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The task ended with pictures. `cost` is what the service says it billed, `None` when it does not say."""

    task_id: str
    pictures: tuple[RemotePicture, ...]
    cost: Money | None = None


TaskState = Pending | Done


class Provider(Protocol):
    """An image service. Every method raises `bot.domain.errors.ProviderError`s and nothing else."""

    @property
    def facts(self) -> ProviderFacts:
        """What its models can do and cost, with the operator's overrides applied."""
        ...

    async def prepare(self, reference: ReferenceFile) -> SentReference:
        """Bring one reference into the form that `submit` takes. Free; safe to repeat."""
        ...

    async def submit(self, order: Order) -> TaskState:
        """Send the paid request, once.

        Raises:
            NotStarted: certain that nothing started; may be repeated after `retry_in`.
            SubmissionUnknown: it may have started; must not be repeated.
            ProviderError: any other; nothing started.
        """
        ...

    async def poll(self, task_id: str) -> TaskState:
        """Ask for a task's state. Safe to repeat, also after a restart: `task_id` is all it needs.

        Raises:
            PollFailed, RateLimited: ask again later.
            Moderated, TaskFailed, TaskCancelled, TaskVanished: it ended without a picture.
        """
        ...

    async def cancel(self, task_id: str) -> TaskState:
        """Ask the service to stop a task. Safe to repeat.

        Returns:
            The state, when it is too late to stop it or the service cannot.

        Raises:
            TaskCancelled: it was stopped; `billed` tells what the service keeps.
        """
        ...

    async def download(self, picture: RemotePicture) -> bytes:
        """Fetch a finished picture, complete and below the size cap. Safe to repeat.

        Raises:
            OutputUnavailable: the link is dead or what came is damaged; `poll` may give a fresh one.
        """
        ...


@runtime_checkable
class History(Protocol):
    """A service that lists its past tasks (`facts.history`)."""

    async def find(self, order: Order, *, since: float) -> TaskState | None:
        """The task that a submission of unknown fate started, or `None` when there is none. Safe to repeat.

        `since` is when the submission began (epoch seconds). Only a task that can be no other counts.

        Raises:
            PollFailed, RateLimited: ask again later.
        """
        ...


@runtime_checkable
class Billing(Protocol):
    """A service that tells what it billed for its tasks."""

    async def most_billed(self, order: Order, *, since: float) -> Money | None:
        """The most that a submission of unknown fate can have been billed, `None` when that cannot be told yet.

        `since` is when the submission began (epoch seconds). Free; safe to repeat.

        Raises:
            PollFailed, RateLimited: ask again later.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a service says about the operator's account; `None` where it does not say.

    `balance` is what is left to spend, `concurrency` the tasks that may run at once, `submits_per_minute` and
    `submits_today` the limits on submissions, `submitted_today` how many of those are used.
    """

    balance: Money | None = None
    concurrency: int | None = None
    submits_per_minute: int | None = None
    submits_today: int | None = None
    submitted_today: int | None = None


@runtime_checkable
class Accounting(Protocol):
    """A service that can be asked about the operator's account."""

    async def account(self) -> Account:
        """Ask for it. Free; safe to repeat.

        Raises:
            ProviderMisconfigured: the key is not accepted.
            ProviderError: no answer that can be read.
        """
        ...


Providers = Mapping[str, Provider]
"""The enabled services by name."""
