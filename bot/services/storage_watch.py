"""Finds out when a storage that could not be written can be again: by writing, to the folders and to the database."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from bot.domain.errors import StorageUnavailable
from bot.services.ports import Clock
from bot.store.database import Database, Transaction
from bot.store.marks import MarkStore

LOOK_EVERY = 1.0
TELL_EVERY = 600.0
"""Seconds between two lines of the log while it lasts."""

ROOM = 4 * 1024 * 1024
"""Bytes that must fit before new requests are taken again: a picture, and what is written about it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageWatch:
    """Looks at the storage while it is in trouble; `mended` is called when that is over."""

    database: Database
    folders: Sequence[Path]
    clock: Clock
    mended: Callable[[], None]

    async def run(self) -> None:
        """Watch until cancelled."""
        standing = self.database.standing
        told = self.clock()
        while True:
            await standing.troubled.wait()
            try:
                await asyncio.to_thread(_make_sure_of_room, self.folders)
                await self.database.write(self._write)
            except (StorageUnavailable, OSError) as error:
                if self.clock() - told > TELL_EVERY:
                    told = self.clock()
                    log.error("the storage still cannot be written: %s", error)
                await asyncio.sleep(LOOK_EVERY)
                continue
            standing.mended()
            self.mended()

    async def _write(self, tx: Transaction) -> None:
        await MarkStore().put(tx, "storage_looked_at", str(self.clock()))


@asynccontextmanager
async def watched(watch: StorageWatch) -> AsyncGenerator[None]:
    """Keep watch while the context lasts."""
    task = asyncio.create_task(watch.run(), name="storage")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _make_sure_of_room(folders: Sequence[Path]) -> None:
    """Write as much as a picture has, and take it away again.

    Raises:
        OSError: it does not fit.
    """
    for folder in folders:
        with TemporaryFile(dir=folder) as file:
            file.write(b"\1" * ROOM)
            file.flush()
            os.fsync(file.fileno())
