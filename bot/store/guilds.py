"""Servers' settings as rows."""

from __future__ import annotations

from bot.domain.guild import GuildSettings
from bot.store.database import Transaction


class GuildStore:
    """The table of servers' settings."""

    async def get(self, tx: Transaction, guild_id: int) -> GuildSettings:
        """The server's choices; defaults where it made none."""
        raise NotImplementedError

    async def put(self, tx: Transaction, guild_id: int, settings: GuildSettings, *, by: int, at: float) -> None:
        """Keep the server's choices."""
        raise NotImplementedError
