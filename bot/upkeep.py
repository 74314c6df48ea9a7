"""Looking after the database from the command line, whether the bot runs or not."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, asynccontextmanager, nullcontext
from pathlib import Path

from bot.app import backup_folder
from bot.domain.errors import BackupFailed, ConfigError, InvalidRequest, StorageUnavailable
from bot.domain.ledger import EntryKind
from bot.domain.money import Money
from bot.settings import Settings
from bot.store.backups import accept, back_up, part_of
from bot.store.condition import faults
from bot.store.database import Database, Transaction, is_in_use, lock_sqlite
from bot.store.errands import copied_by_the_bot
from bot.store.export import exported
from bot.store.ledger import Ledger
from bot.store.migrate import outdated, revisions
from bot.store.upgrading import upgrade_after_backup
from bot.store.urls import database_url, sqlite_file

Say = Callable[[str], None]


async def upgrade(settings: Settings, *, say: Say) -> int:
    """Apply the missing migrations, after a backup.

    Raises:
        ConfigError: the database cannot be used, or the running bot holds it, or there could be no backup.
    """
    with lock_sqlite(settings.database.url):
        applied = await upgrade_after_backup(settings.database.url, backup_folder(settings.backups))
    say(f"Applied: {', '.join(applied)}." if applied else "The database is up to date.")
    return 0


async def verify(settings: Settings, *, say: Say) -> int:
    """Look the whole database through; 1 when something is wrong. A running bot is not disturbed: it gives a copy.

    Raises:
        ConfigError: the database cannot be used, or is older than this version.
        BackupFailed: there is none, or the running bot gave no copy.
    """

    async def look(tx: Transaction) -> tuple[list[str], dict[EntryKind, tuple[int, Money]]]:
        return await faults(tx), dict(await Ledger().totals(tx))

    try:
        async with one_state(settings.database.url) as database:
            wrong, totals = await database.read(look)
    except StorageUnavailable as error:
        wrong, totals = [f"the database cannot be read: {error.detail}"], {}
    for kind, (images, amount) in totals.items():
        say(f"{kind:<8} {images:>8} images  {amount!s:>12}")
    for line in wrong:
        say(f"WRONG: {line}")
    say("The database is not right." if wrong else "The database is whole. Every sum of the ledger is right.")
    return 1 if wrong else 0


async def backup(settings: Settings, *, to: Path | None, say: Say) -> int:
    """Back the database up, also while the bot runs, and look the copy through.

    Raises:
        BackupFailed: there is no backup.
        ConfigError: the database cannot be used.
    """
    url = settings.database.url
    file = sqlite_file(database_url(url))
    suffix = ".dump" if file is None else ".db"
    target = to or backup_folder(settings.backups).asked(time.time(), suffix=suffix)
    is_free(target)
    if file is None:
        await back_up(url, target)
    else:
        await _back_up_file(url, file, target)
    size = target.stat().st_size / 1024**2
    say(f"{target}: {size:.1f} MiB, looked through and good.")
    say(f"Pictures are not in it: copy {settings.storage.url.removeprefix('file:')} as well, after this.")
    return 0


async def export(settings: Settings, *, to: Path | None, say: Say) -> int:
    """Write every row as a line of JSON, to a file or to standard output.

    Raises:
        ConfigError: the database cannot be used, or is older than this version.
        BackupFailed: there is none, or the running bot gave no copy.
    """
    is_free(to)
    rows = 0

    async def write(tx: Transaction) -> None:
        nonlocal rows
        with nullcontext(sys.stdout) if to is None else to.open("x", encoding="utf-8") as out:
            async for line in exported(tx, revision=revisions()[-1]):
                out.write(f"{line}\n")
                rows += 1

    async with one_state(settings.database.url) as database:
        await database.read(write)
    if to is not None:
        say(f"{to}: {rows - 1} rows.")
    return 0


@asynccontextmanager
async def one_state(url: str) -> AsyncGenerator[Database]:
    """The database itself, or a copy from the bot that has its file."""
    file = sqlite_file(database_url(url))
    if file is None:
        async with up_to_date(url) as database:
            yield database
        return
    async with _file(url, file) as (path, _), up_to_date(f"sqlite+aiosqlite:///{path}") as database:
        yield database


@asynccontextmanager
async def _file(url: str, file: Path) -> AsyncGenerator[tuple[Path, bool]]:
    """The SQLite file, locked, or when another process has it, a copy of it, and whether it is one."""
    _is_there(file)
    with ExitStack() as stack:
        try:
            stack.enter_context(lock_sqlite(url))
        except ConfigError as error:
            if not is_in_use(error):
                raise
            async with copied_by_the_bot(file) as copy:
                yield copy, True
        else:
            yield file, False


@asynccontextmanager
async def up_to_date(url: str) -> AsyncGenerator[Database]:
    """The database, whose tables must be this version's.

    Raises:
        ConfigError: they are older.
    """
    revision = await outdated(url)
    if revision is not None:
        raise ConfigError("backup.older", revision=revision)
    async with Database.open(url) as database:
        yield database


async def _back_up_file(url: str, file: Path, target: Path) -> None:
    async with _file(url, file) as (path, is_copy):
        if not is_copy:
            await back_up(url, target)
            return
        part = part_of(target)
        try:
            await asyncio.to_thread(_move, path, part)
            await accept(part, target)
        except OSError as error:
            raise BackupFailed(detail=f"{part}: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)


def _is_there(file: Path) -> None:
    if not file.exists():
        raise BackupFailed("backup.no_database", path=str(file))


def is_free(path: Path | None) -> None:
    """Whether a new file can have this name.

    Raises:
        InvalidRequest: there is one.
    """
    if path is not None and path.exists():
        raise InvalidRequest("backup.exists", path=str(path))


def _move(path: Path, part: Path) -> None:
    """Move a file, maybe to another disk, durably."""
    shutil.move(path, part)
    with part.open("rb") as moved:
        os.fsync(moved.fileno())
