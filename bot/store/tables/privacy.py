"""What is under way to be forgotten, and the secret behind the numbers that stand in for people who are."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from bot.store.columns import TIME, WHOLE
from bot.store.tables.base import STRICT, metadata

# Made once per installation by a migration; without it nobody can tell whom a pseudonym stands for.
secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    **STRICT,
)

PSEUDONYMS = "pseudonyms"
"""The name of the key that people's pseudonyms are made with."""

# Deletions that people asked for and that are not finished: of all their requests up to that one.
erasures = Table(
    "erasures",
    metadata,
    Column("user_id", WHOLE, primary_key=True, autoincrement=False),
    Column("up_to", WHOLE, nullable=False),
    Column("asked_at", TIME, nullable=False),
    **STRICT,
)

# Servers that the bot is no member of any more; what they chose and made there goes after a time of grace.
departures = Table(
    "departures",
    metadata,
    Column("guild_id", WHOLE, primary_key=True, autoincrement=False),
    Column("left_at", TIME, nullable=False),
    **STRICT,
)

Index("ix_departures_left_at", departures.c.left_at)
