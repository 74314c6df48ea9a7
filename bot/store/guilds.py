"""Servers' settings as rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import select

from bot.domain.guild import AgeRestricted, GuildSettings, Moderation, Pressers, Spoilers, ThreadMode
from bot.domain.shapes import Model, Ratio, Resolution
from bot.store.database import Transaction
from bot.store.rows import from_json, to_json
from bot.store.tables import guild_settings
from bot.store.upsert import upsert

_FROM_JSON: Mapping[str, Callable[[Any], Any]] = {
    "thread_mode": ThreadMode,
    "pressers": Pressers,
    "ratio": Ratio,
    "resolution": Resolution,
    "model": Model,
    "spoilers": Spoilers,
    "age_restricted": AgeRestricted,
    "moderation": lambda value: None if value is None else Moderation(value),
    "provider_order": tuple,
    "providers_off": tuple,
    "channels_allowed": tuple,
    "channels_denied": tuple,
    "words": tuple,
}
"""How to read the settings that JSON does not know as what they are."""


class GuildStore:
    """The table of servers' settings."""

    async def get(self, tx: Transaction, guild_id: int) -> GuildSettings:
        """The server's choices; defaults where it made none."""
        text = await tx.scalar(select(guild_settings.c.settings).where(guild_settings.c.guild_id == guild_id))
        return settings_of(text)

    async def put(self, tx: Transaction, guild_id: int, settings: GuildSettings, *, by: int, at: float) -> None:
        """Keep the server's choices."""
        values = {"guild_id": guild_id, "settings": to_json(asdict(settings)), "updated_by": by, "updated_at": at}
        await upsert(tx, guild_settings, values)


def settings_of(text: str | None) -> GuildSettings:
    """Settings from the text of their column. They are added over time: what is absent has its default."""
    kept: dict[str, Any] = from_json(text) or {}
    names = [field.name for field in fields(GuildSettings) if field.name in kept]
    return GuildSettings(**{name: _FROM_JSON.get(name, _as_is)(kept[name]) for name in names})


def _as_is(value: Any) -> Any:
    return value
