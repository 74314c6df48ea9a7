"""Migrating makes exactly the schema of the code, once, forward only."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.domain.errors import ConfigError, StorageUnavailable
from bot.store.database import Database
from bot.store.migrate import current, revisions, upgrade
from bot.store.tables import metadata
from bot.store.urls import database_url

SCHEMA = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name != 'alembic_version'",
    # Columns, constraints and indexes as the server itself writes them down.
    "postgresql": """
        SELECT table_name || '.' || column_name,
               concat_ws(' ', ordinal_position, data_type, is_nullable, column_default)
          FROM information_schema.columns WHERE table_schema = 'public' AND table_name != 'alembic_version'
        UNION SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND conrelid != to_regclass('alembic_version')
        UNION SELECT indexname, indexdef FROM pg_indexes
         WHERE schemaname = 'public' AND tablename != 'alembic_version'
    """,
}


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new/atelier.db"
    else:
        async with request.getfixturevalue("postgres").database(template="template0") as url:
            yield url


async def schema(url: str, *, make: MetaData | None = None) -> dict[str, set[str]]:
    """What is in the database, by name, as sets of words: their order within a table is of no account."""
    parsed = database_url(url)
    engine = create_async_engine(parsed, poolclass=NullPool)
    async with engine.begin() as connection:
        if make is not None:
            await connection.run_sync(make.create_all)
        rows = await connection.execute(text(SCHEMA[parsed.get_backend_name()]))
        # A column that was added later stands on the last line, with the bracket, and not on one of its own.
        found = {name: {part.strip().removesuffix(")") for part in re.split("[\n,]", str(sql))} for name, sql in rows}
    await engine.dispose()
    return found


async def test_an_empty_database_is_migrated_once(empty_url: str) -> None:
    assert await current(empty_url) is None
    assert await upgrade(empty_url) == revisions()
    assert await upgrade(empty_url) == []
    assert await current(empty_url) == revisions()[-1]


async def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    done = await asyncio.gather(*(upgrade(empty_url) for _ in range(4)))
    assert sorted(done) == [[], [], [], revisions()]


async def test_the_migrated_schema_is_the_one_of_the_tables(empty_url: str, tmp_path: Path) -> None:
    await upgrade(empty_url)
    migrated = await schema(empty_url)
    assert set(migrated) >= set(metadata.tables) or "jobs.state" in migrated
    drop = create_async_engine(database_url(empty_url), poolclass=NullPool)
    async with drop.begin() as connection:
        assert await connection.run_sync(_differences) == []
        await connection.run_sync(metadata.drop_all)
    await drop.dispose()

    assert migrated == await schema(empty_url, make=metadata)


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_a_database_that_is_newer_than_the_code_is_left_alone(database_url: str) -> None:
    async with Database.open(database_url) as database:
        await database.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))

    with pytest.raises(ConfigError) as caught:
        await upgrade(database_url)

    assert (caught.value.key, caught.value.values) == ("config.database_newer", {"revision": "9999"})
    assert await current(database_url) == "9999"


async def test_a_step_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    async with Database.open(empty_url) as database:
        await database.write(lambda tx: tx.execute(text("CREATE TABLE outputs (x INTEGER)")))

    with pytest.raises(Exception, match="outputs"):
        await upgrade(empty_url)

    assert await current(empty_url) is None
    names = {name.partition(".")[0] for name in await schema(empty_url)}
    assert names == {"outputs"}


async def test_a_folder_that_cannot_be_made_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError) as caught:
        await upgrade(f"sqlite:///{tmp_path}/file/a.db")
    assert caught.value.key == "config.database_folder"


async def test_a_file_that_is_no_database_is_storage_unavailable(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"something else entirely" * 100)
    with pytest.raises(StorageUnavailable):
        await upgrade(f"sqlite:///{tmp_path}/a.db")
