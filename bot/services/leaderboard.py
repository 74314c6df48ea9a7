"""The leaderboard of a server: nobody stands on it who did not ask for it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.errors import InvalidRequest, NotAllowed
from bot.domain.job import NO_GUILD, Requester
from bot.domain.leaderboard import PLACES, Leaders
from bot.domain.usage import MAX_DAYS, span_of
from bot.services.choices import zone_of
from bot.services.ports import Clock
from bot.store.blocks import BlockStore
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore
from bot.store.leaderboard import LeaderboardStore


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardService:
    """All methods raise `InvalidRequest` where the server has none, or for too few or too many days."""

    database: Database
    guilds: GuildStore
    blocks: BlockStore
    leaderboard: LeaderboardStore
    clock: Clock

    async def show(self, person: Requester, *, days: int) -> Leaders:
        """Who leads in the last `days` days, today included."""
        return await self.database.read(lambda tx: self._leaders(tx, person, days))

    async def join(self, person: Requester, *, days: int) -> Leaders:
        """Be listed from now on; who leads then.

        Raises:
            NotAllowed: the person is blocked.
        """

        async def write(tx: Transaction) -> Leaders:
            if await self.blocks.get(tx, person.guild_id, person.user_id) is not None:
                raise NotAllowed("refused.blocked")
            await self.leaderboard.join(tx, person, at=self.clock())
            return await self._leaders(tx, person, days)

        return await self.database.write(write, lock=person.user_id)

    async def leave(self, person: Requester, *, days: int) -> Leaders:
        """Be listed no more; who leads then."""

        async def write(tx: Transaction) -> Leaders:
            await self.leaderboard.leave(tx, person)
            return await self._leaders(tx, person, days)

        return await self.database.write(write, lock=person.user_id)

    async def _leaders(self, tx: Transaction, person: Requester, days: int) -> Leaders:
        if person.guild_id == NO_GUILD:
            raise InvalidRequest("refused.leaderboard_elsewhere")
        if not 1 <= days <= MAX_DAYS:
            raise InvalidRequest("refused.usage_days", limit=MAX_DAYS)
        settings = await self.guilds.get(tx, person.guild_id)
        if not settings.leaderboard:
            raise InvalidRequest("refused.leaderboard_off")
        since = span_of(days, self.clock(), zone_of(settings))[0].start
        return Leaders(
            days=days,
            voted=await self.leaderboard.most_voted(tx, person.guild_id, since=since, limit=PLACES),
            made=await self.leaderboard.most_made(tx, person.guild_id, since=since, limit=PLACES),
            joined=await self.leaderboard.has_joined(tx, person),
        )
