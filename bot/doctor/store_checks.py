"""Checks of what the bot keeps: the database with its revision and sums, room on the disks, and SQLite's version."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

from bot.doctor.findings import Finding, doubtful, fine, wrong
from bot.domain.errors import ConfigError, StorageUnavailable
from bot.settings import Settings
from bot.store.condition import damage, sqlite_version
from bot.store.database import Database, lock_sqlite
from bot.store.ledger import Ledger
from bot.store.migrate import current, revisions
from bot.store.urls import database_url, sqlite_file
from bot.texts import Texts

LITTLE, TOO_LITTLE = 1024**3, 100 * 1024**2
"""Free bytes below which a disk is worth a warning, and below which it is wrong: a picture has up to 6 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreChecks:
    """Looks at database and folders without changing them. Whoever has the SQLite file open keeps it."""

    settings: Settings
    texts: Texts

    async def findings(self) -> AsyncGenerator[Finding]:
        """Each finding as soon as it is known."""
        url = self.settings.database.url
        try:
            file = sqlite_file(database_url(url))
        except ConfigError as error:
            yield self._config(error)
            return
        if file is not None:
            yield _sqlite()
        if file is not None and not file.exists():
            yield fine("database", f"{file} is not there yet; the first start makes it")
        else:
            async for finding in self._database(url):
                yield finding
        for folder in self._folders(file):
            yield _room(folder)

    async def _database(self, url: str) -> AsyncGenerator[Finding]:
        try:
            with lock_sqlite(url):
                revision, known = await current(url), revisions()
                yield _revision(revision, known)
                if revision == known[-1]:
                    yield await _sums(url)
        except ConfigError as error:
            if error.key != "config.database_in_use":
                yield self._config(error)
                return
            yield doubtful("database", "the running bot has it open; stop the bot to have its sums checked")
        except (StorageUnavailable, OSError) as error:
            why = error.detail if isinstance(error, StorageUnavailable) else error.strerror
            yield wrong("database", f"it cannot be used ({why})")

    def _config(self, error: ConfigError) -> Finding:
        return wrong("database", self.texts.say(error.key, **{"detail": error.detail, **error.values}))

    def _folders(self, file: Path | None) -> list[Path]:
        folders = [file.parent] if file is not None else []
        if self.settings.storage.url.startswith("file:"):
            folders.append(Path(self.settings.storage.url.removeprefix("file:")))
        if "sketch" in self.settings.providers.active():
            folders.append(Path(self.settings.providers.sketch.folder))
        return list(dict.fromkeys(folders))


def _sqlite() -> Finding:
    version, several = sqlite_version()
    if several:
        return fine("sqlite", version)
    return fine("sqlite", f"{version}; before 3.51.3 only one connection is safe, and the bot opens only one")


def _revision(revision: str | None, known: list[str]) -> Finding:
    if revision == known[-1]:
        return fine("database", f"reachable, at revision {revision}")
    if revision is None:
        return fine("database", "reachable and empty; the first start makes its tables")
    if revision not in known:
        return wrong("database", f"made by a newer version (revision {revision}); install that one")
    return doubtful("database", f"at revision {revision}, this version wants {known[-1]}; the next start changes it")


async def _sums(url: str) -> Finding:
    async with Database.open(url) as database:
        broken = await database.read(damage)
        if broken:
            return wrong("database", f"the file is damaged: {broken[0]}. Restore a backup")
        found = await database.read(Ledger().verify)
    if found:
        return wrong("ledger", f"{len(found)} sums are wrong, first: {found[0]}")
    return fine("ledger", "every sum is right, and the database is whole")


def _room(folder: Path) -> Finding:
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        return wrong("disk", f"{folder} cannot be written")
    free = shutil.disk_usage(there).free
    text = f"{folder} has {free / 1024**3:.1f} GiB free"
    if free < TOO_LITTLE:
        return wrong("disk", f"{text}; make room")
    return doubtful("disk", f"{text}; that is little") if free < LITTLE else fine("disk", text)
