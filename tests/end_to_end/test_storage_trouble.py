"""A full disk and a locked database: the bot says so, charges nothing, and goes on by itself when it is over."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.domain.job import JobState
from bot.playground.actors import Interaction
from tests.support.bench import buttons
from tests.support.doomed import LIMIT, DoomedStudio, open_doomed
from tests.support.postgres import _free_port
from tests.support.runway import LocalRunway
from tests.support.runway_script import End, Scenario

SIZE = 16 * 1024 * 1024
FULL = "The bot's storage is full; the operator has been told. Nothing was charged."
LOCKED = "The bot's storage is in use by another program; the operator has been told. Nothing was charged."


@contextmanager
def small_disk(place: Path) -> Generator[None]:
    """A real file system of a few megabytes; only root can have one."""
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no disk can be mounted: {made.stderr.decode()}")
        pytest.skip("no disk can be mounted without root's rights")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(place: Path) -> Path:
    """Use the disk up; the file that does."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (64 * 1024, 512):
            try:
                while True:
                    file.write(b"\1" * size)
            except OSError:
                continue
    return ballast


@asynccontextmanager
async def hosted(
    folder: Path, *, database: str = "data", runway: LocalRunway | None = None
) -> AsyncGenerator[tuple[DoomedStudio, str]]:
    """A bot that keeps its pictures on the small disk, its database there or elsewhere, and its health page."""
    port = _free_port()
    settings = {"BOT_STORAGE__URL": f"file:{folder}/data/blobs", "BOT_HTTP__PORT": str(port)}
    url = f"sqlite+aiosqlite:///{folder}/{database}/atelier.db"
    async with open_doomed(folder, database_url=url, runway=runway, **settings) as studio:  # pyright: ignore[reportArgumentType]
        yield studio, f"http://127.0.0.1:{port}/readyz"


