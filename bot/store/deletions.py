"""Deleted results as rows: the request stays, its pictures are forgotten, its message is taken down later."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from bot.domain.job import RequestId, RequestRecord
from bot.store.database import Transaction
from bot.store.tables import STILL_SHOWN, favourites, jobs, outputs, requests, votes


class DeletionStore:
    """What deleting changes in the tables of requests and pictures."""

    async def delete(self, tx: Transaction, record: RequestRecord, *, by: int, at: float) -> list[str] | None:
        """Forget a result's pictures and what people thought of them.

        Returns:
            The pictures' hashes, or `None` when somebody else deleted it before.
        """
        gone = (
            update(requests)
            .where(requests.c.id == record.id, requests.c.deleted_at.is_(None))
            .values(deleted_at=at, deleted_by=by)
            .returning(requests.c.id)
        )
        if await tx.first(gone) is None:
            return None
        of_request = select(jobs.c.id).where(jobs.c.request_id == record.id)
        made = select(outputs.c.sha256).where(outputs.c.job_id.in_(of_request)).distinct()
        pictures = [row.sha256 for row in await tx.rows(made)]
        for table in (outputs, favourites, votes):
            await tx.execute(delete(table).where(table.c.job_id.in_(of_request)))
        return pictures

    async def still_shown(self, tx: Transaction, *, limit: int = 20) -> list[RequestId]:
        """Deleted results whose message may still stand, oldest first."""
        statement = select(requests.c.id).where(STILL_SHOWN).order_by(requests.c.id).limit(limit)
        return [RequestId(row.id) for row in await tx.rows(statement)]

    async def mark_taken_down(self, tx: Transaction, request_id: RequestId, *, at: float) -> None:
        """Its message is gone, or can never be reached again."""
        await tx.execute(update(requests).where(requests.c.id == request_id).values(taken_down_at=at))

    async def latest(
        self, tx: Transaction, *, guild_id: int, containing: str, limit: int
    ) -> list[tuple[RequestId, str]]:
        """A server's newest results that still stand, with their prompts; those that contain a text only."""
        where = [requests.c.guild_id == guild_id, requests.c.result_message_id.is_not(None)]
        if containing:
            where.append(requests.c.prompt.icontains(containing, autoescape=True))
        statement = (
            select(requests.c.id, requests.c.prompt)
            .where(*where, requests.c.deleted_at.is_(None))
            .order_by(requests.c.id.desc())
            .limit(limit)
        )
        return [(RequestId(row.id), row.prompt) for row in await tx.rows(statement)]
