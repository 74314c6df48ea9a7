"""`python -m bot doctor` in a process of its own, against a local Discord and a local Runway."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.domain.errors import ConfigError
from bot.playground.server import LocalDiscord
from bot.store.database import Database, lock_sqlite
from bot.store.migrate import revisions, upgrade
from tests.support.requests import admit, new_request
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


@dataclass
class Clinic:
    """A folder with everything that an operator has set up; tests break a part of it."""

    folder: Path
    discord: LocalDiscord
    runway: LocalRunway
    settings: dict[str, str] = field(default_factory=dict[str, str])

    async def examine(self, *arguments: str, answer: str | None = None) -> tuple[int, str]:
        """Run the doctor; its exit status and what it said."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "doctor", *arguments),
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(self.folder), **self.settings},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate(b"" if answer is None else f"{answer}\n".encode())
        assert b"Traceback" not in err, err.decode()
        assert process.returncode is not None
        said = out.decode()
        for secret in (self.discord.token, self.runway.api_key):
            assert secret not in said + err.decode()
        return process.returncode, said

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder}/data/atelier.db"


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    async with LocalDiscord.open() as discord, LocalRunway.open() as runway:
        runway.default = Scenario(queue=0)
        settings = {
            "BOT_DISCORD__TOKEN": discord.token,
            "BOT_DISCORD__API_BASE": discord.api_base,
            "BOT_PROVIDERS__RUNWAY__API_KEY": runway.api_key,
            "BOT_PROVIDERS__RUNWAY__BASE_URL": runway.base_url,
            "BOT_PROVIDERS__RUNWAY__POLL_INTERVAL": "0.05",
        }
        yield Clinic(folder=tmp_path, discord=discord, runway=runway, settings=settings)


def line(said: str, subject: str) -> str:
    """The line about something, with one space between its words."""
    found = [" ".join(each.split()) for each in said.splitlines() if each.split()[1:2] == [subject]]
    assert found, said
    return "\n".join(found)


async def test_everything_in_order_is_said_in_a_line_each(clinic: Clinic) -> None:
    status, said = await clinic.examine()
    assert status == 0
    assert line(said, "settings") == "ok settings from the environment and defaults; there is no file"
    assert line(said, "token").startswith("ok token accepted; the bot is ")
    assert f"permissions={1 << 10 | 1 << 11 | 1 << 15 | 1 << 16 | 1 << 35 | 1 << 38}" in line(said, "application")
    assert line(said, "clock") == "ok clock right"
    assert line(said, "gateway").startswith("ok gateway reachable; ")
    assert line(said, "servers") == "ok servers 1, with every permission that is needed"
    assert line(said, "runway") == ("ok runway the key is accepted; balance $1000.00, 2 at once, 0 of 200 used today")
    assert line(said, "sqlite").startswith(f"ok sqlite {sqlite3.sqlite_version}")
    assert line(said, "database") == "ok database data/atelier.db is not there yet; the first start makes it"
    assert said.splitlines()[-1] == "Everything is in order."
    assert clinic.runway.submissions == 0
    assert not (clinic.folder / "data").exists()


async def test_a_token_that_discord_does_not_take_is_wrong(clinic: Clinic) -> None:
    clinic.settings["BOT_DISCORD__TOKEN"] = "not.the.token"
    status, said = await clinic.examine()
    assert status == 1
    assert line(said, "token").startswith("wrong token Discord does not accept it")


async def test_a_discord_that_cannot_be_reached_is_wrong(clinic: Clinic) -> None:
    clinic.settings["BOT_DISCORD__API_BASE"] = "http://127.0.0.1:1/api/v10"
    status, said = await clinic.examine()
    assert status == 1
    assert "Discord cannot be reached" in line(said, "token")
    assert line(said, "runway").startswith("ok")


async def test_missing_permissions_are_named(clinic: Clinic) -> None:
    world = clinic.discord.world
    for role in world.roles.values():
        role.permissions &= ~(1 << 15)
    status, said = await clinic.examine()
    assert status == 0
    assert line(said, "servers").startswith("warning servers permissions are missing in ")
    assert line(said, "servers").endswith(": attach_files")


@pytest.mark.parametrize(("credits", "words"), [(0.0, "not enough for a picture"), (1.0, "the cheapest costs $0.02")])
async def test_an_account_without_enough_for_a_picture_is_wrong(clinic: Clinic, credits: float, words: str) -> None:
    clinic.runway.credits = credits
    status, said = await clinic.examine()
    assert status == 1
    assert words in line(said, "runway")


async def test_a_key_that_is_not_accepted_is_wrong(clinic: Clinic) -> None:
    clinic.settings["BOT_PROVIDERS__RUNWAY__API_KEY"] = "key_" + "0" * 128
    status, said = await clinic.examine()
    assert status == 1
    assert line(said, "runway") == "wrong runway the key is not accepted"


async def test_without_token_and_key_nothing_is_wrong(clinic: Clinic) -> None:
    clinic.settings.clear()
    status, said = await clinic.examine()
    assert status == 0
    assert line(said, "token").startswith("warning token there is none")
    assert "the built-in sketch painter answers" in line(said, "services")


