"""The rules that the ledger keeps at every moment, each with the statement that finds what breaks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, or_, select

from bot.domain.job import JobState
from bot.domain.ledger import EntryKind
from bot.store.spending import wrong_sums
from bot.store.tables import ACTIVE, jobs, ledger

_SHOWN = 20
"""Findings listed for each rule: enough to see the pattern, few enough to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A rule: the rows that break it, and a sentence with a place for each of their columns."""

    sentence: str
    rows: Select[*tuple[Any, ...]]


def broken_rules() -> list[Broken]:
    """All rules of the books."""
    sums = _sums()
    of_jobs = select(jobs.c.id, jobs.c.state).join_from(jobs, sums, sums.c.job_id == jobs.c.id, isouter=True)
    ended = jobs.c.ended_at.is_not(None)
    rules: dict[str, Select[*tuple[Any, ...]]] = {
        "job {0} ({1}) has no hold": of_jobs.where(func.coalesce(sums.c.holds, 0) == 0),
        "job {0} ({1}) ended, but its hold is not all charged or released": of_jobs.where(ended, _unbalanced(sums)),
        "job {0} ({1}) has not ended, but was charged, released or lost": of_jobs.where(ACTIVE, sums.c.ends > 0),
        "job {0} ({1}) succeeded without a charge": of_jobs.where(
            jobs.c.state == JobState.SUCCEEDED, func.coalesce(sums.c.charges, 0) == 0
        ),
        "job {0} ({1}) is lost, but the person was charged": of_jobs.where(
            jobs.c.state == JobState.LOST, sums.c.charges > 0
        ),
        **_rules_of_entries(),
        "the spending of server {0} in quarter {1} differs from the ledger by {2} micro-dollars": wrong_sums(),
    }
    return [Broken(sentence=sentence, rows=rows.limit(_SHOWN)) for sentence, rows in rules.items()]


def _rules_of_entries() -> dict[str, Select[*tuple[Any, ...]]]:
    hold = ledger.alias("hold")
    of_hold = (
        select(ledger.c.id, ledger.c.kind, ledger.c.job_id)
        .join_from(ledger, hold, and_(hold.c.job_id == ledger.c.job_id, hold.c.kind == EntryKind.HOLD))
        .where(ledger.c.kind != EntryKind.HOLD)
    )
    same = ("guild_id", "user_id", "source", "held_at")
    differs = or_(*(ledger.c[name] != hold.c[name] for name in same))
    entries = select(ledger.c.id, ledger.c.kind, ledger.c.job_id)
    of_job = entries.join_from(ledger, jobs, jobs.c.id == ledger.c.job_id, isouter=True)
    unlike = or_(
        ledger.c.images != 1,
        ledger.c.amount != jobs.c.price,
        ledger.c.user_id != jobs.c.user_id,
        ledger.c.guild_id != jobs.c.guild_id,
    )
    return {
        "job {0} has {2} entries of kind {1}": select(ledger.c.job_id, ledger.c.kind, func.count())
        .where(ledger.c.job_id.is_not(None))
        .group_by(ledger.c.job_id, ledger.c.kind)
        .having(func.count() > 1),
        "entry {0} ({1}) of job {2} has a negative amount": entries.where(
            or_(ledger.c.images < 0, ledger.c.amount < 0, ledger.c.units < 0)
        ),
        "entry {0} ({1}) belongs to job {2}, which does not exist": of_job.where(
            ledger.c.job_id.is_not(None), jobs.c.id.is_(None)
        ),
        "entry {0} ({1}) is not like job {2}": of_job.where(ledger.c.kind == EntryKind.HOLD, unlike),
        "entry {0} ({1}) is not of the same person and window as the hold of job {2}": of_hold.where(differs),
    }


def _sums() -> Subquery[Any]:
    """Per job: how many entries there are, and what of the hold is neither charged nor released."""
    ends = (EntryKind.CHARGE, EntryKind.RELEASE)
    return (
        select(
            ledger.c.job_id,
            _count(EntryKind.HOLD).label("holds"),
            _count(EntryKind.CHARGE).label("charges"),
            _count(*ends, EntryKind.LOSS).label("ends"),
            *(
                func.sum(
                    case(
                        (ledger.c.kind == EntryKind.HOLD, ledger.c[column]),
                        (ledger.c.kind.in_(ends), -ledger.c[column]),
                        else_=0,
                    )
                ).label(f"open_{column}")
                for column in ("images", "amount", "units")
            ),
        )
        .where(ledger.c.job_id.is_not(None))
        .group_by(ledger.c.job_id)
        .subquery("sums")
    )


def _count(*kinds: EntryKind) -> Any:
    return func.count(case((ledger.c.kind.in_(kinds), 1)))


def _unbalanced(sums: Subquery[Any]) -> Any:
    return or_(sums.c.open_images != 0, sums.c.open_amount != 0, sums.c.open_units != 0)
