"""Transactions are whole: for cancelled callers, racing writers, killed processes and full disks."""

from __future__ import annotations

import asyncio
import random
import sys
from asyncio.subprocess import PIPE
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from bot.domain.errors import ConfigError, QuotaExceeded, StorageUnavailable
from bot.domain.quota import Allowance, Per, QuotaRule, window_at
from bot.store import connections
from bot.store.database import Database, Transaction, lock_sqlite
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore
from bot.store.tables import uploads
from tests.support.postgres import PostgresServer
from tests.support.requests import PRICE, new_request

ROOT = Path(__file__).parent.parent.parent


async def put(tx: Transaction, name: str) -> None:
    row = {"provider": "sketch", "sha256": name, "uri": "x", "expires_at": 1.0}
    await tx.execute(insert(uploads).values(row))


async def names(database: Database) -> set[str]:
    rows = await database.read(lambda tx: tx.rows(select(uploads.c.sha256)))
    return {row.sha256 for row in rows}


async def test_what_a_writer_wrote_before_it_failed_is_gone(database: Database) -> None:
    async def fail(tx: Transaction) -> None:
        await put(tx, "half")
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fail)
    await database.write(lambda tx: put(tx, "whole"))
    assert await names(database) == {"whole"}


async def test_a_reader_cannot_change_anything(database: Database) -> None:
    with suppress(StorageUnavailable):
        await database.read(lambda tx: put(tx, "read"))
    assert await names(database) == set()


async def test_a_cancelled_writer_leaves_both_rows_or_none(database: Database) -> None:
    chance = random.Random(7)
    rounds = 150
    outcomes: set[str] = set()

    async def pair(tx: Transaction, number: int) -> None:
        await put(tx, f"{number}a")
        await put(tx, f"{number}b")

    for number in range(rounds):
        writer = asyncio.create_task(database.write(lambda tx, number=number: pair(tx, number)))
        for _ in range(chance.randrange(40)):
            await asyncio.sleep(0)
        await asyncio.sleep(chance.random() * 0.002)
        writer.cancel()
        try:
            await writer
            outcomes.add("done")
        except asyncio.CancelledError:
            # Seen only after the transaction ended: what is there now stays as it is.
            outcomes.add("kept" if f"{number}a" in await names(database) else "left out")
    kept = await names(database)

    assert all((f"{number}a" in kept) == (f"{number}b" in kept) for number in range(rounds))
    assert "kept" in outcomes
    await database.write(lambda tx: put(tx, "after"))
    assert "after" in await names(database)


async def test_a_cancelled_caller_learns_it_after_the_transaction_went_through(database: Database) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(tx: Transaction) -> None:
        await put(tx, "first")
        entered.set()
        await leave.wait()
        await put(tx, "second")

    writer = asyncio.create_task(database.write(slow))
    await entered.wait()
    for _ in range(3):
        writer.cancel()
        await asyncio.sleep(0)
    assert not writer.done()
    leave.set()
    with pytest.raises(asyncio.CancelledError):
        await writer
    assert await names(database) == {"first", "second"}


async def test_a_writer_cancelled_while_it_waits_its_turn_writes_nothing(sqlite: Database) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(tx: Transaction) -> None:
        await put(tx, "first")
        entered.set()
        await leave.wait()

    first = asyncio.create_task(sqlite.write(slow))
    await entered.wait()
    second = asyncio.create_task(sqlite.write(lambda tx: put(tx, "second")))
    third = asyncio.create_task(sqlite.write(lambda tx: put(tx, "third")))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    leave.set()
    await asyncio.gather(first, third)
    assert await names(sqlite) == {"first", "third"}


async def test_a_writer_whose_own_task_is_cancelled_leaves_the_database_usable(database: Database) -> None:
    entered = asyncio.Event()

    async def stuck(tx: Transaction) -> None:
        await put(tx, "stuck")
        entered.set()
        await asyncio.Event().wait()

    before = asyncio.all_tasks()
    writer = asyncio.create_task(database.write(stuck))
    await entered.wait()
    # A loop that shuts down cancels every task, also the one that a caller's cancellation does not reach.
    for task in asyncio.all_tasks() - before:
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    await database.write(lambda tx: put(tx, "next"))
    assert await names(database) == {"next"}


