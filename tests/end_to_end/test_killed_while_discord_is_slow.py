"""The bot is killed while a call is on its way, and Discord carries the call out only after its death."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.domain.job import JobState
from tests.support.doomed import open_doomed
from tests.support.studio import CALLBACK, POST, THREAD

SLOW = 1.5
"""Seconds until Discord does what it was asked: the next bot is up long before."""


@pytest.mark.parametrize("call", [CALLBACK, THREAD, POST])
async def test_a_call_that_arrives_late_counts_once(tmp_path: Path, call: str) -> None:
    async with open_doomed(tmp_path) as studio:
        underway = studio.discord.faults.next("POST", call, hang=SLOW)
        asking = asyncio.create_task(studio.imagine("@model in a red coat"))
        async with asyncio.timeout(10):
            await underway.wait()
        studio.kill()
        await studio.killed()
        await studio.restart()

        assert (await studio.closed(await asking)).startswith("**Done**")
        assert (await studio.reckoning()).states == [JobState.SUCCEEDED]


async def test_a_post_that_takes_longer_than_a_lease_is_not_sent_again(tmp_path: Path) -> None:
    async with open_doomed(tmp_path, BOT_JOBS__LEASE="0.6") as studio:
        underway = studio.discord.faults.next("POST", POST, hang=3.0)
        first = await studio.imagine("@model in a red coat")
        async with asyncio.timeout(10):
            await underway.wait()
        second = await studio.imagine("the next picture has the bot look for work", by="Noor")
        for asked in (first, second):
            assert (await studio.closed(asked)).startswith("**Done**")
        assert (await studio.reckoning()).states == [JobState.SUCCEEDED, JobState.SUCCEEDED]
        assert studio.posts() == 2
