"""Backups while the bot runs: one now and then by itself, and copies for commands that ask."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.domain.errors import BackupFailed, StorageUnavailable
from bot.services.ports import Clock
from bot.store.backup_folder import BackupFolder
from bot.store.backups import copy_of
from bot.store.database import Database
from bot.store.errands import Copyist
from bot.store.urls import database_url, sqlite_file

FIRST_AFTER = 60.0
"""Seconds from the start to the first backup: a bot that crashes again and again does not fill the folder."""

AGAIN_AFTER = 600.0
"""Seconds until a backup that failed is tried again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupKeeper:
    """Backs an open SQLite database up every so many seconds."""

    database: Database
    folder: BackupFolder
    every: float
    clock: Clock

    async def run(self) -> None:
        """Keep backups until cancelled."""
        await asyncio.sleep(min(self.every, FIRST_AFTER))
        while True:
            due = (self.folder.newest_scheduled() or 0.0) + self.every - self.clock()
            if due > 0:
                await asyncio.sleep(min(due, self.every))
            elif not await self.back_up():
                await asyncio.sleep(min(self.every, AGAIN_AFTER))

    async def back_up(self) -> bool:
        """Make a backup and delete those that are not worth their room; whether that went well."""
        try:
            target = self.folder.scheduled(self.clock())
            started = time.monotonic()
            await copy_of(self.database, target)
            log.info("backed up the database to %s in %.1f s", target, time.monotonic() - started)
            self.folder.prune()
        except (BackupFailed, StorageUnavailable) as error:
            log.error("no backup could be made: %s", error.detail)
            return False
        return True


@asynccontextmanager
async def keep_backups(database: Database, url: str, folder: BackupFolder, *, every: float) -> AsyncGenerator[None]:
    """Look after the backups of an open database meanwhile; PostgreSQL's are its operator's."""
    file = sqlite_file(database_url(url))
    tasks: list[asyncio.Task[None]] = []
    if file is not None:
        tasks.append(asyncio.create_task(Copyist(database=database, file=file).run(), name="copies"))
        if every:
            keeper = BackupKeeper(database=database, folder=folder, every=every, clock=time.time)
            tasks.append(asyncio.create_task(keeper.run(), name="backups"))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
