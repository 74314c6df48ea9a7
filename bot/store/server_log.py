"""Entries for servers' log channels as rows: added with the change that they tell of, posted later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.server_log import LogEntry, LogKind
from bot.store.database import Transaction
from bot.store.rows import from_json, to_json
from bot.store.tables import UNTOLD, server_log

_LOCK = 3
"""The advisory lock under which processes take entries one after the other."""


class ServerLogStore:
    """The table of entries."""

    async def add(
        self,
        tx: Transaction,
        *,
        guild_id: int,
        kind: LogKind,
        values: Mapping[str, object],
        at: float,
        mark: str | None = None,
    ) -> None:
        """Keep an entry to be posted; of those with the same mark in a server, the first alone."""
        row = {
            "guild_id": guild_id,
            "kind": kind,
            "content": to_json(values),
            "mark": mark,
            "created_at": at,
            "attempts": 0,
        }
        insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
        await tx.execute(insert(server_log).values(row).on_conflict_do_nothing(index_elements=["guild_id", "mark"]))

    async def any_due(self, tx: Transaction, *, now: float) -> bool:
        """Whether an entry is due to be posted."""
        return bool(await tx.scalar(select(exists().where(UNTOLD, _due(now)))))

    async def take(self, tx: Transaction, *, now: float, lease: float, limit: int = 5) -> list[LogEntry]:
        """The oldest entries that are due; nobody else gets them before the lease ends."""
        await tx.lock(_LOCK)
        due = select(server_log.c.id).where(UNTOLD, _due(now)).order_by(server_log.c.id).limit(limit)
        ids = [row.id for row in await tx.rows(due)]
        if not ids:
            return []
        taken = (
            update(server_log)
            .where(server_log.c.id.in_(ids))
            .values(post_after=now + lease, attempts=server_log.c.attempts + 1)
            .returning(server_log)
        )
        return sorted(map(_entry, await tx.rows(taken)), key=lambda entry: entry.id)

    async def postpone(self, tx: Transaction, entry: LogEntry, *, until: float) -> None:
        """Try again later, unless somebody else has taken it over."""
        await tx.execute(update(server_log).where(*_mine(entry)).values(post_after=until))

    async def end(self, tx: Transaction, entry: LogEntry, *, at: float) -> None:
        """It was posted, or never can be."""
        await tx.execute(update(server_log).where(*_mine(entry)).values(ended_at=at))

    async def purge(self, tx: Transaction, *, before: float) -> None:
        """Forget entries that ended before then."""
        await tx.execute(delete(server_log).where(server_log.c.ended_at < before))


def _due(now: float) -> Any:
    return or_(server_log.c.post_after.is_(None), server_log.c.post_after <= now)


def _mine(entry: LogEntry) -> tuple[Any, ...]:
    return UNTOLD, server_log.c.id == entry.id, server_log.c.attempts == entry.attempts


def _entry(row: Row[Any]) -> LogEntry:
    return LogEntry(
        id=row.id,
        guild_id=row.guild_id,
        kind=LogKind(row.kind),
        created_at=row.created_at,
        attempts=row.attempts,
        values=from_json(row.content),
    )
