"""What the services need from outside: somebody who shows things to people, and somebody who fetches files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from bot.domain.errors import Refused
from bot.domain.job import Job, Output, RequestRecord
from bot.domain.quota import Allowance
from bot.store.database import Transaction

Clock = Callable[[], float]
"""UTC epoch seconds."""

Fetch = Callable[[str, BinaryIO], Awaitable[None]]
"""Fetches a person's file by its link into an open file, within the operator's rules. Raises `Refused` with the reason.

Every link that came from outside goes through here, whoever gave it.
"""

Refresh = Callable[[str], Awaitable[str | None]]
"""Gives a fresh link for one to a file at the chat system that has expired; `None` when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a request stands in the line: `position` 1 is next, 0 means that it is being worked on.

    `wait` is the expected time in seconds until its pictures are there.
    """

    position: int
    wait: float
    progress: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """Everything a card shows while its request is under way."""

    record: RequestRecord
    standing: Standing
    allowance: Allowance | None
    cancelling: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A finished picture on its way to people. `reencoded` tells that it was made smaller for the place's limit."""

    job: Job
    output: Output
    content: bytes = field(repr=False)
    media_type: str
    reencoded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How one job of a request ended without a picture, as a sentence's key with its values."""

    job: Job
    key: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detour:
    """Why a result does not stand where it belongs: that channel, and the sentence of what went wrong there."""

    channel_id: int
    key: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a request came to: its pictures in order, and how the others ended."""

    record: RequestRecord
    pictures: tuple[Picture, ...]
    endings: tuple[Ending, ...]
    detour: Detour | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A result's message. The channel is a new thread where a message can only stand in one of its own."""

    channel_id: int
    message_id: int


class Presenter(Protocol):
    """Shows a request's life to the people of one chat system. All methods are safe to repeat."""

    async def update_card(self, view: CardView) -> bool:
        """Show wait and progress on the card. Best effort: what cannot be shown is skipped.

        Returns:
            Whether the card can be edited again.
        """
        ...

    async def open_place(self, record: RequestRecord) -> int | None:
        """Open the thread that the result goes to, once however often it is called.

        Returns:
            The thread's id; `None` when the result goes where the card is.

        Raises:
            DeliveryFailed: no thread can be opened there, or Discord cannot be reached now (`retry`).
        """
        ...

    async def parent_of(self, record: RequestRecord) -> int | None:
        """The channel around the thread in which a request was made."""
        ...

    async def direct_channel(self, record: RequestRecord) -> int | None:
        """The channel of the direct messages with the requester.

        Raises:
            DeliveryFailed: there can be none, or Discord cannot be reached now (`retry`).
        """
        ...

    async def find_result(self, record: RequestRecord, channel_id: int) -> Posted | None:
        """Look for a result message that was posted in this channel but not recorded.

        Raises:
            DeliveryFailed: Discord cannot be reached now (`retry`).
        """
        ...

    async def post_result(self, result: Result, channel_id: int) -> Posted:
        """Post the pictures; repeated within minutes of a first try it gives the first message.

        Raises:
            DeliveryFailed: the place is gone or closed, the pictures are `too_large`, or Discord cannot be reached now
                (`retry`).
        """
        ...

    async def close_card(self, result: Result) -> None:
        """Turn the card into what came of it: a pointer to the result, or the sentence that says why there is none.

        Pictures without a result message could not be posted anywhere, for the reason in `detour`.

        Raises:
            DeliveryFailed: Discord cannot be reached now (`retry`).
        """
        ...

    async def find_card(self, record: RequestRecord) -> int | None:
        """The id of the card that answered the request's interaction, or `None` when there was no answer."""
        ...

    async def delete_result(self, record: RequestRecord) -> None:
        """Take the result's message down and say so on the card; what is gone already is done.

        Raises:
            DeliveryFailed: it cannot be reached any more, or Discord cannot be reached now (`retry`).
        """
        ...

    def upload_limit(self, record: RequestRecord) -> int:
        """How many bytes one picture may have where the result goes."""
        ...


class Once(Protocol):
    """Something that may become one request only, asked inside the transaction that accepts it."""

    async def earlier(self, tx: Transaction) -> RequestRecord | None:
        """The request it became already."""
        ...

    async def done(self, tx: Transaction, record: RequestRecord) -> None:
        """It became this request."""
        ...


class Steps(Protocol):
    """Told of each step of a job as it is reached; tests stop the process there."""

    async def reached(self, step: str) -> None:
        """Called right after the step named, before anything else happens."""
        ...


class NoSteps:
    """The way of production: nobody listens."""

    async def reached(self, step: str) -> None:
        """Do nothing."""


STEPS = (
    "held",
    "card_sent",
    "answered",
    "claimed",
    "references_ready",
    "submitting",
    "submitted",
    "task_recorded",
    "polled",
    "downloaded",
    "stored",
    "settled",
    "thread_opened",
    "thread_recorded",
    "posting",
    "posted",
    "post_recorded",
    "card_closed",
    "delivered",
)
"""Every named step of a job, in order; the tests end the process at each of them."""


def refusal(error: Refused) -> tuple[str, dict[str, object]]:
    """Key and values of a refusal, to be kept with a job."""
    return error.key, error.values
