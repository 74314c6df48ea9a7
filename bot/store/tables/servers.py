"""What servers chose, and who changed it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from bot.store.columns import TIME, WHOLE, Words
from bot.store.tables.base import NUMBERED, STRICT, key, metadata

guild_settings = Table(
    "guild_settings",
    metadata,
    Column("guild_id", WHOLE, primary_key=True, autoincrement=False),
    Column("settings", Text, nullable=False),
    Column("updated_by", WHOLE, nullable=False),
    Column("updated_at", TIME, nullable=False),
    **STRICT,
)

blocked_users = Table(
    "blocked_users",
    metadata,
    Column("guild_id", WHOLE, primary_key=True, autoincrement=False),
    Column("user_id", WHOLE, primary_key=True, autoincrement=False),
    Column("reason", Words, nullable=False),
    Column("blocked_by", WHOLE, nullable=False),
    Column("blocked_at", TIME, nullable=False),
    **STRICT,
)

audit_log = Table(
    "audit_log",
    metadata,
    key(),
    Column("guild_id", WHOLE, nullable=False),
    Column("actor_id", WHOLE, nullable=False),
    Column("action", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("created_at", TIME, nullable=False),
    **NUMBERED,
)

Index("ix_audit_log_guild", audit_log.c.guild_id, audit_log.c.id)
