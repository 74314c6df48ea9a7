"""Bringing a database's schema up to what this code expects."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy import Connection, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.domain.errors import ConfigError
from bot.store.connections import postgres_engine
from bot.store.database import create_folder, storage_errors
from bot.store.urls import database_url

_SCRIPTS = Path(__file__).parent / "migrations"

_LOCK = (0x61_74_65_6C, 0)
"""PostgreSQL's advisory lock that processes starting together take turns by."""


async def upgrade(url: str) -> list[str]:
    """Apply the missing revisions, all or none, and name them; safe to run at every start.

    Raises:
        ConfigError: the database is newer than this code (`config.database_newer`).
        StorageUnavailable: the database cannot be written now.
    """
    async with _transaction(url) as connection:
        return await connection.run_sync(_upgrade)


async def current(url: str) -> str | None:
    """The revision the database is at, `None` when it is empty.

    Raises:
        ConfigError: the URL names no database that we can use.
        StorageUnavailable: the database cannot be read now.
    """
    async with _transaction(url) as connection:
        return await connection.run_sync(_current)


async def outdated(url: str) -> str | None:
    """The revision of a database with tables that this code would change; `None` for one that is new or up to date.

    Raises:
        ConfigError: the URL names no database that we can use.
        StorageUnavailable: the database cannot be read now.
    """
    now, known = await current(url), revisions()
    return now if now in known[:-1] else None


def revisions() -> list[str]:
    """Every revision that this code knows, oldest first; it wants the last one."""
    return [script.revision for script in reversed(list(_scripts().walk_revisions()))]


@asynccontextmanager
async def _transaction(url: str) -> AsyncGenerator[AsyncConnection, None]:
    parsed = database_url(url)
    create_folder(parsed)
    sqlite = parsed.get_backend_name() == "sqlite"
    engine = (
        create_async_engine(parsed, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        if sqlite
        else postgres_engine(parsed)
    )
    try:
        with storage_errors():
            async with engine.connect() as connection:
                if sqlite:
                    await connection.exec_driver_sql("BEGIN IMMEDIATE")
                else:
                    await connection.execute(select(func.pg_advisory_xact_lock(*_LOCK)))
                yield connection
                await connection.commit()
    finally:
        await engine.dispose()


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> list[str]:
    config = _config()
    config.attributes["connection"] = connection
    scripts = _scripts()
    now = _current(connection)
    try:
        missing = [script.revision for script in scripts.iterate_revisions("head", now or "base")]
    except RevisionError as error:
        raise ConfigError("config.database_newer", revision=now, detail=str(error)) from error
    if missing:
        command.upgrade(config, "head")
    return list(reversed(missing))


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    # Written by hand instead of read from an alembic.ini: the scripts are part of the package.
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
