"""Favourites and votes as rows: each is there or not, so that setting one twice changes nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.job import JobId, RequestRecord
from bot.domain.opinion import Opinion
from bot.store.database import Transaction
from bot.store.tables import favourites, votes


class OpinionStore:
    """The tables of favourites and votes."""

    async def of(self, tx: Transaction, record: RequestRecord, user_id: int) -> tuple[Opinion, ...]:
        """What is thought of each picture of a result, in their order, as one person sees it."""
        ids = [output.job_id for output in record.outputs]
        mine = func.max(case((votes.c.user_id == user_id, 1), else_=0))
        counted = (
            select(votes.c.job_id, func.count().label("number"), mine.label("mine"))
            .where(votes.c.job_id.in_(ids))
            .group_by(votes.c.job_id)
        )
        found = {row.job_id: row for row in await tx.rows(counted)}
        marked = select(favourites.c.job_id).where(favourites.c.user_id == user_id, favourites.c.job_id.in_(ids))
        favoured = {row.job_id for row in await tx.rows(marked)}
        return tuple(
            Opinion(
                job_id=job_id,
                votes=int(found[job_id].number) if job_id in found else 0,
                voted=job_id in found and bool(found[job_id].mine),
                favourite=job_id in favoured,
            )
            for job_id in ids
        )

    async def votes(self, tx: Transaction, job_id: JobId) -> int:
        """All votes for a picture."""
        counted = select(func.count()).select_from(votes).where(votes.c.job_id == job_id)
        return int(await tx.scalar(counted))

    async def favour(self, tx: Transaction, job_id: JobId, user_id: int, *, wanted: bool, at: float) -> bool:
        """Make a picture a person's favourite, or no more; whether that changed anything."""
        key = {"user_id": user_id, "job_id": job_id}
        return await _set(tx, favourites, key, {"marked_at": at}, wanted=wanted)

    async def vote(
        self, tx: Transaction, record: RequestRecord, job_id: JobId, user_id: int, *, wanted: bool, at: float
    ) -> bool:
        """Count a person's vote for a picture of a result, or take it back; whether that changed anything."""
        key = {"job_id": job_id, "user_id": user_id}
        owner = record.requester
        rest = {"guild_id": owner.guild_id, "owner_id": owner.user_id, "voted_at": at}
        return await _set(tx, votes, key, rest, wanted=wanted)


async def _set(tx: Transaction, table: Any, key: dict[str, int], rest: dict[str, Any], *, wanted: bool) -> bool:
    if not wanted:
        gone = await tx.execute(delete(table).where(*(table.c[name] == value for name, value in key.items())))
        return gone.rowcount > 0
    insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    added = insert(table).values(key | rest).on_conflict_do_nothing(index_elements=list(key))
    return (await tx.execute(added)).rowcount > 0
