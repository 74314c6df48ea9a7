"""An operator backs a running bot up, loses everything, and brings it back by the manual's own words."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tests.support.bench import REPOSITORY, text_of
from tests.support.doomed import DoomedStudio, open_doomed

PATIENCE = 60
MANUAL = REPOSITORY / "docs" / "operators.md"


@asynccontextmanager
async def hosted(folder: Path, **settings: str) -> AsyncGenerator[DoomedStudio]:
    """A bot as an operator hosts it: everything it keeps is in `data`."""
    (folder / "data").mkdir()
    places = {"BOT_STORAGE__URL": "file:data/blobs"}
    url = f"sqlite+aiosqlite:///{folder}/data/atelier.db"
    async with open_doomed(folder, database_url=url, **{**places, **settings}) as studio:  # pyright: ignore[reportArgumentType]
        yield studio


async def shell(studio: DoomedStudio | Path, script: str, **variables: str) -> tuple[int, str]:
    """What an operator types in the bot's folder: exit status and everything that was written."""
    folder, settings = (studio, {}) if isinstance(studio, Path) else (studio.folder, studio.environment)
    process = await asyncio.create_subprocess_exec(
        *("sh", "-euc", script),
        cwd=folder,
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(REPOSITORY),
            **settings,
            **variables,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(PATIENCE):
        out, _ = await process.communicate()
    assert process.returncode is not None
    assert b"Traceback" not in out, out.decode()
    return process.returncode, out.decode()


def restore_commands() -> str:
    """What the manual says under “Restoring”."""
    found = re.search(r"<!-- restore -->\n```sh\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


async def test_a_bot_that_lost_everything_is_brought_back_as_the_manual_says(tmp_path: Path) -> None:
    async with hosted(tmp_path) as studio:
        done = await studio.imagine("a lighthouse at dusk")
        assert (await studio.closed(done)).startswith("**Done**")
        (result,) = studio.results()
        status, said = await shell(studio, "python -m bot db backup --to safe/atelier.db && cp -R data/blobs safe/")
        assert status == 0, said
        assert "safe/atelier.db: 0." in said
        assert "looked through and good" in said
        forgotten = await studio.imagine("a cat that will be forgotten")
        assert (await studio.closed(forgotten)).startswith("**Done**")
        (later,) = [each for each in studio.results() if each["id"] != result["id"]]

        studio.kill()
        await studio.ended()
        shutil.rmtree(tmp_path / "data")
        status, said = await shell(studio, restore_commands(), BACKUP="safe/atelier.db", PICTURES="safe/blobs")
        assert status == 0, said
        assert said.splitlines()[-1] == "The database is whole. Every sum of the ledger is right."
        await studio.restart()

        again = await studio.person().press(result["id"], label="Reroll")
        assert (await studio.closed(again)).startswith("**Done**")
        assert len(studio.results()) == 3
        gone = await studio.person().press(later["id"], label="Reroll")
        assert "not here any more" in text_of(studio.card(gone))
        status, said = await shell(studio, "python -m bot db verify")
        assert (status, said.splitlines()[-1]) == (0, "The database is whole. Every sum of the ledger is right.")
        assert await studio.stop() == 0
        assert [record.request.prompt for record in (await studio.books()).requests] == ["a lighthouse at dusk"] * 2


async def test_the_bot_backs_itself_up_and_keeps_the_newest(tmp_path: Path) -> None:
    kept = {
        "BOT_BACKUPS__EVERY": "0.2",
        "BOT_BACKUPS__HOURLY": "1",
        "BOT_BACKUPS__DAILY": "0",
        "BOT_BACKUPS__WEEKLY": "0",
    }
    async with hosted(tmp_path, **kept) as studio:
        backups = tmp_path / "data" / "backups"
        first = await studio.until(lambda: next(backups.glob("atelier-*Z.db"), None))
        await studio.until(lambda: not first.exists())
        assert await studio.stop() == 0
        assert len(list(backups.glob("atelier-*Z.db"))) in {1, 2}, "the newest, and one that was not counted yet"


async def test_a_running_bot_is_looked_through_and_exported_without_being_disturbed(tmp_path: Path) -> None:
    async with hosted(tmp_path) as studio:
        done = await studio.imagine("a lighthouse at dusk")
        await studio.closed(done)
        (result,) = studio.results()
        status, said = await shell(studio, "python -m bot db export --to all.jsonl && python -m bot db export | wc -l")
        assert status == 0, said
        first, *rows = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
        assert first["format"] == "atelier-export"
        assert {row["table"] for row in rows} <= set(first["tables"])
        assert f"all.jsonl: {len(rows)} rows." in said
        (asked,) = [row["row"] for row in rows if row["table"] == "requests"]
        assert (asked["prompt"], str(asked["result_message_id"])) == ("a lighthouse at dusk", result["id"])
        assert "interaction_token" not in asked
        token = studio.discord.interactions()[0].token
        assert token not in (tmp_path / "all.jsonl").read_text()

        status, said = await shell(studio, "python -m bot db backup --to all.jsonl")
        assert (status, said) == (2, "all.jsonl is there already; nothing was written. Name another file.\n")
        assert not [name for name in os.listdir(tmp_path / "data") if "copy" in name or "ask" in name]

        assert await studio.stop() == 0
        with closing(sqlite3.connect(tmp_path / "data" / "atelier.db")) as database:
            database.execute("UPDATE ledger SET amount = amount + 1 WHERE kind = 'charge'")
            database.execute("UPDATE ledger SET job_id = 77 WHERE kind = 'hold'")
            database.commit()
        status, said = await shell(studio, "python -m bot db verify")
        assert status == 1
        assert "WRONG: row 1 of ledger belongs to a row of jobs that is not there" in said
        status, said = await shell(studio, "python -m bot db backup --to bad.db")
        assert (status, "The copy is not good, so it was not kept" in said) == (1, True)
        assert not (tmp_path / "bad.db").exists()


async def test_without_a_database_the_commands_say_so_and_make_none(tmp_path: Path) -> None:
    for command in ("backup", "verify", "export"):
        status, said = await shell(tmp_path, f"python -m bot db {command}")
        assert (status, said) == (1, "There is no database at data/atelier.db yet.\n")
    assert os.listdir(tmp_path) == []
