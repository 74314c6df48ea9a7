"""Deleting everything of a person, at their word: their requests stay in the books as a number that nobody knows."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.domain.errors import InvalidRequest
from bot.domain.privacy import Extent
from bot.services.forgetting import Forgetting
from bot.services.ports import Clock, Steps
from bot.store.database import Database, Transaction
from bot.store.erasures import NAMING, ErasureStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """The intent is kept first: a process that ends in between leaves the rest to `sweep`.

    Nothing that limits a person ends with it: what they used, blocks, rules of their own and cooldowns go on under
    their pseudonym (`Transaction.ids_of`).
    """

    database: Database
    erasures: ErasureStore
    forgetting: Forgetting
    clock: Clock
    steps: Steps

    async def extent(self, user_id: int) -> Extent:
        """How much there is to delete."""
        return await self.database.read(lambda tx: self.erasures.extent(tx, user_id))

    async def check(self, user_id: int) -> None:
        """Whether `erase` would do it now.

        Raises:
            InvalidRequest: some of their pictures are still being made or posted.
        """
        await self.database.read(lambda tx: self._check(tx, user_id))

    async def _check(self, tx: Transaction, user_id: int) -> None:
        extent = await self.erasures.extent(tx, user_id)
        if extent.unfinished:
            raise InvalidRequest("refused.erase_unfinished", count=extent.unfinished)

    async def erase(self, user_id: int) -> None:
        """Delete all that is kept of a person now. Safe to repeat. Raises as `check`; then nothing was deleted."""

        async def begin(tx: Transaction) -> list[str]:
            await self._check(tx, user_id)
            return await self.erasures.begin(tx, user_id, at=self.clock())

        # Under their lock: no request of theirs comes in between the look and the intent.
        pictures = await self.database.write(begin, lock=user_id)
        log.info("a person's data is deleted at their word")
        await self.steps.reached("erasing")
        await self.forgetting.forget(pictures)
        while not await self._go_on(user_id):
            pass

    async def sweep(self) -> None:
        """Go on with what a process left that ended too early, a part of each at a time."""
        for user_id in await self.database.read(self.erasures.under_way):
            await self._go_on(user_id)

    async def _go_on(self, user_id: int) -> bool:
        """Whether nothing more can be done now."""
        done = await self.database.write(lambda tx: self.erasures.go_on(tx, user_id, at=self.clock()))
        await self.steps.reached("erased_part")
        await self.forgetting.forget(done.pictures)
        if done.over:
            await self._finish(user_id)
        return done.over or not done.any

    async def _finish(self, user_id: int) -> None:
        for table in NAMING:
            await self.database.write(lambda tx, table=table: self.erasures.rename(tx, table, user_id))
            await self.steps.reached("renamed")
        await self.database.write(lambda tx: self.erasures.finish(tx, user_id))
