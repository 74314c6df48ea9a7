"""The one way to read and the one way to write: whole transactions, whatever happens to their callers."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import URL, CursorResult, Executable, Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.errors import ConfigError, StorageUnavailable
from bot.domain.privacy import pseudonym
from bot.store.connections import Connections, PostgresPool, SqliteConnection
from bot.store.failures import STORAGE_ERRORS, is_refusal, storage_failure
from bot.store.standing import Standing
from bot.store.tables import PSEUDONYMS, secrets
from bot.store.urls import database_url, sqlite_file

T = TypeVar("T")

Dialect = Literal["sqlite", "postgresql"]


@dataclass(slots=True)
class Keyring:
    """The key of people's pseudonyms, once it was read."""

    key: bytes | None = field(default=None, repr=False)


class Transaction:
    """A running transaction. Callers hand it on to repositories; only the store looks inside."""

    def __init__(self, connection: AsyncConnection, dialect: Dialect, keyring: Keyring | None = None) -> None:
        self._connection = connection
        self._keyring = keyring or Keyring()
        self.dialect: Dialect = dialect

    async def execute(self, statement: Executable, parameters: list[dict[str, Any]] | None = None) -> CursorResult[Any]:
        """Run one statement."""
        return await self._connection.execute(statement, parameters)

    async def rows(self, statement: Executable) -> list[Row[Any]]:
        """All rows of a statement."""
        return list((await self._connection.execute(statement)).all())

    async def first(self, statement: Executable) -> Row[Any] | None:
        """The first row of a statement, if any."""
        return (await self._connection.execute(statement)).first()

    async def scalar(self, statement: Executable) -> Any:
        """The first column of the first row, `None` without a row."""
        return (await self._connection.execute(statement)).scalar()

    async def stream(self, statement: Executable) -> AsyncIterator[Row[Any]]:
        """The rows of a statement that may have more than fit into memory."""
        async for row in await self._connection.stream(statement):
            yield row

    async def pseudonym(self, user_id: int) -> int:
        """The number that stands for a person in what they had deleted; nobody (0) and pseudonyms have no other."""
        if user_id <= 0:
            return user_id
        if self._keyring.key is None:
            stored = await self.scalar(select(secrets.c.value).where(secrets.c.name == PSEUDONYMS))
            self._keyring.key = bytes.fromhex(stored)
        return pseudonym(self._keyring.key, user_id)

    async def ids_of(self, user_id: int) -> tuple[int, ...]:
        """All numbers under which something of a person is kept: what limits them looks at all of these."""
        return tuple(dict.fromkeys((user_id, await self.pseudonym(user_id))))

    async def lock(self, space: int, key: int = 0) -> None:
        """Wait until no other transaction holds this lock; SQLite's writers take turns anyway."""
        if self.dialect == "postgresql":
            await self._connection.execute(select(func.pg_advisory_xact_lock(space, key)))


class Database:
    """SQLite through one connection, or PostgreSQL through a pool."""

    def __init__(self, connections: Connections, dialect: Dialect) -> None:
        self._connections = connections
        self._dialect: Dialect = dialect
        self._keyring = Keyring()
        self.standing = Standing()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncGenerator[Database, None]:
        """Connect; the folder of a SQLite file is created. Does not migrate.

        Raises:
            ConfigError: the URL names no database that we can use.
            StorageUnavailable: the database does not answer.
        """
        parsed = database_url(url)
        create_folder(parsed)
        if parsed.get_backend_name() == "sqlite":
            database = cls(SqliteConnection(parsed), "sqlite")
        else:
            database = cls(PostgresPool(parsed), "postgresql")
        try:
            await database.read(_answer)
            yield database
        finally:
            await database._connections.close()

    @property
    def dialect(self) -> Dialect:
        """Which of the two databases this is."""
        return self._dialect

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in a transaction that sees one state of the database and cannot change it.

        Raises:
            StorageUnavailable: the database cannot be read now.
        """
        with storage_errors():
            return await self._connections.read(
                lambda connection: work(Transaction(connection, self._dialect, self._keyring))
            )

    async def write(self, work: Callable[[Transaction], Awaitable[T]], *, lock: int | None = None) -> T:
        """Run `work` in a transaction that is kept as a whole, or not at all when `work` raises.

        A caller that is cancelled meanwhile sees `CancelledError` after the transaction has ended one way or the
        other. `work` awaits nothing but the database, and may be run again when another process got in its way.
        With `lock` (the requester's user id) no other writer with the same number runs at the same time.

        Raises:
            StorageUnavailable: the database cannot be written now.
        """
        try:
            with storage_errors():
                result = await self._connections.write(
                    lambda connection: work(Transaction(connection, self._dialect, self._keyring)),
                    lock=lock,
                    patient=self.standing.trouble is None,
                )
        except StorageUnavailable as error:
            self.standing.failed(error)
            raise
        self.standing.wrote()
        return result

    async def copy(self, target: Path) -> None:
        """Write one state of a SQLite database to a file that does not exist yet; others wait meanwhile.

        Raises:
            StorageUnavailable: the database cannot be read, or the file not be written.
        """
        if not isinstance(self._connections, SqliteConnection):
            raise TypeError("only SQLite databases are files")
        try:
            with storage_errors():
                await self._connections.copy(target)
        except sqlite3.Error as error:
            raise StorageUnavailable(detail=f"{type(error).__name__}: {error}") from error


async def _answer(tx: Transaction) -> None:
    await tx.execute(select(1))


def create_folder(url: URL) -> None:
    """Create the folder of a SQLite file.

    Raises:
        ConfigError: it cannot be created.
    """
    file = sqlite_file(url)
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError("config.database_folder", path=str(file.parent), detail=str(error)) from error


@contextmanager
def storage_errors() -> Generator[None, None, None]:
    """Turn drivers' errors into ours where storage is out of order; faults of ours pass as they are."""
    try:
        yield
    except STORAGE_ERRORS as error:
        if is_refusal(error):
            raise ConfigError("config.database_refused", detail=str(getattr(error, "orig", error))) from error
        failure = storage_failure(error)
        if failure is None:
            raise
        raise failure from error


def is_in_use(error: ConfigError) -> bool:
    """Whether the error says that another process has the database."""
    return error.key == "config.database_in_use"


@contextmanager
def lock_sqlite(url: str) -> Generator[None, None, None]:
    """Hold the database for this process; nothing to do for PostgreSQL.

    Raises:
        ConfigError: another process has it (`config.database_in_use`).
    """
    parsed = database_url(url)
    file = sqlite_file(parsed)
    if file is None:
        yield
        return
    create_folder(parsed)
    lock = FileLock(f"{file}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise ConfigError("config.database_in_use", path=str(file)) from error
    try:
        yield
    finally:
        lock.release()
