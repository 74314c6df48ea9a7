"""More than one death: in a row, with several requests under way, and at random."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.domain.job import Delivery, Job, JobId, JobState
from bot.playground.actors import Interaction
from tests.support.bench import buttons
from tests.support.books import Books
from tests.support.doomed import PEOPLE, DoomedStudio, open_doomed

ROUNDS = 6
LAST_STEP = 30
"""About as many steps as two requests have together."""


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


@pytest.mark.parametrize("seed", [1])
async def test_random_requests_survive_random_deaths(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    asked: list[Interaction] = []
    unknown: set[JobId] = set()
    async with open_doomed(tmp_path) as studio:
        for number in range(ROUNDS):
            studio.doom("any", dice.randint(1, LAST_STEP))
            asked += await asyncio.gather(*(_ask(studio, dice, f"{number}-{each}") for each in range(2)))
            await _dead_or_done(studio, asked)
            studio.kill()
            await studio.killed()
            unknown |= {job.id for job in _jobs(await studio.books()) if job.state is JobState.SUBMITTING}
            await studio.restart()
        await studio.until(lambda: _all_closed(studio, asked))
        books = await studio.reckoning()

        expected = {job.id: JobState.SUCCEEDED for job in _jobs(books)}
        expected |= dict.fromkeys(unknown, JobState.LOST)
        withdrawn = [record for record in books.requests if record.delivery is Delivery.WITHDRAWN]
        expected |= {job.id: JobState.CANCELLED for record in withdrawn for job in record.jobs}
        assert {job.id: job.state for job in _jobs(books)} == expected
        answered = {int(each.message_id) for each in asked if each.message_id}
        assert {each.card_message_id for each in books.requests} - {None} == answered, "an answer is a promise"
        assert answered, "this seed asks for something"


def _ask(studio: DoomedStudio, dice: random.Random, name: str) -> Coroutine[Any, Any, Interaction]:
    """Somebody asks for something."""
    results = studio.results()
    by = dice.choice(PEOPLE)
    if results and dice.random() < 0.3:
        return studio.person(by).press(dice.choice(results)["id"], label="Reroll")
    return studio.imagine(f"@model in picture {name}", by=by, count=dice.randint(1, 2))


async def _dead_or_done(studio: DoomedStudio, asked: Sequence[Interaction]) -> None:
    await studio.until(lambda: studio.status() is not None or _all_closed(studio, asked))


def _all_closed(studio: DoomedStudio, asked: Sequence[Interaction]) -> bool:
    return all("Cancel" not in buttons(studio.card(each)) for each in asked if each.message_id is not None)


def _jobs(books: Books) -> Iterator[Job]:
    return (job for record in books.requests for job in record.jobs)
