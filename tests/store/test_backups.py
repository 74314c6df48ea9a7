"""Backups: whole, looked through, one state of the database, and thrown away when they are not good."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.domain.errors import BackupFailed, ConfigError
from bot.domain.retention import HOUR, Retention
from bot.store import migrate
from bot.store.backup_folder import BackupFolder
from bot.store.backups import LEAP, back_up, copy_of
from bot.store.condition import faults
from bot.store.database import Database
from bot.store.errands import Copyist, copied_by_the_bot
from bot.store.requests import RequestStore
from bot.store.upgrading import upgrade_after_backup
from tests.support.postgres import PostgresServer
from tests.support.requests import admit, new_request

NEXT = """
revision = "r9999"
down_revision = "{head}"

from alembic import op


def upgrade() -> None:
    op.execute("CREATE TABLE later (id INTEGER)")
"""


def folder(root: Path, *, hourly: int = 2, upgrades: int = 2) -> BackupFolder:
    return BackupFolder(root=root, retention=Retention(hourly=hourly, daily=0, weekly=0), upgrades=upgrades)


def reading(file: Path, question: str) -> Any:
    with closing(sqlite3.connect(f"file:{file}?immutable=1", uri=True)) as copy:
        return copy.execute(question).fetchone()[0]


def damage(file: Path, index: str) -> None:
    """Overwrite a part of an index as a bad disk might."""
    with closing(sqlite3.connect(file)) as shell:
        page = shell.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (index,)).fetchone()[0]
        size = shell.execute("PRAGMA page_size").fetchone()[0]
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size + 8)
        raw.write(b"\xff" * 64)


async def test_a_copy_made_while_others_write_is_one_state_with_right_sums(sqlite: Database, tmp_path: Path) -> None:
    copies = [tmp_path / "safe" / f"{number}.db" for number in range(5)]

    async def write() -> None:
        while True:
            await admit(sqlite, new_request(count=2))

    async with asyncio.timeout(30):
        writers = [asyncio.create_task(write()) for _ in range(3)]
        counts: list[int] = []
        for copy in copies:
            before = len(await sqlite.read(lambda tx: RequestStore().recent(tx, limit=9999)))
            await copy_of(sqlite, copy)
            after = len(await sqlite.read(lambda tx: RequestStore().recent(tx, limit=9999)))
            found = reading(copy, "SELECT count(*) FROM requests")
            assert before <= found <= after
            counts.append(after)
        for each in writers:
            each.cancel()
        await asyncio.gather(*writers, return_exceptions=True)
    assert counts == sorted(set(counts)), "nobody wrote"
    assert sorted(os.listdir(tmp_path / "safe")) == [each.name for each in copies], "nothing else is left"


async def test_a_bot_that_starts_from_a_copy_gives_no_id_again(sqlite: Database, tmp_path: Path) -> None:
    first = await admit(sqlite, new_request())
    await copy_of(sqlite, tmp_path / "copy.db")
    await admit(sqlite, new_request())
    async with Database.open(f"sqlite:///{tmp_path}/copy.db") as restored:
        again = await admit(restored, new_request())
        assert again.id == first.id + LEAP + 1
        assert again.jobs[0].id > LEAP
        assert await restored.read(faults) == []


async def test_a_copy_that_is_not_good_is_not_kept(sqlite: Database, tmp_path: Path) -> None:
    record = await admit(sqlite, new_request())
    await sqlite.write(lambda tx: tx.execute(text("UPDATE ledger SET amount = amount + 1 WHERE kind = 'hold'")))
    with pytest.raises(BackupFailed) as refused:
        await copy_of(sqlite, tmp_path / "safe" / "copy.db")
    assert refused.value.key == "backup.not_good"
    assert f"is not like job {record.jobs[0].id}" in refused.value.detail
    assert os.listdir(tmp_path / "safe") == []


async def test_a_backup_replaces_nothing_and_needs_a_place_that_can_be_written(sqlite_url: str, tmp_path: Path) -> None:
    taken = tmp_path / "taken.db"
    taken.write_text("mine")
    with pytest.raises(BackupFailed) as refused:
        await back_up(sqlite_url, taken)
    assert refused.value.key == "backup.exists"
    assert taken.read_text() == "mine"
    with pytest.raises(BackupFailed) as refused:
        await back_up(sqlite_url, taken / "inside.db")
    assert refused.value.key == "backup.failed"


async def test_pages_that_are_damaged_and_rows_without_their_row_are_named(sqlite_url: str, tmp_path: Path) -> None:
    async with Database.open(sqlite_url) as database:
        await admit(database, new_request())
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as shell:
        shell.execute("DELETE FROM requests")
        shell.commit()
    async with Database.open(sqlite_url) as database:
        assert "row 1 of jobs belongs to a row of requests that is not there" in await database.read(faults)
    damage(file, "ix_ledger_window")
    async with Database.open(sqlite_url) as database:
        assert (await database.read(faults))[0].startswith("the file is damaged: ")


async def test_a_command_gets_a_copy_from_the_process_that_has_the_file(sqlite: Database, sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    record = await admit(sqlite, new_request())
    serving = asyncio.create_task(Copyist(database=sqlite, file=file).run())
    async with copied_by_the_bot(file, patience=20) as copy:
        assert reading(copy, "SELECT max(id) FROM requests") == record.id
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    with pytest.raises(BackupFailed) as refused:
        async with copied_by_the_bot(file, patience=0.2):
            pass
    assert refused.value.key == "backup.no_answer"
    assert not [name for name in os.listdir(file.parent) if "copy" in name or "ask" in name]


def next_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the code know one revision more."""
    head = migrate.revisions()[-1]
    scripts = shutil.copytree(migrate._SCRIPTS, tmp_path / "migrations")
    (scripts / "versions" / "r9999_later.py").write_text(NEXT.format(head=head))
    monkeypatch.setattr(migrate, "_SCRIPTS", scripts)


