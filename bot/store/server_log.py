"""Entries for servers' log channels as rows: added with the change that they tell of, posted later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row, delete, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.server_log import LogEntry, LogKind
from bot.store.database import Transaction
from bot.store.rows import from_json, to_json
from bot.store.tables import UNTOLD, server_log

_LOCK = 3
"""The advisory lock under which processes take entries one after the other."""

MOST_TOGETHER = 8
"""Results that are told in one message, so that each has room for a part of its prompt (4000 characters in all)."""


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

    async def take(self, tx: Transaction, *, now: float, lease: float, limit: int = 24) -> list[list[LogEntry]]:
        """The oldest entries that are due, in bundles; nobody else gets them before the lease ends.

        Those of a bundle are posted as one message, and stay together from then on.
        """
        await tx.lock(_LOCK)
        due = select(server_log).where(UNTOLD, _due(now)).order_by(server_log.c.id).limit(limit)
        bundles = _bundled(await tx.rows(due))
        again = {"post_after": now + lease, "attempts": server_log.c.attempts + 1}
        taken: list[list[LogEntry]] = []
        for bundle, ids in bundles.items():
            of_bundle = or_(server_log.c.id.in_(ids), server_log.c.bundle == bundle)
            change = update(server_log).where(UNTOLD, of_bundle).values(again | {"bundle": bundle})
            rows = await tx.rows(change.returning(server_log))
            taken.append(sorted(map(_entry, rows), key=lambda entry: entry.id))
        return taken

    async def free(self, tx: Transaction) -> None:
        """Let everything be told at once, when it is known that no other process is at it."""
        await tx.execute(update(server_log).where(UNTOLD).values(post_after=None))

    async def is_mine(self, tx: Transaction, entry: LogEntry) -> bool:
        """Whether nobody has taken it over since it was taken here."""
        return bool(await tx.scalar(select(exists().where(*_mine(entry)))))

    async def postpone(self, tx: Transaction, entry: LogEntry, *, until: float) -> None:
        """Try again later, unless somebody else has taken it over."""
        await tx.execute(update(server_log).where(*_mine(entry)).values(post_after=until))

    async def end(self, tx: Transaction, entry: LogEntry, *, at: float) -> None:
        """It was posted, or never can be."""
        await tx.execute(update(server_log).where(*_mine(entry)).values(ended_at=at))

    async def purge(self, tx: Transaction, *, before: float) -> None:
        """Forget entries that ended before then."""
        await tx.execute(delete(server_log).where(server_log.c.ended_at < before))


def _bundled(rows: Iterable[Row[Any]]) -> dict[int, list[int]]:
    """Which entries are posted together, by the first of each bundle: results of a server that were never tried."""
    bundles: dict[int, list[int]] = {}
    open_bundles: dict[int, int] = {}
    for row in rows:
        if row.bundle is not None:
            bundle = row.bundle
        elif LogKind(row.kind) is LogKind.RESULT:
            bundle = open_bundles.setdefault(row.guild_id, row.id)
            if len(bundles.get(bundle, ())) == MOST_TOGETHER:
                bundle = open_bundles[row.guild_id] = row.id
        else:
            bundle = row.id
        bundles.setdefault(bundle, []).append(row.id)
    return bundles


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
