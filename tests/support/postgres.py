"""A real PostgreSQL for tests, from the binaries on this machine: one a process, one database a test."""

from __future__ import annotations

import asyncio
import atexit
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncGenerator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar

import asyncpg
import pytest

from bot.store.migrate import upgrade

T = TypeVar("T")

START_LIMIT = 30
TEMPLATE = "atelier_template"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "80",
    "autovacuum": "off",
}


class NoPostgres(Exception):
    """The machine has no PostgreSQL that tests could start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A running server. Every database starts as a copy of one that is migrated already."""

    port: int
    names: count[int]

    def url(self, name: str) -> str:
        """The URL under which the bot (also one in another process) opens the database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    @asynccontextmanager
    async def database(self, *, template: str = TEMPLATE) -> AsyncGenerator[str, None]:
        """The URL of a fresh database; `template0` makes an empty one."""
        name = f"test_{next(self.names)}"
        await self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.url(name)
        finally:
            await self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def prepare(self) -> None:
        """Wait until the server answers, then make the migrated template."""
        deadline = time.monotonic() + START_LIMIT
        while True:
            try:
                await self._run(f'CREATE DATABASE "{TEMPLATE}"')
                break
            except (OSError, asyncpg.CannotConnectNowError):
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.05)
        await upgrade(self.url(TEMPLATE))


def postgres_or_skip() -> PostgresServer:
    """This process's server; without binaries the test is skipped, or fails where that must not go unnoticed."""
    try:
        return postgres_server()
    except NoPostgres as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@cache
def postgres_server() -> PostgresServer:
    """This process's server, started the first time and stopped when the process ends."""
    programs = _programs()
    account = _account()
    folder = Path(mkdtemp(prefix="atelier-postgres-"))
    if account:
        shutil.chown(folder, account, account if account == "postgres" else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    data = folder / "data"
    _initialise(programs / "initdb", data, account)
    port = _free_port()
    options = [f"--{name}={value}" for name, value in SETTINGS.items()]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), *options],
            stdout=log,
            stderr=log,
            cwd=folder,
            user=account,
        )
    atexit.register(_stop, process)
    server = PostgresServer(port=port, names=count(1))
    try:
        in_other_loop(server.prepare())
    except OSError as error:
        raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:]) from error
    return server


def in_other_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end from a place where a loop may or may not be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _programs() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    for folder in [*([Path(on_path).resolve().parent] if on_path else []), *installed]:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise NoPostgres("PostgreSQL's initdb and postgres are not installed")


def _account() -> str | None:
    """PostgreSQL refuses to run as root; then somebody without rights runs it."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NoPostgres("running as root, and there is no account that PostgreSQL could run as")


def _initialise(initdb: Path, data: Path, account: str | None) -> None:
    command = [initdb, "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run(command, user=account, cwd=data.parent, capture_output=True, text=True, check=False)
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
    process.send_signal(2)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
