"""More than one death: in a row, and with several requests under way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.domain.job import JobState
from tests.support.doomed import PEOPLE, open_doomed


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("card_sent", "card_sent"),
        ("claimed", "claimed"),
        ("references_ready", "task_recorded"),
        ("downloaded", "downloaded"),
        ("stored", "settled"),
        ("settled", "thread_opened"),
        ("thread_opened", "posted"),
        ("posted", "posted"),
        ("post_recorded", "card_closed"),
    ],
)
async def test_a_request_survives_two_deaths_in_a_row(tmp_path: Path, first: str, second: str) -> None:
    async with open_doomed(tmp_path) as studio:
        studio.doom(first)
        asked = await studio.imagine("@model in a red coat")
        await studio.killed()
        studio.doom(second)
        studio.start()
        await studio.killed()
        await studio.restart()

        assert (await studio.closed(asked)).startswith("**Done**")
        assert (await studio.reckoning()).states == [JobState.SUCCEEDED]


async def test_a_lost_submission_stays_lost_when_the_next_bot_dies_too(tmp_path: Path) -> None:
    async with open_doomed(tmp_path) as studio:
        studio.doom("submitted")
        asked = await studio.imagine("@model in a red coat")
        await studio.killed()
        studio.doom("card_closed")
        studio.start()
        await studio.killed()
        await studio.restart()

        assert "did not say whether it started" in await studio.closed(asked)
        assert (await studio.reckoning()).states == [JobState.LOST]


async def test_three_requests_in_three_states_survive_one_death(tmp_path: Path) -> None:
    async with open_doomed(tmp_path, BOT_PROVIDERS__SKETCH__CONCURRENCY="1") as studio:
        studio.doom("posted")
        asked = await asyncio.gather(*(studio.imagine(f"a boat for {name}", by=name) for name in PEOPLE))
        await studio.killed()
        states = (await studio.books()).states
        assert len(set(states)) == 3, "one posted, one under way, one in line"
        await studio.restart()

        for each in asked:
            await studio.closed(each)
        lost = states.count(JobState.SUBMITTING)
        books = await studio.reckoning()
        assert sorted(books.states) == sorted([JobState.SUCCEEDED] * (3 - lost) + [JobState.LOST] * lost)
