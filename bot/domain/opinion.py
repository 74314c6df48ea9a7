"""What people think of a picture: their own favourites, and votes that count for everyone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.job import JobId, RequestId, RequestRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One picture as one person sees it: all its votes, whether one is theirs, and whether it is their favourite."""

    job_id: JobId
    votes: int = 0
    voted: bool = False
    favourite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A picture that entered its server's gallery: by so many votes, 0 for a moderator's favourite.

    It stands there in a message, or is still to be posted; with `dropped` it is to be seen there no more.
    """

    job_id: JobId
    request_id: RequestId
    votes: int
    channel_id: int | None = None
    message_id: int | None = None
    dropped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A result with what is thought of each of its pictures, in their order.

    `gallery` is the channel that `needed` votes bring a picture to, where the server has one.
    """

    record: RequestRecord
    opinions: tuple[Opinion, ...]
    gallery: int | None = None
    needed: int = 0

    @property
    def votes(self) -> dict[JobId, int]:
        """The votes for each picture."""
        return {each.job_id: each.votes for each in self.opinions}
