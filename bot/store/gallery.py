"""What entered servers' galleries, as rows: one for a picture, whoever brings it there and however often."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.job import JobId, RequestId
from bot.domain.opinion import Entered
from bot.store.database import Transaction
from bot.store.tables import gallery


class GalleryStore:
    """The table of pictures in galleries."""

    async def enter(self, tx: Transaction, entered: Entered, *, at: float) -> bool:
        """Let a picture enter; whether it had not before."""
        values = {
            "job_id": entered.job_id,
            "request_id": entered.request_id,
            "votes": entered.votes,
            "entered_at": at,
        }
        insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
        added = insert(gallery).values(values).on_conflict_do_nothing(index_elements=["job_id"])
        return (await tx.execute(added)).rowcount > 0

    async def get(self, tx: Transaction, job_id: JobId, *, hold: bool = False) -> Entered | None:
        """The picture, if it entered; with `hold` nobody else changes that before the transaction ends."""
        statement = select(gallery).where(gallery.c.job_id == job_id)
        row = await tx.first(statement.with_for_update() if hold else statement)
        if row is None:
            return None
        return Entered(
            job_id=JobId(row.job_id),
            request_id=RequestId(row.request_id),
            votes=row.votes,
            channel_id=row.channel_id,
            message_id=row.message_id,
            dropped=row.dropped_at is not None,
        )

    async def mark_posted(self, tx: Transaction, job_id: JobId, *, channel_id: int, message_id: int) -> None:
        """It stands in this message."""
        where = gallery.c.job_id == job_id
        await tx.execute(update(gallery).where(where).values(channel_id=channel_id, message_id=message_id))

    async def drop(self, tx: Transaction, request_id: RequestId, *, at: float) -> list[JobId]:
        """Let none of a result's pictures be seen there any more; those that were."""
        shown = (gallery.c.request_id == request_id, gallery.c.dropped_at.is_(None))
        dropped = update(gallery).where(*shown).values(dropped_at=at).returning(gallery.c.job_id)
        return [JobId(row.job_id) for row in await tx.rows(dropped)]

    async def leave(self, tx: Transaction, job_id: JobId) -> None:
        """It cannot be shown there: it may enter again later."""
        unseen = (gallery.c.job_id == job_id, gallery.c.message_id.is_(None))
        await tx.execute(delete(gallery).where(*unseen))
