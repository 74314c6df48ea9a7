"""The audit log: who changed what, before and after."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.audit import AuditEntry
from bot.store.database import Transaction


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
        raise NotImplementedError

    async def latest(self, tx: Transaction, *, guild_id: int, limit: int = 50) -> list[AuditEntry]:
        """The newest entries of a server, newest first."""
        raise NotImplementedError
