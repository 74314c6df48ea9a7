"""The audit trail as moderators read it and take it away."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.audit import AuditEntry
from bot.domain.job import Requester
from bot.services.changes import check_moderator
from bot.services.tables import as_csv
from bot.store.audit import AuditStore
from bot.store.database import Database

SHOWN = 10
"""Entries on a card."""

EXPORTED = 10_000
"""Entries in a file, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Reads only. All methods raise `NotAllowed` when no moderator of this server asks."""

    database: Database
    audit: AuditStore

    async def latest(self, moderator: Requester, *, actor_id: int | None = None) -> list[AuditEntry]:
        """The newest changes in the server, or of one moderator there."""
        return await self._entries(moderator, actor_id, SHOWN)

    async def export(self, moderator: Requester, *, actor_id: int | None = None) -> bytes:
        """The trail as a CSV file, newest first; times are UTC in ISO 8601, values are JSON."""
        return _table(await self._entries(moderator, actor_id, EXPORTED))

    async def _entries(self, moderator: Requester, actor_id: int | None, limit: int) -> list[AuditEntry]:
        check_moderator(moderator)
        return await self.database.read(
            lambda tx: self.audit.latest(tx, guild_id=moderator.guild_id, limit=limit, actor_id=actor_id)
        )


def _table(entries: Sequence[AuditEntry]) -> bytes:
    rows = [
        (
            datetime.fromtimestamp(entry.created_at, UTC).isoformat(timespec="seconds"),
            entry.actor_id,
            entry.action,
            entry.subject,
            _json(entry.before),
            _json(entry.after),
        )
        for entry in entries
    ]
    return as_csv(("at", "actor_id", "action", "subject", "before", "after"), rows)


def _json(values: Mapping[str, object] | None) -> str:
    return "" if values is None else json.dumps(values, ensure_ascii=False)
