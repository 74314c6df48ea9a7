"""Servers that the bot is no member of any more: what they chose and made goes after a time of grace."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.services.forgetting import Forgetting
from bot.services.ports import Clock
from bot.store.database import Database, Transaction
from bot.store.departures import DepartureStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """`grace` is for how many seconds everything is kept for a server that lets the bot in again; 0 for ever."""

    database: Database
    departures: DepartureStore
    forgetting: Forgetting
    clock: Clock
    grace: float

    async def left(self, guild_id: int) -> None:
        """The bot was removed from a server."""
        await self.database.write(lambda tx: self.departures.left(tx, [guild_id], at=self.clock()))
        log.info("server %s removed the bot", guild_id)

    async def joined(self, guild_id: int) -> None:
        """The bot was let into a server, maybe again."""
        if not await self.database.read(lambda tx: self.departures.is_left(tx, guild_id)):
            return

        async def back(tx: Transaction) -> list[int]:
            return await self.departures.joined(tx, [guild_id])

        if await self.database.write(back):
            log.info("server %s let the bot in again in time", guild_id)

    async def present(self, guild_ids: Collection[int], belongs: Callable[[int], bool]) -> None:
        """All servers that the chat system says the bot is a member of, those that it cannot reach now among them.

        `belongs` tells for others whether they would be among these, were the bot a member.
        """

        async def compare(tx: Transaction) -> list[int]:
            here = set(guild_ids)
            missed = [each for each in await self.departures.known(tx) if each not in here and belongs(each)]
            await self.departures.left(tx, missed, at=self.clock())
            await self.departures.joined(tx, here)
            return missed

        if missed := await self.database.write(compare):
            log.info("%s server(s) removed the bot while it was away", len(missed))

    async def sweep(self) -> None:
        """Forget the next part of each server whose time is over."""
        if not self.grace:
            return
        before = self.clock() - self.grace
        for guild_id in await self.database.read(lambda tx: self.departures.over(tx, before=before)):
            await self._forget(guild_id)

    async def _forget(self, guild_id: int) -> None:
        async def forget(tx: Transaction) -> list[str]:
            return await self.departures.forget(tx, guild_id, at=self.clock())

        await self.forgetting.forget(await self.database.write(forget))
