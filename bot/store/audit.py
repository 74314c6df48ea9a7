"""The audit log: who changed what, before and after."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, select

from bot.domain.audit import AuditEntry
from bot.store.database import Transaction
from bot.store.rows import from_json, to_json
from bot.store.tables import audit_log


class AuditStore:
    """The table of changes by moderators and the operator; entries are only added."""

    async def record(
        self,
        tx: Transaction,
        *,
        guild_id: int,
        actor_id: int,
        action: str,
        subject: str,
        before: Mapping[str, object] | None,
        after: Mapping[str, object] | None,
        at: float,
    ) -> None:
        """Add an entry; values that JSON does not know are kept as their text."""
        await tx.execute(
            insert(audit_log).values(
                guild_id=guild_id,
                actor_id=actor_id,
                action=action,
                subject=subject,
                before=None if before is None else to_json(before),
                after=None if after is None else to_json(after),
                created_at=at,
            )
        )

    async def latest(
        self, tx: Transaction, *, guild_id: int, limit: int = 50, actor_id: int | None = None
    ) -> list[AuditEntry]:
        """The newest entries of a server, or of one moderator there, newest first."""
        newest = select(audit_log).where(audit_log.c.guild_id == guild_id).order_by(audit_log.c.id.desc()).limit(limit)
        if actor_id is not None:
            newest = newest.where(audit_log.c.actor_id.in_(await tx.ids_of(actor_id)))
        return [
            AuditEntry(
                id=row.id,
                guild_id=row.guild_id,
                actor_id=row.actor_id,
                action=row.action,
                subject=row.subject,
                created_at=row.created_at,
                before=from_json(row.before),
                after=from_json(row.after),
            )
            for row in await tx.rows(newest)
        ]
