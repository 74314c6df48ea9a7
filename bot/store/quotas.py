"""Quota rules as rows, at most one for each subject of a server."""

from __future__ import annotations

from bot.domain.quota import QuotaRule, Subject
from bot.store.database import Transaction


class QuotaStore:
    """The table of quota rules."""

    async def rules(self, tx: Transaction, guild_id: int) -> list[QuotaRule]:
        """The rules of a server, everyone's first, then roles', then people's."""
        raise NotImplementedError

    async def set_rule(self, tx: Transaction, guild_id: int, rule: QuotaRule) -> None:
        """Keep the rule in place of its subject's earlier one."""
        raise NotImplementedError

    async def remove_rule(self, tx: Transaction, guild_id: int, subject: Subject) -> bool:
        """Drop the subject's rule; whether there was one."""
        raise NotImplementedError
