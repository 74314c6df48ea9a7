"""SIGTERM in the middle of everything: the process ends with 0 in time, and the next one finishes what it left."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.domain.job import JobState
from tests.support.bench import REPOSITORY
from tests.support.doomed import PEOPLE, open_doomed
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario
from tests.support.studio import CALLBACK, CARD, POST, THREAD
from tests.support.twin_script import SubmitFault


async def test_running_and_waiting_pictures_are_finished_by_the_next_bot(tmp_path: Path) -> None:
    async with open_doomed(tmp_path, BOT_PROVIDERS__SKETCH__SECONDS="0.7") as studio:
        asked = await asyncio.gather(*(studio.imagine(f"@model with {name}", by=name, count=2) for name in PEOPLE))
        await studio.until(lambda: studio.steps().count("polled") >= 2)
        assert await studio.stop() == 0
        assert not studio.results(), "nobody waited for the pictures"
        await studio.restart()

        for each in asked:
            assert (await studio.closed(each)).startswith("**Done**")
        assert (await studio.reckoning()).states == [JobState.SUCCEEDED] * 6


async def goes_on_after_a_stop(folder: Path, step: str) -> None:
    """SIGTERM comes while a step takes long; the next bot delivers the picture."""
    async with open_doomed(folder) as studio:
        studio.doom(step, kind="linger")
        asked = await studio.imagine("@model in a red coat")
        await studio.lingers()
        assert await studio.stop() == 0
        await studio.restart()

        assert (await studio.closed(asked)).startswith("**Done**")
        assert (await studio.reckoning()).states == [JobState.SUCCEEDED]


@pytest.mark.parametrize("step", ["submitting", "submitted"])
async def test_a_paid_request_that_was_decided_on_is_sent_and_recorded(tmp_path: Path, step: str) -> None:
    await goes_on_after_a_stop(tmp_path, step)


@pytest.mark.parametrize(
    "step", ["references_ready", "polled", "downloaded", "stored", "settled", "thread_recorded", "posting", "posted"]
)
async def test_any_other_step_is_left_or_finished_and_the_next_bot_goes_on_from_there(
    tmp_path: Path, step: str
) -> None:
    await goes_on_after_a_stop(tmp_path, step)


async def test_a_service_that_never_answers_does_not_keep_the_bot_from_stopping(tmp_path: Path) -> None:
    async with LocalRunway.open() as runway, open_doomed(tmp_path, runway=runway) as studio:
        runway.script(Scenario(submit=SubmitFault.HANG_AFTER))
        asked = await studio.imagine("@model in a red coat")
        await studio.until(lambda: runway.tasks)
        assert await studio.stop() == 0
        await studio.restart()

        assert "did not say whether it started" in await studio.closed(asked)
        assert (await studio.reckoning()).states == [JobState.LOST]
        assert runway.submissions == 1


@pytest.mark.parametrize("call", [CALLBACK, POST])
async def test_a_call_of_discord_that_was_under_way_counts_once(tmp_path: Path, call: str) -> None:
    async with open_doomed(tmp_path) as studio:
        underway = studio.discord.faults.next("POST", call, hang=1.0)
        asking = asyncio.create_task(studio.imagine("@model in a red coat"))
        async with asyncio.timeout(10):
            await underway.wait()
        assert await studio.stop() == 0
        await studio.restart()

        assert (await studio.closed(await asking)).startswith("**Done**")
        assert (await studio.reckoning()).states == [JobState.SUCCEEDED]


async def test_fifty_busy_pictures_are_left_in_time_and_none_is_lost(tmp_path: Path) -> None:
    async with (
        LocalRunway.open() as runway,
        open_doomed(
            tmp_path, runway=runway, BOT_QUOTA__DEFAULT__AT_ONCE="20", BOT_QUOTA__DEFAULT__QUEUE="50"
        ) as studio,
    ):
        runway.at_once, runway.a_day = 40, 10_000
        runway.default = Scenario(queue=1, running=(0.3, 0.6))
        asked = [await studio.imagine(f"@model, {number}", by=PEOPLE[number % 3], count=4) for number in range(13)]
        await studio.until(lambda: studio.steps().count("settled") >= 5 and studio.steps().count("posting") >= 1)
        assert await studio.stop() == 0
        await studio.restart()

        endings = [await studio.closed(each) for each in asked]
        assert all(ending.startswith("**Done**") for ending in endings)
        books = await studio.reckoning()
    assert books.states == [JobState.SUCCEEDED] * 52
    assert runway.submissions == 52


async def test_a_second_signal_changes_nothing(tmp_path: Path) -> None:
    async with LocalRunway.open() as runway, open_doomed(tmp_path, runway=runway) as studio:
        runway.script(Scenario(submit=SubmitFault.HANG_AFTER))
        asked = await studio.imagine("@model in a red coat")
        await studio.until(lambda: runway.tasks)
        os.kill(studio.pid, signal.SIGTERM)
        await studio.until(lambda: not studio.discord.online)
        os.kill(studio.pid, signal.SIGINT)
        assert await studio.stop() == 0
        await studio.restart()

        assert "did not say whether it started" in await studio.closed(asked)
        assert (await studio.reckoning()).states == [JobState.LOST]


@pytest.mark.parametrize(
    ("method", "template"),
    [("GET", "/users/@me"), ("PUT", "/applications/{application_id}/commands"), ("GET", "/gateway/bot")],
)
async def test_a_bot_that_waits_for_discord_at_its_start_can_be_stopped(
    tmp_path: Path, method: str, template: str
) -> None:
    async with open_doomed(tmp_path, online=False) as studio:
        waiting = studio.discord.faults.next(method, template, hang=60)
        studio.start()
        async with asyncio.timeout(studio.patience):
            await waiting.wait()
        assert await studio.stop() == 0


@pytest.mark.parametrize(("method", "template"), [("POST", POST), ("POST", THREAD), ("PATCH", CARD)])
async def test_a_discord_that_hangs_does_not_keep_the_bot_from_stopping(
    tmp_path: Path, method: str, template: str
) -> None:
    async with open_doomed(tmp_path) as studio:
        hanging = studio.discord.faults.next(method, template, hang=60)
        asked = await studio.imagine("@model in a red coat")
        async with asyncio.timeout(studio.patience):
            await hanging.wait()
        assert await studio.stop() == 0
        await studio.restart()

        assert (await studio.closed(asked)).startswith("**Done**")
        assert (await studio.reckoning()).states == [JobState.SUCCEEDED]


def test_a_process_that_is_still_being_loaded_ends_with_0(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "BOT_HTTP__PORT": "0", "BOT_PLAYGROUND__OPEN_BROWSER": "false"}
    process = subprocess.Popen([sys.executable, "-m", "bot"], cwd=REPOSITORY, env=environment)
    try:
        give_up = time.monotonic() + 20
        while not caught(process.pid, signal.SIGTERM):
            assert process.poll() is None
            assert time.monotonic() < give_up
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()


def caught(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for the signal (proc(5), SigCgt)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    mask = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))
    return bool(mask >> (number - 1) & 1)
