"""What people think of a picture: their own favourites, and votes that count for everyone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.job import JobId, RequestRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One picture as one person sees it: all its votes, whether one is theirs, and whether it is their favourite."""

    job_id: JobId
    votes: int = 0
    voted: bool = False
    favourite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A result with what is thought of each of its pictures, in their order."""

    record: RequestRecord
    opinions: tuple[Opinion, ...]

    @property
    def votes(self) -> dict[JobId, int]:
        """The votes for each picture."""
        return {each.job_id: each.votes for each in self.opinions}
