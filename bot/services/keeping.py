"""Forgetting in time: the words and pictures of old requests, people who ask for it, and servers that are gone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.departures import Departures
from bot.services.erasing import Erasing
from bot.services.forgetting import Forgetting
from bot.services.ports import Clock
from bot.store.database import Database, Transaction
from bot.store.forgetting import ForgettingStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Forgets a little at a time: no transaction is long, and nobody waits for one.

    `words` and `pictures` are for how many seconds the words of requests and their pictures are kept; 0 for ever.
    """

    database: Database
    store: ForgettingStore
    forgetting: Forgetting
    erasing: Erasing
    departures: Departures
    clock: Clock
    words: float
    pictures: float

    async def sweep(self) -> None:
        """Once in a while, the next part of everything that is due; safe in several processes."""
        await self.erasing.sweep()
        await self.departures.sweep()
        if self.words and await self.database.read(self._worded):
            await self.forgetting.forget(await self.database.write(self._forget_words))
        if self.pictures and await self.database.read(self._pictured):
            await self.forgetting.forget(await self.database.write(self._forget_pictures))

    async def _worded(self, tx: Transaction) -> list[int]:
        return await self.store.worded(tx, before=self.clock() - self.words)

    async def _pictured(self, tx: Transaction) -> list[int]:
        return await self.store.pictured(tx, before=self.clock() - self.pictures)

    async def _forget_words(self, tx: Transaction) -> list[str]:
        return await self.store.forget_words(tx, await self._worded(tx), at=self.clock())

    async def _forget_pictures(self, tx: Transaction) -> list[str]:
        return await self.store.forget_outputs(tx, await self._pictured(tx))