async def test_a_settings_file_that_others_can_read_is_worth_a_warning(clinic: Clinic) -> None:
    file = clinic.folder / "config.toml"
    file.write_text(f"[providers.runway]\napi_key = {json.dumps(clinic.runway.api_key)}\n")
    file.chmod(0o644)
    status, said = await clinic.examine()
    assert status == 0
    assert "chmod 600" in line(said, "settings")
    file.chmod(0o600)
    assert line((await clinic.examine())[1], "settings").startswith("ok settings config.toml")


async def made(clinic: Clinic) -> None:
    await upgrade(clinic.url)
    async with Database.open(clinic.url) as database:
        await admit(database, new_request())


def change(clinic: Clinic, statement: str) -> None:
    with closing(sqlite3.connect(clinic.folder / "data" / "atelier.db")) as database:
        database.execute(statement)
        database.commit()


async def test_a_database_is_examined_without_being_changed(clinic: Clinic) -> None:
    await made(clinic)
    status, said = await clinic.examine()
    assert status == 0
    assert line(said, "database") == f"ok database reachable, at revision {revisions()[-1]}"
    assert line(said, "ledger") == "ok ledger every sum is right, and the database is whole"


@pytest.mark.parametrize(
    ("statement", "expected", "words"),
    [
        ("UPDATE alembic_version SET version_num = 'r9999'", 1, "made by a newer version (revision r9999)"),
        ("DELETE FROM alembic_version", 0, "reachable and empty"),
    ],
)
async def test_another_revision_is_said(clinic: Clinic, statement: str, expected: int, words: str) -> None:
    await made(clinic)
    change(clinic, statement)
    status, said = await clinic.examine()
    assert status == expected
    assert words in line(said, "database")


async def test_a_wrong_sum_is_wrong(clinic: Clinic) -> None:
    await made(clinic)
    with closing(sqlite3.connect(clinic.folder / "data" / "atelier.db")) as database:
        triggers = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for trigger in triggers:
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("DELETE FROM ledger")
        database.commit()
    status, said = await clinic.examine()
    assert status == 1
    assert line(said, "ledger").startswith("wrong ledger 3 sums are wrong, first: job 1")


async def test_a_damaged_file_is_wrong(clinic: Clinic) -> None:
    await made(clinic)
    (clinic.folder / "data" / "atelier.db").write_bytes(b"this is no database at all " * 400)
    for rest in (clinic.folder / "data").glob("*-wal"):
        rest.unlink()
    status, said = await clinic.examine()
    assert status == 1
    assert line(said, "database").startswith("wrong database")


async def test_a_database_that_the_bot_has_open_is_left_alone(clinic: Clinic) -> None:
    await made(clinic)
    with lock_sqlite(clinic.url):
        with pytest.raises(ConfigError), lock_sqlite(clinic.url):
            pass
        status, said = await clinic.examine()
    assert status == 0
    assert "the running bot has it open" in line(said, "database")


async def test_a_database_address_that_cannot_be_used_is_refused_as_a_setting(clinic: Clinic) -> None:
    clinic.settings["BOT_DATABASE__URL"] = "mysql://somewhere"
    status, said = await clinic.examine()
    assert status == 78
    assert said == ""


@asynccontextmanager
async def own_bill(clinic: Clinic, credits: float) -> AsyncGenerator[None]:
    """Everything inside costs this much at Runway."""
    before = clinic.runway.billed
    yield
    assert clinic.runway.billed - before == credits


async def test_live_names_the_price_and_asks_before_it_spends(clinic: Clinic) -> None:
    async with own_bill(clinic, 0):
        status, said = await clinic.examine("--live", answer="n")
    assert status == 0
    assert "One real picture at each service costs $0.02 (runway $0.02). Make them? [y/N]" in said
    assert "warning live not tried; nothing was spent" in " ".join(said.split())
    async with own_bill(clinic, 0):
        assert (await clinic.examine("--live"))[0] == 0


async def test_live_makes_the_cheapest_picture_through_the_real_pipeline(clinic: Clinic) -> None:
    async with own_bill(clinic, 2):
        status, said = await clinic.examine("--live", answer="y")
    assert status == 0
    (task,) = clinic.runway.tasks
    body: dict[str, Any] = task.body
    assert (body["model"], body["ratio"], len(body["referenceImages"])) == ("gen4_image_turbo", "1280:720", 1)
    assert "ok runway a real picture: doctor-runway.png 1280×720" in " ".join(said.split())
    with Image.open(clinic.folder / "doctor-runway.png") as picture:
        assert picture.size == (1280, 720)


async def test_live_tells_the_truth_about_a_picture_that_does_not_come(clinic: Clinic) -> None:
    clinic.runway.script(Scenario.fails("SAFETY.INPUT.TEXT"))
    status, said = await clinic.examine("--live", "--yes")
    assert status == 1
    assert "wrong runway The image service declined this prompt" in " ".join(said.split())
    assert "secret-failure-text" not in said