async def readiness(address: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return answer.status, (await answer.json()).get("reasons", {}).get("database", "")


async def becomes(address: str, wanted: tuple[int, str]) -> None:
    """Wait until the page says this."""
    give_up = time.monotonic() + LIMIT
    while (found := await readiness(address)) != wanted:
        assert time.monotonic() < give_up, found
        await asyncio.sleep(0.05)


async def refusal(studio: DoomedStudio, prompt: str) -> str:
    """What somebody reads who asks for a picture now; nobody else may see it."""
    answer = await studio.imagine(prompt, reference=False)
    card = studio.card(answer)
    assert card["ephemeral"]
    return card["content"] or "".join(str(each) for each in card["components"])


async def test_on_a_full_disk_the_bot_only_reads_until_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data"):
        async with hosted(tmp_path) as (studio, address):
            first = await studio.imagine("a lighthouse at dusk", reference=False)
            assert (await studio.closed(first)).startswith("**Done**")
            left = await studio.quota()
            (result,) = studio.results()

            ballast = fill(tmp_path / "data")
            await until_refused(studio, FULL)
            assert FULL in await refusal(studio, "a cat")
            pressed = await studio.person().press(result["id"], label="Reroll")
            assert FULL in str(studio.card(pressed))
            assert await studio.quota() == left, "reading goes on"
            await becomes(address, (503, "the disk is full"))
            assert len(studio.results()) == 1
            assert "the storage cannot be written" in studio.log()

            ballast.unlink()
            await becomes(address, (200, ""))
            again = await studio.person().press(result["id"], label="Reroll")
            assert (await studio.closed(again)).startswith("**Done**")
            books = await studio.reckoning()
            assert all(state == "succeeded" for state in books.states)


async def until_refused(studio: DoomedStudio, words: str) -> None:
    """Small writes may still fit for a while: ask until something does not."""
    for number in range(200):
        answer = await studio.imagine(f"a cat number {number} " + "with a long tail " * 40, reference=False, by="Noor")
        if words in str(studio.card(answer)):
            return
    raise AssertionError(f"every request was taken: {studio.log()}")


async def test_while_somebody_holds_the_file_the_bot_says_so_in_time_and_goes_on_after(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    async with hosted(tmp_path) as (studio, address):
        left = await studio.quota()
        with closing(sqlite3.connect(tmp_path / "data" / "atelier.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            asked = time.monotonic()
            assert LOCKED in await refusal(studio, "a lighthouse at dusk")
            assert time.monotonic() - asked < 3 or os.getloadavg()[0] > 4, "Discord waits for three seconds"
            await becomes(address, (503, "another program holds the database's file"))
            assert LOCKED in await refusal(studio, "a lighthouse at dusk")
            assert await studio.quota() == left, "reading goes on"
            other.execute("ROLLBACK")
        await becomes(address, (200, ""))
        done = await studio.imagine("a lighthouse at dusk", reference=False)
        assert (await studio.closed(done)).startswith("**Done**")
        assert (await studio.reckoning()).states == ["succeeded"]


async def test_a_paid_submission_that_cannot_be_written_down_is_kept_in_mind(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    async with hosted(tmp_path) as (studio, _):
        studio.doom("submitted", kind="linger")
        asked = await studio.imagine("a lighthouse at dusk", reference=False)
        await studio.lingers()
        with closing(sqlite3.connect(tmp_path / "data" / "atelier.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            await studio.until(lambda: "submitted, which cannot be written down yet" in studio.log())
            other.execute("ROLLBACK")
        assert (await studio.closed(asked)).startswith("**Done**")
        assert (await studio.reckoning()).states == ["succeeded"]


async def comes_once(studio: DoomedStudio, asked: Interaction) -> None:
    """There is room: the picture arrives once and was paid once, the card closes, and nothing of it was a traceback."""
    assert (await studio.closed(asked)).startswith("**Done**")
    assert set((await studio.reckoning()).states) == {JobState.SUCCEEDED}
    assert "Traceback" not in whole_log(studio)


def whole_log(studio: DoomedStudio) -> str:
    return (studio.folder / "log").read_text()


@pytest.mark.parametrize("reference", [True, False], ids=["reference", "picture"])
async def test_a_file_that_the_disk_has_no_room_for_is_kept_when_there_is(tmp_path: Path, reference: bool) -> None:
    # The database has room, so that nothing but the file at this step fails.
    with small_disk(tmp_path / "data"):
        async with hosted(tmp_path, database="elsewhere") as (studio, address):
            ballast = fill(tmp_path / "data")
            asked = await studio.imagine("a lighthouse at dusk", reference=reference)
            await becomes(address, (503, "the disk is full"))
            assert FULL in await refusal(studio, "a cat")
            await studio.until(lambda: whole_log(studio).count("it is taken up again") > 1)
            assert sum(studio.submissions().values()) == (0 if reference else 1)
            assert studio.results() == []
            assert "Cancel" in buttons(studio.card(asked)), "nobody is told of an end that it does not have"
            ballast.unlink()
            await comes_once(studio, asked)


async def test_a_task_is_asked_about_while_nothing_can_be_written_down(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data"):
        async with LocalRunway.open() as runway, hosted(tmp_path, runway=runway) as (studio, address):
            runway.script(Scenario.hangs())
            asked = await studio.imagine("a lighthouse at dusk", reference=False)
            await studio.until(lambda: "polled" in studio.steps())
            [task] = runway.tasks
            ballast = fill(tmp_path / "data")
            task.proceed(Scenario(queue=0, running=(0.6, 0.7, 0.8), end=End.NEVER))
            await becomes(address, (503, "the disk is full"))
            asked_so_far = task.polls
            await studio.until(lambda: task.polls > asked_so_far + 5)
            assert FULL in await refusal(studio, "a cat")
            task.proceed(Scenario(queue=0, running=()))
            await studio.until(lambda: "it is taken up again" in whole_log(studio))
            assert "Cancel" in buttons(studio.card(asked)), "nobody is told of an end that it does not have"
            ballast.unlink()
            await comes_once(studio, asked)
            assert runway.submissions == 1


async def test_a_result_whose_place_cannot_be_written_down_is_found_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data"):
        async with hosted(tmp_path) as (studio, address):
            studio.doom("posted", kind="linger")
            asked = await studio.imagine("a lighthouse at dusk", reference=False)
            await studio.lingers()
            ballast = fill(tmp_path / "data")
            await becomes(address, (503, "the disk is full"))
            assert FULL in await refusal(studio, "a cat")
            await studio.until(lambda: "it is taken up again" in whole_log(studio))
            assert len(studio.results()) == 1
            assert "Cancel" in buttons(studio.card(asked)), "nobody is told of an end that it does not have"
            ballast.unlink()
            await comes_once(studio, asked)
            assert studio.posts() == 1
