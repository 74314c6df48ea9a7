"""What people think of pictures: each person's favourites, and the votes for others' pictures."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from bot.store.columns import TIME, WHOLE
from bot.store.tables.base import STRICT, check, metadata

favourites = Table(
    "favourites",
    metadata,
    Column("user_id", WHOLE, primary_key=True, autoincrement=False),
    Column("job_id", WHOLE, ForeignKey("jobs.id"), primary_key=True),
    Column("marked_at", TIME, nullable=False),
    **STRICT,
)

# Whose picture it is and where it was made is repeated here from the job: the leaderboard reads one table.
votes = Table(
    "votes",
    metadata,
    Column("job_id", WHOLE, ForeignKey("jobs.id"), primary_key=True),
    Column("user_id", WHOLE, primary_key=True, autoincrement=False),
    Column("guild_id", WHOLE, nullable=False),
    Column("owner_id", WHOLE, nullable=False),
    Column("voted_at", TIME, nullable=False),
    check("others", "user_id != owner_id"),
    **STRICT,
)

Index("ix_favourites_job_id", favourites.c.job_id)
Index("ix_votes_user_id", votes.c.user_id)
Index("ix_votes_guild", votes.c.guild_id, votes.c.voted_at)