async def test_who_comes_after_the_end_opens_nothing_again(database_url: str) -> None:
    async with Database.open(database_url) as opened:
        await opened.write(lambda tx: put(tx, "before"))
        late = asyncio.create_task(opened.write(lambda tx: put(tx, "in line")))
    with suppress(StorageUnavailable):
        await late
    with pytest.raises(StorageUnavailable, match="closed"):
        await opened.write(lambda tx: put(tx, "after"))
    with pytest.raises(StorageUnavailable, match="closed"):
        await names(opened)
    async with Database.open(database_url) as again:
        assert "after" not in await names(again)


async def test_a_transaction_inside_a_transaction_is_a_fault_and_not_a_standstill(sqlite: Database) -> None:
    async def nested(tx: Transaction) -> None:
        await sqlite.read(lambda tx: put(tx, "inner"))

    with pytest.raises(RuntimeError, match="inside itself"):
        await sqlite.write(nested)


async def test_readers_see_one_state_while_others_write(postgres: PostgresServer) -> None:
    async with postgres.database() as url, Database.open(url) as database:

        async def twice(tx: Transaction) -> tuple[int, int]:
            before = await tx.scalar(select(func.count()).select_from(uploads))
            await database.write(lambda other: put(other, "meanwhile"))
            return before, await tx.scalar(select(func.count()).select_from(uploads))

        assert await database.read(twice) == (0, 0)
        assert await names(database) == {"meanwhile"}


async def test_a_process_that_stands_still_does_not_keep_its_locks(postgres: PostgresServer) -> None:
    async with postgres.database() as url, Database.open(url) as database:
        limit = await database.read(lambda tx: tx.scalar(text("SHOW idle_in_transaction_session_timeout")))
    assert limit == "30s"


async def test_writers_that_deadlock_are_run_again(postgres: PostgresServer) -> None:
    async with postgres.database() as url, Database.open(url) as database:
        both = asyncio.Barrier(2)
        runs: list[str] = []

        async def cross(tx: Transaction, first: int, second: int) -> None:
            runs.append("run")
            await tx.lock(7, first)
            if len(runs) <= 2:
                await both.wait()
            await tx.lock(7, second)
            await put(tx, f"{first}-{second}")

        await asyncio.gather(database.write(lambda tx: cross(tx, 1, 2)), database.write(lambda tx: cross(tx, 2, 1)))
        assert await names(database) == {"1-2", "2-1"}
        assert len(runs) == 3


async def _admit_within_five(database: Database) -> bool:
    """What a service does to accept a request: look, then write, in one transaction under the person's lock."""
    now = 1_000_000.0
    window = window_at(Per.DAY, now)

    async def work(tx: Transaction) -> None:
        usage = await Ledger().usage(tx, guild_id=10, user_id=1, role_ids=(), window=window, now=window.end)
        rule = QuotaRule(amount=5, queue=1000)
        sources = Allowance(rule=rule, usage=usage, window=window).check(images=1, price=PRICE, now=now)
        record = await RequestStore().insert(tx, new_request(created_at=now))
        await Ledger().hold(tx, record, sources, units_per_job=1, at=now)

    try:
        await database.write(work, lock=1)
    except QuotaExceeded:
        return False
    return True


async def test_two_hundred_requests_at_once_against_five_give_exactly_five(database_url: str) -> None:
    async with AsyncExitStack() as stack:
        # SQLite belongs to one process; PostgreSQL may serve several.
        count = 1 if database_url.startswith("sqlite") else 2
        databases = [await stack.enter_async_context(Database.open(database_url)) for _ in range(count)]
        accepted = await asyncio.gather(*(_admit_within_five(databases[n % count]) for n in range(200)))
        assert sum(accepted) == 5
        assert len(await databases[0].read(lambda tx: RequestStore().recent(tx, limit=300))) == 5
        assert await databases[0].read(Ledger().verify) == []


