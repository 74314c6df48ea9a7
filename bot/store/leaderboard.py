"""Who wants to be listed on their server's leaderboard, and what they made there, summed by the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, delete, exists, func, select

from bot.domain.job import Requester
from bot.store.database import Transaction
from bot.store.tables import MADE, blocked_users, jobs, leaderboard, votes
from bot.store.upsert import upsert

Place = tuple[int, int]


class LeaderboardStore:
    """The table of people who are listed. Those who are blocked are not shown meanwhile."""

    async def join(self, tx: Transaction, person: Requester, *, at: float) -> None:
        """List a person in their server."""
        values = {"guild_id": person.guild_id, "user_id": person.user_id, "joined_at": at}
        await upsert(tx, leaderboard, values)

    async def leave(self, tx: Transaction, person: Requester) -> None:
        """List them no more."""
        await tx.execute(delete(leaderboard).where(*_is(person)))

    async def has_joined(self, tx: Transaction, person: Requester) -> bool:
        """Whether they are listed."""
        return bool(await tx.scalar(select(exists().where(*_is(person)))))

    async def most_voted(self, tx: Transaction, guild_id: int, *, since: float, limit: int) -> tuple[Place, ...]:
        """People with the votes that their pictures got since then, most first."""
        number = func.count().label("number")
        of_server = and_(leaderboard.c.guild_id == votes.c.guild_id, leaderboard.c.user_id == votes.c.owner_id)
        sums = select(leaderboard.c.user_id, number).join_from(leaderboard, votes, of_server)
        return await _places(tx, sums.where(votes.c.voted_at >= since), guild_id, limit)

    async def most_made(self, tx: Transaction, guild_id: int, *, since: float, limit: int) -> tuple[Place, ...]:
        """People with the pictures that they made there since then, most first."""
        number = func.count().label("number")
        of_server = and_(leaderboard.c.guild_id == jobs.c.guild_id, leaderboard.c.user_id == jobs.c.user_id)
        sums = select(leaderboard.c.user_id, number).join_from(leaderboard, jobs, of_server)
        return await _places(tx, sums.where(MADE, jobs.c.started_at >= since), guild_id, limit)


def _is(person: Requester) -> tuple[Any, ...]:
    return leaderboard.c.guild_id == person.guild_id, leaderboard.c.user_id == person.user_id


async def _places(tx: Transaction, sums: Select[Any, int], guild_id: int, limit: int) -> tuple[Place, ...]:
    blocked = exists().where(
        blocked_users.c.guild_id == leaderboard.c.guild_id, blocked_users.c.user_id == leaderboard.c.user_id
    )
    listed = (
        sums.where(leaderboard.c.guild_id == guild_id, ~blocked)
        .group_by(leaderboard.c.user_id)
        .order_by(func.count().desc(), leaderboard.c.user_id)
        .limit(limit)
    )
    return tuple((row.user_id, int(row.number)) for row in await tx.rows(listed))
