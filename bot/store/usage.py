"""What servers made and spent, summed by the database."""

from __future__ import annotations

from sqlalchemy import case, cast, func, select

from bot.domain.job import JobState
from bot.domain.money import Money
from bot.domain.usage import Amount, Made
from bot.store.columns import WHOLE
from bot.store.database import Transaction
from bot.store.tables import jobs

QUARTER = 900
"""Seconds of the spans that are summed."""


class UsageStore:
    """Sums over the table of jobs."""

    async def made(self, tx: Transaction, guild_id: int, *, since: float) -> list[Made]:
        """What was made and charged in a server from a moment on, by quarter of an hour, person and service."""
        quarters = jobs.c.ended_at / QUARTER
        # SQLite's cast cuts, PostgreSQL's rounds; not every SQLite knows floor().
        quarter = cast(func.floor(quarters) if tx.dialect == "postgresql" else quarters, WHOLE)
        pictures = func.sum(case((jobs.c.state == JobState.SUCCEEDED, 1), else_=0))
        sums = (
            select(
                quarter.label("quarter"),
                jobs.c.user_id,
                jobs.c.provider,
                pictures.label("pictures"),
                func.sum(jobs.c.charged).label("charged"),
            )
            .where(
                jobs.c.guild_id == guild_id,
                jobs.c.ended_at >= since,
                (jobs.c.state == JobState.SUCCEEDED) | (jobs.c.charged > 0),
            )
            .group_by(quarter, jobs.c.user_id, jobs.c.provider)
        )
        return [
            Made(
                at=float(row.quarter * QUARTER),
                user_id=row.user_id,
                provider=row.provider,
                amount=Amount(pictures=int(row.pictures), spent=Money(int(row.charged))),
            )
            for row in await tx.rows(sums)
        ]
