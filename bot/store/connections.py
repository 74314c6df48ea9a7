"""Connections that run whole transactions: the one of SQLite, and PostgreSQL's pool."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import URL, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.domain.errors import StorageUnavailable
from bot.store.failures import is_conflict, is_locked

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]

log = logging.getLogger(__name__)

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what people had deleted is overwritten, and not only no longer found
    "PRAGMA busy_timeout=100",  # what is waited for here, all others wait for too; see LOCK_PATIENCE
)

LOCK_PATIENCE = 1.5
"""Seconds that a transaction waits for somebody else with the file open, such as a shell: people wait for three."""

CONNECT_LIMIT = 10
STATEMENT_LIMIT = 30
"""Seconds until a PostgreSQL server that does not answer counts as gone."""

CONFLICT_TRIES = 5

CLOSED = "the database was closed"


class Connections(Protocol):
    """Runs a piece of work as one transaction, to its end even when the caller is cancelled."""

    async def read(self, work: Work[T]) -> T: ...

    async def write(self, work: Work[T], *, lock: int | None, patient: bool = True) -> T: ...

    async def close(self) -> None: ...


class SqliteConnection:
    """The process's only connection: transactions take turns on it in the order in which they came.

    One connection, because racing writers cost much and versions before 3.51.3 can corrupt a WAL that two connections
    write (sqlite.org/wal.html#walresetbug).
    """

    def __init__(self, url: URL) -> None:
        # In this mode the driver begins nothing by itself; commit() and rollback() still end what we began.
        self._engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._turn = asyncio.Lock()
        self._open: AsyncConnection | None = None
        self._running: asyncio.Task[object] | None = None
        self._over = False

    async def read(self, work: Work[T]) -> T:
        return await self._in_turn(work, "BEGIN", keep=False)

    async def write(self, work: Work[T], *, lock: int | None, patient: bool = True) -> T:
        del lock  # all writers take turns anyway
        give_up = time.monotonic() + (LOCK_PATIENCE if patient else 0.0)
        while True:
            try:
                return await self._in_turn(work, "BEGIN IMMEDIATE", keep=True)
            except DBAPIError as error:
                # Waiting without a turn: who only reads is not in the way of whoever holds the file.
                if not is_locked(error) or time.monotonic() > give_up:
                    raise
            await asyncio.sleep(0.05)

    async def copy(self, target: Path) -> None:
        """Write one state of the database to a new file.

        SQLite's own backup, through the only connection: other transactions wait for it.
        """

        async def work(connection: AsyncConnection) -> None:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            with closing(sqlite3.connect(target, check_same_thread=False)) as copy:
                await driver.backup(copy)

        await self.read(work)

    async def close(self) -> None:
        async with self._turn:
            self._over = True
            await self._drop()
            await self._engine.dispose()

    async def _in_turn(self, work: Work[T], begin: str, *, keep: bool) -> T:
        if self._running is not None and self._running is asyncio.current_task():
            raise RuntimeError("a transaction waits for another one inside itself")
        # A caller that is cancelled while it waits just leaves the line.
        await self._turn.acquire()
        task = asyncio.create_task(self._transaction(work, begin, keep=keep))
        self._running = task
        task.add_done_callback(self._end_turn)
        return await run_to_end(task)

    def _end_turn(self, task: object) -> None:
        self._running = None
        self._turn.release()

    async def _transaction(self, work: Work[T], begin: str, *, keep: bool) -> T:
        connection = await self._connected()
        try:
            await connection.exec_driver_sql(begin)
            result = await work(connection)
            await (connection.commit() if keep else connection.rollback())
        except BaseException:
            await self._roll_back(connection)
            raise
        return result

    async def _roll_back(self, connection: AsyncConnection) -> None:
        try:
            await connection.rollback()
        except DBAPIError:
            log.exception("a transaction could not be rolled back; the database is opened again")
            await self._drop()
        else:
            if connection.invalidated:
                await self._drop()

    async def _connected(self) -> AsyncConnection:
        if self._over:
            # The file is another process's to open by now.
            raise StorageUnavailable(detail=CLOSED)
        if self._open is None:
            connection = await self._engine.connect()
            try:
                for pragma in _PRAGMAS:
                    await connection.exec_driver_sql(pragma)
                await connection.rollback()
            except BaseException:
                await connection.close()
                raise
            self._open = connection
        return self._open

    async def _drop(self) -> None:
        connection, self._open = self._open, None
        if connection is not None:
            await connection.close()


class PostgresPool:
    """A pool of connections; writers of one requester take turns by an advisory lock."""

    def __init__(self, url: URL) -> None:
        self._engine = postgres_engine(url)
        self._tasks: set[asyncio.Task[object]] = set()
        self._over = False

    async def read(self, work: Work[T]) -> T:
        return await self._to_end(self._read(work))

    async def write(self, work: Work[T], *, lock: int | None, patient: bool = True) -> T:
        del patient  # the server has time limits of its own
        return await self._to_end(self._write(work, lock))

    async def close(self) -> None:
        self._over = True
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._engine.dispose()

    async def _to_end(self, run: Coroutine[Any, Any, T]) -> T:
        if self._over:
            run.close()
            raise StorageUnavailable(detail=CLOSED)
        task = asyncio.ensure_future(run)
        assert isinstance(task, asyncio.Task)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await run_to_end(task)

    async def _read(self, work: Work[T]) -> T:
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            return await work(connection)

    async def _write(self, work: Work[T], lock: int | None) -> T:
        for attempt in range(1, CONFLICT_TRIES):
            try:
                return await self._write_once(work, lock)
            except DBAPIError as error:
                if not is_conflict(error):
                    raise
                log.info("a transaction got in another one's way (try %d)", attempt)
                await asyncio.sleep(random.uniform(0.005, 0.02) * attempt)
        return await self._write_once(work, lock)

    async def _write_once(self, work: Work[T], lock: int | None) -> T:
        async with self._engine.begin() as connection:
            if lock is not None:
                await connection.execute(select(func.pg_advisory_xact_lock(lock)))
            return await work(connection)


def postgres_engine(url: URL) -> AsyncEngine:
    """An engine whose connections give up on a server that does not answer."""
    arguments = {
        "timeout": CONNECT_LIMIT,
        "command_timeout": STATEMENT_LIMIT,
        # Our statements take a millisecond; compiling one to machine code takes fifty.
        "server_settings": {
            "application_name": "atelier",
            "jit": "off",
            # A process that stands still inside a transaction, or whose machine is gone, must not keep its locks.
            "idle_in_transaction_session_timeout": str(1000 * STATEMENT_LIMIT),
        },
    }
    return create_async_engine(url, connect_args=arguments, pool_timeout=CONNECT_LIMIT)


async def run_to_end(task: asyncio.Task[T]) -> T:
    """The task's result; a caller that is cancelled meanwhile is so only after the task has ended."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                continue
        if not task.cancelled() and (error := task.exception()) is not None:
            log.info("a transaction whose caller was cancelled did not go through: %s", type(error).__name__)
        raise
