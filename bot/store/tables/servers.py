"""What servers chose, who changed it, and what their log channels are still to be told."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from bot.store.columns import TIME, WHOLE, Words
from bot.store.tables.base import NUMBERED, STRICT, key, metadata, partial

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

# `mark` names what is told once only, such as half of a day's budget; `bundle` is the first entry of those that are
# posted as one message.
server_log = Table(
    "server_log",
    metadata,
    key(),
    Column("guild_id", WHOLE, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("mark", Text),
    Column("created_at", TIME, nullable=False),
    Column("post_after", TIME),
    Column("attempts", WHOLE, nullable=False),
    Column("ended_at", TIME),
    Column("bundle", WHOLE),
    **NUMBERED,
)

# `deeds` are pairs of a verdict and the moderator who gave it.
reports = Table(
    "reports",
    metadata,
    key(),
    Column("guild_id", WHOLE, nullable=False),
    Column("request_id", WHOLE, nullable=False),
    Column("user_id", WHOLE, nullable=False),
    Column("reason", Words, nullable=False),
    Column("deeds", Text, nullable=False),
    Column("created_at", TIME, nullable=False),
    **NUMBERED,
)

UNTOLD = server_log.c.ended_at.is_(None)

Index("uq_reports_once", reports.c.request_id, reports.c.user_id, unique=True)
Index("ix_reports_person", reports.c.user_id, reports.c.guild_id, reports.c.created_at)
Index("ix_audit_log_guild", audit_log.c.guild_id, audit_log.c.id)
Index("uq_server_log_mark", server_log.c.guild_id, server_log.c.mark, unique=True)
Index("ix_server_log_untold", server_log.c.id, **partial(UNTOLD))
Index("ix_server_log_ended_at", server_log.c.ended_at)
