"""What people think of pictures: each person's favourites, votes for others' pictures, what entered galleries,
and who wants to be listed on a leaderboard.
"""

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

# A picture is entered once; `votes` is how many brought it there, 0 for a moderator's favourite.
gallery = Table(
    "gallery",
    metadata,
    Column("job_id", WHOLE, ForeignKey("jobs.id"), primary_key=True, autoincrement=False),
    Column("request_id", WHOLE, nullable=False),
    Column("votes", WHOLE, nullable=False),
    Column("entered_at", TIME, nullable=False),
    Column("channel_id", WHOLE),
    Column("message_id", WHOLE),
    Column("dropped_at", TIME),
    check("votes", "votes >= 0"),
    **STRICT,
)

leaderboard = Table(
    "leaderboard",
    metadata,
    Column("guild_id", WHOLE, primary_key=True, autoincrement=False),
    Column("user_id", WHOLE, primary_key=True, autoincrement=False),
    Column("joined_at", TIME, nullable=False),
    **STRICT,
)

Index("ix_gallery_request_id", gallery.c.request_id)
Index("ix_favourites_job_id", favourites.c.job_id)
Index("ix_votes_user_id", votes.c.user_id)
Index("ix_votes_guild", votes.c.guild_id, votes.c.voted_at)
