"""Reports of results: what a person says, and what moderators made of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.job import RequestId


class Verdict(StrEnum):
    """What a moderator can do about a report."""

    DELETE = "delete"  #: the result goes
    BLOCK = "block"  #: its requester can ask for no more
    DISMISS = "dismiss"  #: nothing is wrong with it


def is_open(verdict: Verdict, given: Collection[Verdict]) -> bool:
    """Whether a verdict can be given after these: dismissing decides it all, deleting and blocking add up."""
    if Verdict.DISMISS in given or verdict in given:
        return False
    return verdict is not Verdict.DISMISS or not given


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report by one person of one result. `deeds` are verdicts with the moderators who gave them, in order."""

    id: int
    guild_id: int
    request_id: RequestId
    user_id: int
    reason: str
    created_at: float
    deeds: tuple[tuple[Verdict, int], ...] = ()
