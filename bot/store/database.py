"""The one way to read and the one way to write: whole transactions, whatever happens to their callers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any, Literal, TypeVar

from sqlalchemy import CursorResult, Executable

T = TypeVar("T")


class Transaction:
    """A running transaction. Callers hand it on to repositories; only the store looks inside."""

    async def execute(self, statement: Executable) -> CursorResult[Any]:
        """Run one statement."""
        raise NotImplementedError


class Database:
    """SQLite through one connection, or PostgreSQL through a pool."""

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Database]:
        """Connect; the folder of a SQLite file is created. Does not migrate.

        Raises:
            ConfigError: the URL names no database that we can use.
            StorageUnavailable: the database does not answer.
        """
        yield cls()

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]:
        """Which of the two databases this is."""
        raise NotImplementedError

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in a transaction that sees one state of the database and cannot change it.

        Raises:
            StorageUnavailable: the database cannot be read now.
        """
        raise NotImplementedError

    async def write(self, work: Callable[[Transaction], Awaitable[T]], *, lock: int | None = None) -> T:
        """Run `work` in a transaction that is kept as a whole, or not at all when `work` raises.

        A caller that is cancelled meanwhile sees `CancelledError` after the transaction has ended one way or the
        other. `work` awaits nothing but the database, and may be run again when another process got in its way.
        With `lock` (the requester's user id) no other writer with the same number runs at the same time.

        Raises:
            StorageUnavailable: the database cannot be written now.
        """
        raise NotImplementedError


def lock_sqlite(url: str) -> AbstractContextManager[None]:
    """Hold the database for this process; nothing to do for PostgreSQL.

    Raises:
        ConfigError: another process has it (`config.database_in_use`).
    """
    raise NotImplementedError