async def test_tables_are_upgraded_only_after_a_backup_of_what_they_were(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Database.open(sqlite_url) as database:
        record = await admit(database, new_request())
    head = migrate.revisions()[-1]
    assert await upgrade_after_backup(sqlite_url, folder(tmp_path / "safe")) == []
    assert not (tmp_path / "safe").exists(), "there was nothing to do"
    next_version(monkeypatch, tmp_path)

    (tmp_path / "safe").write_text("no folder")
    with pytest.raises(ConfigError) as refused:
        await upgrade_after_backup(sqlite_url, folder(tmp_path / "safe"))
    assert refused.value.key == "backup.before_upgrade"
    assert await migrate.current(sqlite_url) == head, "the tables are as they were"

    (tmp_path / "safe").unlink()
    assert await upgrade_after_backup(sqlite_url, folder(tmp_path / "safe")) == ["r9999"]
    (kept,) = folder(tmp_path / "safe").all()
    assert kept.before_upgrade
    assert kept.path.name.endswith(f"-{head}-before-upgrade.db")
    assert reading(kept.path, "SELECT max(id) FROM requests") == record.id
    assert reading(kept.path, "SELECT version_num FROM alembic_version") == head


def test_only_automatic_backups_are_deleted(tmp_path: Path) -> None:
    kept = folder(tmp_path)
    times = [1_000_000 * HOUR + number * HOUR for number in range(5)]
    for at in times:
        for file in (kept.scheduled(at), kept.before("r0001", at, suffix=".db"), kept.asked(at, suffix=".db")):
            file.touch()
    (tmp_path / "notes.txt").touch()
    gone = kept.prune()
    assert len(gone) == 3 + 3
    assert sorted(each.at for each in kept.all() if each.scheduled) == times[-2:]
    assert sorted(each.at for each in kept.all() if each.before_upgrade) == times[-2:]
    assert len(list(tmp_path.glob("*-asked.db"))) == 5
    assert (tmp_path / "notes.txt").exists()
    assert kept.newest_scheduled() == times[-1]
    assert kept.asked(times[0], suffix=".db").name.endswith("-asked-2.db")


async def test_postgresql_is_dumped_by_its_own_tool_and_comes_back_whole(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    async with postgres.database() as url, postgres.database(template="template0") as empty:
        async with Database.open(url) as database:
            record = await admit(database, new_request(count=2))
            await back_up(url, tmp_path / "safe" / "atelier.dump")
        target = make_url(empty)
        place = [f"--host={target.host}", f"--port={target.port}", f"--username={target.username}"]
        command = ["pg_restore", "--exit-on-error", *place, f"--dbname={target.database}"]
        restoring = await asyncio.create_subprocess_exec(*command, str(tmp_path / "safe" / "atelier.dump"))
        assert await restoring.wait() == 0
        async with Database.open(empty) as restored:
            (found,) = await restored.read(lambda tx: RequestStore().recent(tx, limit=9))
            assert found == record
            assert await restored.read(faults) == []


async def test_without_postgresqls_tools_the_command_that_does_it_is_told(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with postgres.database() as url:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(BackupFailed) as refused:
            await back_up(url, tmp_path / "atelier.dump")
        assert refused.value.key == "backup.no_tool"
        next_version(monkeypatch, tmp_path)
        assert await upgrade_after_backup(url, folder(tmp_path / "safe")) == ["r9999"]


async def test_a_server_that_refuses_is_no_backup_and_leaves_nothing(postgres: PostgresServer, tmp_path: Path) -> None:
    url = make_url(f"postgresql://nobody:canary-91be44@127.0.0.1:{postgres.port}/nowhere")
    with pytest.raises(BackupFailed) as refused:
        await back_up(url.render_as_string(hide_password=False), tmp_path / "safe" / "atelier.dump")
    assert "pg_dump" in refused.value.detail
    assert "canary" not in refused.value.detail
    assert os.listdir(tmp_path / "safe") == []
