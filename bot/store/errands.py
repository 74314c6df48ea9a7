"""How a command gets a copy of a SQLite file that a running bot has: it asks by a file beside it, the bot answers so.

SQLite files belong to one process, so that the bot itself must copy. `X.ask-ID` asks for `X.copy-ID`, and the bot
answers with that file or with `X.copy-ID.failed`. Who may write in the database's folder may ask.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.domain.errors import BackupFailed, StorageUnavailable
from bot.store.database import Database

LOOK_EVERY = 0.5
"""Seconds between two looks for somebody who asks."""

PATIENCE = 60.0
"""Seconds that a command waits for the bot; a copy takes about a second for each hundred megabytes."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copyist:
    """The running bot's side: copies its database for those who ask, until it is cancelled."""

    database: Database
    file: Path

    async def run(self) -> None:
        """Look for those who ask, and answer."""
        for left in self.file.parent.glob(f"{self.file.name}.copy-*"):
            left.unlink(missing_ok=True)
        while True:
            for asked in self.file.parent.glob(f"{self.file.name}.ask-*"):
                await self._answer(asked)
            await asyncio.sleep(LOOK_EVERY)

    async def _answer(self, asked: Path) -> None:
        copy = _copy_of(self.file, asked.name.rpartition("-")[2])
        part = copy.with_name(f"{copy.name}.part")
        try:
            await asyncio.to_thread(asked.unlink)
        except FileNotFoundError:
            return  # whoever asked went away
        try:
            await self.database.copy(part)
            await asyncio.to_thread(part.rename, copy)
            log.info("copied the database for a command")
        except (StorageUnavailable, OSError) as error:
            log.error("the database could not be copied for a command: %s", error)
            part.unlink(missing_ok=True)
            with suppress(OSError):
                _failed(copy).write_text(str(error))


@asynccontextmanager
async def copied_by_the_bot(file: Path, *, patience: float = PATIENCE) -> AsyncGenerator[Path]:
    """A copy of the SQLite file that the bot that has it makes now; deleted at the end, unless it was moved away.

    Raises:
        BackupFailed: the bot could not, or nobody answered (`backup.no_answer`).
    """
    key = secrets.token_hex(8)
    asked, copy = file.with_name(f"{file.name}.ask-{key}"), _copy_of(file, key)
    try:
        try:
            asked.touch(exist_ok=False)
        except OSError as error:
            raise BackupFailed(detail=f"{asked}: {error.strerror}") from error
        await _answered(asked, copy, patience)
        yield copy
    finally:
        for each in (asked, *copy.parent.glob(f"{copy.name}*")):
            each.unlink(missing_ok=True)


async def _answered(asked: Path, copy: Path, patience: float) -> None:
    try:
        async with asyncio.timeout(patience):
            while True:
                if await asyncio.to_thread(_arrived, copy):
                    return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise BackupFailed("backup.no_answer", seconds=round(patience)) from None


def _arrived(copy: Path) -> bool:
    if _failed(copy).exists():
        raise BackupFailed(detail=_failed(copy).read_text())
    return copy.exists()


def _copy_of(file: Path, key: str) -> Path:
    return file.with_name(f"{file.name}.copy-{key}")


def _failed(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}.failed")
