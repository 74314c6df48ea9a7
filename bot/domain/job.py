"""Requests and jobs as the bot keeps them: who asked, where, in what state, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from bot.domain.money import FREE, Money
from bot.domain.privacy import is_pseudonym
from bot.domain.request import ImageRequest
from bot.domain.shapes import Size

RequestId = NewType("RequestId", int)
JobId = NewType("JobId", int)

NO_GUILD = 0
"""The guild id of requests made in direct messages or on the command line."""


DEFAULT_FILE_LIMIT = 10 * 1024 * 1024
"""Bytes that a file may have in a server without boosts (Discord's docs, "Uploading Files")."""


class JobState(StrEnum):
    """Where a job is in its life. The order is the order of the steps."""

    WAITING = "waiting"  #: held and in line; nothing was sent
    PREPARING = "preparing"  #: references are fetched, cleaned and uploaded; nothing paid was sent
    SUBMITTING = "submitting"  #: the paid request is about to be sent or was sent; its answer is not recorded
    RUNNING = "running"  #: the provider's task is known and asked for
    FETCHING = "fetching"  #: the picture is made and being downloaded
    SUCCEEDED = "succeeded"  #: picture stored, charged
    FAILED = "failed"  #: ended without a picture; hold released, or charged when the provider billed
    CANCELLED = "cancelled"  #: stopped on request
    LOST = "lost"  #: the fate of the submission is unknown; hold released, cost booked to the operator

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to the job."""
        return self in ENDED

    @property
    def started(self) -> bool:
        """Whether somebody works on it now."""
        return self in STARTED


ENDED = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.LOST})
STARTED = frozenset({JobState.PREPARING, JobState.SUBMITTING, JobState.RUNNING, JobState.FETCHING})


class Action(StrEnum):
    """How a request came about; with the parent it tells a second press of the same button."""

    IMAGINE = "imagine"
    REROLL = "reroll"
    RATIO = "ratio"
    FINER = "finer"
    EDIT = "edit"
    VARIATIONS = "variations"
    ENHANCED = "enhanced"  #: like `IMAGINE`, with an enhanced prompt in place of the person's own
    COMMAND_LINE = "command_line"

    @property
    def repeats(self) -> bool:
        """Whether it makes the parent's very request again: its prompt's names mean what they meant there."""
        return self in {Action.REROLL, Action.RATIO, Action.FINER, Action.VARIATIONS}


class PlaceKind(StrEnum):
    """Where a request was made, which decides where its pictures go."""

    CHANNEL = "channel"
    THREAD = "thread"
    DIRECT = "direct"
    COMMAND_LINE = "command_line"


class Delivery(StrEnum):
    """Where the pictures of a request are on their way to the person."""

    PENDING = "pending"  #: not all of its jobs have ended, or the post is still to come
    DELIVERED = "delivered"  #: result (or the sentence that says why there is none) was shown
    UNDELIVERABLE = "undeliverable"  #: no place is left to show it; pictures are kept
    WITHDRAWN = "withdrawn"  #: the person never got an answer, so nothing was made


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Who asks, as far as rules care. `guild_id` is `NO_GUILD` outside servers."""

    user_id: int
    guild_id: int = NO_GUILD
    role_ids: tuple[int, ...] = ()
    moderator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the answer stands. `in_place` posts the result next to the card instead of in a thread of its own.

    `parent_id` is the channel that a thread belongs to, `file_limit` how many bytes a file may have there.
    """

    kind: PlaceKind
    channel_id: int = 0
    in_place: bool = True
    parent_id: int | None = None
    file_limit: int = DEFAULT_FILE_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """All that is written when a request is accepted.

    `interaction_id` makes accepting repeatable: the second time gives the same record. `interaction_token` is
    Discord's, good for 15 minutes; never logged. `provider_chosen` tells that the person named the provider, so that no
    other one is asked.
    """

    request: ImageRequest
    requester: Requester
    place: Place
    action: Action
    interaction_id: int | None
    interaction_token: str | None
    parent_id: RequestId | None
    provider: str
    size: Size
    price: Money
    seed_sent: bool
    notes: tuple[str, ...]
    at_once: int
    created_at: float
    provider_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One picture to be made: one paid submission. Times are UTC epoch seconds.

    `provider`, `size`, `seed_sent` and `notes` (keys of sentences on what was changed) are this picture's own: a job
    may have gone to another service than the others of its request.

    `failure_key` and `failure_values` are the sentence that says why it ended; the values come back from the store as
    JSON has them (text, numbers, lists), amounts and enumerations as their text.
    """

    id: JobId
    request_id: RequestId
    position: int
    state: JobState
    attempt: int
    provider: str
    size: Size
    seed: int
    price: Money
    task_id: str | None = None
    progress: float | None = None
    retries: int = 0
    submit_started_at: float | None = None
    submitted_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    cancel_requested_by: int | None = None
    last_progress_at: float | None = None
    failure_key: str | None = None
    failure_values: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    charged: Money = FREE
    billed_by_provider: bool = False
    seed_sent: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEntry:
    """One job that runs or waits, as people see it in the line.

    `place` is 1 for the next one to run at its provider, 0 for those that run.
    `has_token` tells that an interaction asked for it, whose token may still be good.
    """

    job_id: JobId
    request_id: RequestId
    position: int
    user_id: int
    guild_id: int
    provider: str
    state: JobState
    created_at: float
    place: int = 0
    has_token: bool = False
    started_at: float | None = None
    submitted_at: float | None = None
    progress: float | None = None
    cancelling: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A finished picture in the blob store."""

    job_id: JobId
    position: int
    sha256: str
    media_type: str
    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """A request as it stands in the store, with its jobs (by position) and their pictures.

    `provider`, `size` and `seed_sent` are what was planned when it was accepted; `notes` are on all of its pictures.
    What became of a picture is with its job.
    `result_channel_id` is where the result stands, or where it was last tried to be posted. Since `forgotten_at` its
    words are not kept any more.
    """

    id: RequestId
    request: ImageRequest
    requester: Requester
    place: Place
    action: Action
    provider: str
    size: Size
    price: Money
    seed_sent: bool
    notes: tuple[str, ...]
    created_at: float
    interaction_id: int | None = None
    interaction_token: str | None = None
    parent_id: RequestId | None = None
    answered_at: float | None = None
    card_message_id: int | None = None
    thread_id: int | None = None
    result_channel_id: int | None = None
    result_message_id: int | None = None
    result_posted_at: float | None = None
    post_started_at: float | None = None
    post_attempts: int = 0
    delivery: Delivery = Delivery.PENDING
    deleted_at: float | None = None
    forgotten_at: float | None = None
    provider_chosen: bool = False
    jobs: tuple[Job, ...] = ()
    outputs: tuple[Output, ...] = ()

    @property
    def erased(self) -> bool:
        """Whether its person or its server was forgotten: nobody knows any more whose it is and where it stands."""
        return is_pseudonym(self.requester.user_id)

    @property
    def ended(self) -> bool:
        """Whether every job of the request has ended."""
        return all(job.state.ended for job in self.jobs)

    @property
    def by_message(self) -> bool:
        """Whether a message asked for it; `interaction_id` is the message's id then, and there never was a token."""
        return self.interaction_token is None and self.interaction_id is not None

    @property
    def went_direct(self) -> bool:
        """Whether its result went to the requester alone."""
        public = {None, self.place.channel_id, self.thread_id, self.place.parent_id}
        return self.place.kind is PlaceKind.DIRECT or self.result_channel_id not in public

    @property
    def total_price(self) -> Money:
        """What all its pictures may cost together."""
        return self.price * len(self.jobs)

    @property
    def total_charged(self) -> Money:
        """What its pictures did cost together."""
        return sum((job.charged for job in self.jobs), FREE)

    @property
    def seconds(self) -> float | None:
        """Time from the request to its last picture; `None` while jobs are going on."""
        ends = [job.ended_at for job in self.jobs if job.ended_at is not None]
        return max(ends) - self.created_at if self.ended and ends else None


INTERACTION_LIFE = 15 * 60 - 10
"""Seconds in which an interaction's token is good (Discord: 15 minutes), less a margin for the way there."""
