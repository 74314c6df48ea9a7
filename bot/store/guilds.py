"""Servers' settings as rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from bot.domain.guild import GuildSettings, Pressers, ThreadMode
from bot.store.database import Transaction
from bot.store.rows import from_json, to_json
from bot.store.tables import guild_settings
from bot.store.upsert import upsert


class GuildStore:
    """The table of servers' settings."""

    async def get(self, tx: Transaction, guild_id: int) -> GuildSettings:
        """The server's choices; defaults where it made none."""
        text = await tx.scalar(select(guild_settings.c.settings).where(guild_settings.c.guild_id == guild_id))
        # Settings are added over time: what is absent has its default.
        kept: dict[str, Any] = {**asdict(GuildSettings()), **(from_json(text) or {})}
        return GuildSettings(
            thread_mode=ThreadMode(kept["thread_mode"]),
            pressers=Pressers(kept["pressers"]),
            return_moderated=bool(kept["return_moderated"]),
            provider_order=tuple(kept["provider_order"]),
            providers_off=tuple(kept["providers_off"]),
            channels_allowed=tuple(kept["channels_allowed"]),
            channels_denied=tuple(kept["channels_denied"]),
            words=tuple(kept["words"]),
        )

    async def put(self, tx: Transaction, guild_id: int, settings: GuildSettings, *, by: int, at: float) -> None:
        """Keep the server's choices."""
        values = {"guild_id": guild_id, "settings": to_json(asdict(settings)), "updated_by": by, "updated_at": at}
        await upsert(tx, guild_settings, values)
