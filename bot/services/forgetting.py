"""Deleting the bytes of pictures that people deleted, or handed over long ago, once nothing needs them any more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.services.ports import Clock
from bot.store.blobs import Blobs
from bot.store.database import Database, Transaction
from bot.store.library import LibraryStore

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that a mark stands until it is looked at again: whoever made it has the first try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """Works off the marks that deleting leaves. Everything is safe to repeat, also after a process was killed.

    `turn` is held while a picture is deleted; who keeps one under a name holds it too, so that bytes that are kept
    again in the same moment stay. `keep` is for how many seconds files are kept that nobody saved or handed over again.
    """

    database: Database
    library: LibraryStore
    blobs: Blobs
    clock: Clock
    keep: float
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def forget(self, pictures: Iterable[str]) -> None:
        """Delete marked pictures that nothing needs now; the others stay marked."""
        for sha256 in pictures:
            async with self.turn:
                await self._forget(sha256)

    async def sweep(self) -> None:
        """Once in a while: what is old, was needed by a job when it was deleted, or was left by a killed process."""

        async def mark(tx: Transaction) -> None:
            await self.library.mark_unused(tx, before=self.clock() - self.keep, at=self.clock() - 2 * PATIENCE)

        await self.database.write(mark)
        before = self.clock() - PATIENCE
        if marked := await self.database.read(lambda tx: self.library.dropped(tx, before=before)):
            await self.forget(marked)

    async def _forget(self, sha256: str) -> None:
        async def release(tx: Transaction) -> list[str] | None:
            return await self.library.forget_picture(tx, sha256, at=self.clock())

        async def unmark(tx: Transaction) -> None:
            await self.library.unmark(tx, sha256)

        made_of_it = await self.database.write(release)
        if made_of_it is None:
            return
        await self.blobs.delete(sha256)
        await self.database.write(unmark)
        log.info("a deleted picture is gone")
        for made in made_of_it:
            await self._forget(made)