@pytest.mark.parametrize("after", [1, 25, 60])
async def test_a_killed_process_loses_nothing_that_it_was_told_is_kept(sqlite_url: str, after: int) -> None:
    command = [sys.executable, "-m", "tests.support.acked_writer", sqlite_url]
    writer = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
    assert writer.stdout is not None
    try:
        acked = [await writer.stdout.readline() for _ in range(after)]
    finally:
        writer.kill()
        rest, _ = await writer.communicate()
    # The last line may be cut by the kill.
    told = {line.decode().strip() for line in [*acked, *rest.splitlines(keepends=True)] if line.endswith(b"\n")}

    async with Database.open(sqlite_url) as database:
        kept = {str(record.id) for record in await database.read(lambda tx: RequestStore().recent(tx, limit=9999))}
        assert len(told) >= after
        assert told <= kept
        assert len(kept) - len(told) <= 1
        assert await database.read(Ledger().verify) == []
        assert await database.read(lambda tx: tx.scalar(text("PRAGMA integrity_check"))) == "ok"


async def test_a_full_disk_is_storage_unavailable_and_passes(sqlite: Database) -> None:
    pages = await sqlite.read(lambda tx: tx.scalar(text("PRAGMA page_count")))
    await sqlite.read(lambda tx: tx.scalar(text(f"PRAGMA max_page_count = {pages}")))

    async def much(tx: Transaction) -> None:
        for number in range(200):
            await put(tx, f"{number}" * 200)

    with pytest.raises(StorageUnavailable):
        await sqlite.write(much)
    await sqlite.read(lambda tx: tx.scalar(text("PRAGMA max_page_count = 1000000")))
    assert await names(sqlite) == set()
    await sqlite.write(much)
    assert len(await names(sqlite)) == 200


async def test_a_locked_file_is_storage_unavailable(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Database.open(sqlite_url) as one, Database.open(sqlite_url) as other:
        monkeypatch.setattr(connections, "LOCK_PATIENCE", 0.05)
        await other.read(lambda tx: tx.scalar(text("PRAGMA busy_timeout=20")))

        async def hold(tx: Transaction) -> None:
            with pytest.raises(StorageUnavailable):
                await other.write(lambda tx: put(tx, "other"))
            await put(tx, "one")

        await one.write(hold)
        assert await names(other) == {"one"}


async def test_a_server_that_goes_away_is_storage_unavailable_until_it_is_back(postgres: PostgresServer) -> None:
    async with postgres.database() as url, Database.open(url) as database:
        gone = text("SELECT pg_terminate_backend(pg_backend_pid())")
        with pytest.raises(StorageUnavailable):
            await database.write(lambda tx: tx.execute(gone))
        await database.write(lambda tx: put(tx, "back"))
        assert await names(database) == {"back"}


async def test_a_server_that_is_not_there_is_storage_unavailable() -> None:
    with pytest.raises(StorageUnavailable):
        async with Database.open("postgresql://nobody@127.0.0.1:1/none"):
            pytest.fail("it cannot be there")


async def test_a_database_that_the_server_does_not_know_is_a_fault_of_the_settings(postgres: PostgresServer) -> None:
    with pytest.raises(ConfigError) as caught:
        async with Database.open(postgres.url("never_made")):
            pytest.fail("it cannot be there")
    assert caught.value.key == "config.database_refused"


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://h/d", "sqlite://", "sqlite:///:memory:", "postgresql://h:x/"])
async def test_other_urls_are_a_fault_of_the_settings_and_never_repeated(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        async with Database.open(url):
            pytest.fail("it cannot be opened")
    assert caught.value.key == "config.database_url"
    assert not url or url not in str(caught.value)


async def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    async with Database.open(f"sqlite:///{tmp_path}/a/b/c.db") as database:
        assert database.dialect == "sqlite"
        pragmas = [
            await database.read(lambda tx, name=name: tx.scalar(text(f"PRAGMA {name}")))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        assert pragmas == ["wal", 2, 1]
    assert (tmp_path / "a/b/c.db").is_file()


def test_a_file_belongs_to_one_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/a.db"
    with lock_sqlite(url):
        with pytest.raises(ConfigError) as caught, lock_sqlite(url):
            pytest.fail("it is taken")
        assert caught.value.key == "config.database_in_use"
        assert caught.value.values == {"path": f"{tmp_path}/new/a.db"}
    with lock_sqlite(url), lock_sqlite("postgresql://h/d"), lock_sqlite("postgresql://h/d"):
        assert (tmp_path / "new").is_dir()
