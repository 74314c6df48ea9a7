"""Copies of a database that were looked through before they count: SQLite's as a file, PostgreSQL's by its own tool."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL, text

from bot.domain.errors import BackupFailed, StorageUnavailable
from bot.store.condition import faults
from bot.store.database import Database, Transaction
from bot.store.migrate import revisions
from bot.store.urls import database_url, sqlite_file

DUMP_SECONDS = 3600.0
"""Time for PostgreSQL's tools."""

LEAP = 1_000_000
"""Ids that are left out after a restore."""

_LEAP = text("UPDATE sqlite_sequence SET seq = seq + :leap")
_REVISION = text("SELECT version_num FROM alembic_version")


async def back_up(url: str, target: Path) -> None:
    """Back a database up that no other process writes, or PostgreSQL's at any time, to a new file.

    Raises:
        BackupFailed: it could not be written, or is not good.
        StorageUnavailable: the database cannot be read now.
    """
    if sqlite_file(database_url(url)) is None:
        await dump(database_url(url), target)
        return
    async with Database.open(url) as database:
        await copy_of(database, target)


async def copy_of(database: Database, target: Path) -> None:
    """Write an open SQLite database to a new file, looked through. Raises as `back_up`."""
    part = part_of(target)
    try:
        await database.copy(part)
        await accept(part, target)
    except StorageUnavailable as error:
        raise BackupFailed(detail=error.detail) from error
    finally:
        part.unlink(missing_ok=True)


def part_of(target: Path) -> Path:
    """Where a backup is written until it is good; its folder is made.

    Raises:
        BackupFailed: the folder cannot be made.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackupFailed(detail=f"{target.parent}: {error.strerror}") from error
    return target.with_name(f".{target.name}.part")


async def accept(part: Path, target: Path) -> None:
    """Look a copy through, ready it for a restore, and give it its name, durably.

    Raises:
        BackupFailed: something is wrong with the copy, or the file is there already.
    """
    async with Database.open(f"sqlite+aiosqlite:///{part}") as copy:
        wrong = await copy.read(_faults)
        if wrong:
            raise BackupFailed("backup.not_good", detail=wrong[0], path=str(target))
        await copy.write(_leap)
    await asyncio.to_thread(_name, part, target)


async def _faults(tx: Transaction) -> list[str]:
    """What is wrong with a copy; its sums only when it has today's tables."""
    return await faults(tx, sums=await tx.scalar(_REVISION) == revisions()[-1])


async def _leap(tx: Transaction) -> None:
    """Let a bot that starts from this copy give no id that was given since: Discord remembers buttons and nonces."""
    await tx.execute(_LEAP, [{"leap": LEAP}])


async def dump(url: URL, target: Path) -> None:
    """Dump a PostgreSQL database with its own pg_dump, and read the dump's contents back.

    Raises:
        BackupFailed: the tool is not there (`backup.no_tool`), or it failed.
    """
    if shutil.which("pg_dump") is None or shutil.which("pg_restore") is None:
        raise BackupFailed("backup.no_tool", host=url.host or "", name=url.database or "", user=url.username or "")
    part = part_of(target)
    place = ("--host", url.host, "--port", str(url.port or 5432), "--username", url.username)
    options = [each for name, value in zip(place[::2], place[1::2], strict=True) if value for each in (name, value)]
    try:
        await _run(
            "pg_dump", "--format=custom", "--no-password", f"--file={part}", *options, url.database, password=url
        )
        contents = await _run("pg_restore", "--list", str(part), password=url)
        if "TABLE DATA public ledger" not in contents:
            raise BackupFailed("backup.not_good", detail="the dump has no ledger", path=str(target))
        await asyncio.to_thread(_name, part, target)
    finally:
        part.unlink(missing_ok=True)


async def _run(program: str, *arguments: str | None, password: URL) -> str:
    # The password goes by the environment: arguments can be read by everybody on the machine.
    secret: Mapping[str, str] = {"PGPASSWORD": str(password.password)} if password.password else {}
    process = await asyncio.create_subprocess_exec(
        program,
        *(each for each in arguments if each is not None),
        env={**os.environ, **secret},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(DUMP_SECONDS):
            out, wrong = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise BackupFailed(detail=f"{program}: {wrong.decode(errors='replace').strip()}")
    return out.decode(errors="replace")


def _name(part: Path, target: Path) -> None:
    """Give a file its name, durably: a file's own fsync does not keep its name (fsync(2))."""
    if target.exists():
        raise BackupFailed("backup.exists", path=str(target))
    part.rename(target)
    handle = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
