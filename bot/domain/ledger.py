"""The words of the ledger: append-only entries whose sums say what was held, kept and given back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.job import JobId
from bot.domain.money import FREE, Money
from bot.domain.quota import Source, Subject


class EntryKind(StrEnum):
    """What an entry does. A job has at most one entry of each kind (grants and resets belong to no job)."""

    HOLD = "hold"  #: reserves quota for a job
    CHARGE = "charge"  #: keeps it (what was used), together with a release of what was not
    RELEASE = "release"  #: gives it back
    LOSS = "loss"  #: cost of unknown fate, booked to the operator, counted in no quota
    GRANT = "grant"  #: extra units for a subject, kept until used
    RESET = "reset"  #: the subject's windows count from this moment on


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row. `held_at` is the time of the job's hold: a release goes back to the window it was taken from.

    `images` and `amount` are never negative; the kind says which way they go. `units` is what a grant gives or what a
    hold or release takes from or returns to grants.
    """

    kind: EntryKind
    guild_id: int
    user_id: int
    at: float
    held_at: float
    job_id: JobId | None = None
    source: Source = Source.WINDOW
    images: int = 0
    amount: Money = FREE
    units: int = 0
    subject: Subject = Subject()
    actor_id: int | None = None
