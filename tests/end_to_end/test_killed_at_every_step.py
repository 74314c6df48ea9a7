"""The bot is killed with `kill -9` at every named step of a request, started again, and nobody is the worse for it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.domain.job import JobState
from bot.playground.actors import Interaction
from bot.services.ports import STEPS
from tests.support.doomed import QUOTA, DoomedStudio, open_doomed
from tests.support.postgres import postgres_or_skip

UNKNOWN = {"submitting", "submitted"}
"""Between the intent and the provider's recorded answer: nobody can tell whether it was paid."""

OF_EACH_JOB = STEPS[STEPS.index("claimed") : STEPS.index("settled") + 1]
"""The steps that a request for two pictures goes through twice."""

OF_THREADS = {"thread_opened", "thread_recorded"}
"""The steps that a request made inside a thread does not go through."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def studio(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[DoomedStudio]:
    async with AsyncExitStack() as stack:
        url = None
        if request.param == "postgresql":
            url = await stack.enter_async_context(postgres_or_skip().database())
        yield await stack.enter_async_context(open_doomed(tmp_path, database_url=url))


def fate_of(step: str) -> JobState:
    if step == "held":
        return JobState.CANCELLED
    return JobState.LOST if step in UNKNOWN else JobState.SUCCEEDED


async def comes_to_an_end(studio: DoomedStudio, asked: Interaction, step: str) -> None:
    """The person hears how it ended, in the way that fits the step at which the bot died."""
    words = await studio.closed(asked)
    if step in UNKNOWN:
        assert "did not say whether it started" in words
        assert "Your quota was returned" in words
    else:
        assert words.startswith("**Done**")


@pytest.mark.parametrize("step", STEPS)
async def test_a_request_survives_a_kill(studio: DoomedStudio, step: str) -> None:
    studio.doom(step)
    asked = await studio.imagine("@model in a red coat")
    await studio.killed()
    await studio.restart()

    if step == "held":
        assert asked.error == "The application did not respond"
        await studio.settled()
        assert await studio.quota() == QUOTA
    else:
        await comes_to_an_end(studio, asked, step)
    books = await studio.reckoning()
    assert books.states == [fate_of(step)]
    assert studio.posts() == (fate_of(step) is JobState.SUCCEEDED), "not even asked for a second time"


@pytest.mark.parametrize("step", [step for step in STEPS if step not in OF_THREADS])
async def test_a_reroll_survives_a_kill(tmp_path: Path, step: str) -> None:
    async with open_doomed(tmp_path) as studio:
        await studio.imagine("a lighthouse", reference=False)
        await studio.until(lambda: "delivered" in studio.steps())
        [result] = studio.results()
        studio.doom(step)
        asked = await studio.person("Noor").press(result["id"], label="Reroll")
        await studio.killed()
        await studio.restart()

        if step == "held":
            assert asked.error == "This interaction failed"
            await studio.settled()
            assert await studio.quota("Noor") == QUOTA
        else:
            await comes_to_an_end(studio, asked, step)
        books = await studio.reckoning()
        assert books.states == [JobState.SUCCEEDED, fate_of(step)]
        assert studio.threads() == 1, "a reroll stays where its picture was"


@pytest.mark.parametrize("step", OF_EACH_JOB)
async def test_two_pictures_of_one_request_survive_a_kill_at_the_second(tmp_path: Path, step: str) -> None:
    async with open_doomed(tmp_path) as studio:
        studio.doom(step, 2)
        asked = await studio.imagine("@model at sea", count=2)
        await studio.killed()
        # The other picture may have been at any step of its own.
        unknown = [state is JobState.SUBMITTING for state in (await studio.books()).states]
        assert any(unknown) is (step in UNKNOWN) or sum(unknown) == 1
        await studio.restart()

        words = await studio.closed(asked)
        books = await studio.reckoning()
        assert books.states == [JobState.LOST if each else JobState.SUCCEEDED for each in unknown]
        assert words.startswith({0: "**Done**", 1: "**Done in part**", 2: "**No picture**"}[sum(unknown)])
