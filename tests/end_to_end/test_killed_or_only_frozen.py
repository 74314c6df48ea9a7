"""A process that stands still past its lease (SIGSTOP, a suspended machine) and wakes up changes nothing twice."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from bot.domain.job import Delivery, JobState
from tests.support.doomed import LEASE, DoomedStudio, open_doomed
from tests.support.postgres import postgres_or_skip
from tests.support.second_worker import second_worker

STALE = "another process carries on"


async def frozen_past_its_lease(studio: DoomedStudio, step: str, *, kind: str) -> None:
    """A person asks for a picture, and the bot freezes at a step until its lease has run out."""
    studio.doom(step, kind=kind)
    asking = asyncio.create_task(studio.imagine("@model in a red coat"))
    await studio.frozen()
    await asking
    over = time.monotonic() + 1.2 * LEASE
    await studio.until(lambda: time.monotonic() > over)


@pytest.mark.parametrize("step", ["submitting", "task_recorded", "downloaded", "thread_recorded", "posted"])
async def test_a_machine_that_slept_goes_on_where_it_was(tmp_path: Path, step: str) -> None:
    async with open_doomed(tmp_path) as studio:
        await frozen_past_its_lease(studio, step, kind="freeze")
        studio.thaw()

        [asked] = studio.discord.interactions()
        assert (await studio.closed(asked)).startswith("**Done**")
        assert (await studio.reckoning()).states == [JobState.SUCCEEDED]
        assert STALE not in studio.log(), "it is its own job still"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("references_ready", JobState.SUCCEEDED),
        ("submitting", JobState.LOST),
        ("task_recorded", JobState.SUCCEEDED),
        ("stored", JobState.SUCCEEDED),
        ("thread_recorded", JobState.SUCCEEDED),
        ("posted", JobState.SUCCEEDED),
    ],
)
async def test_a_job_that_was_taken_over_is_left_alone(tmp_path: Path, step: str, expected: JobState) -> None:
    async with (
        postgres_or_skip().database() as url,
        open_doomed(tmp_path, database_url=url) as studio,
    ):
        await frozen_past_its_lease(studio, step, kind="pause")
        async with second_worker(studio) as other:
            await studio.settled()
            studio.thaw()
            await studio.until(lambda: STALE in studio.log())
        assert await studio.stop() == 0

        books = await studio.books()
        assert books.wrong == []
        assert books.states == [expected]
        assert [record.delivery for record in books.requests] == [Delivery.DELIVERED]
        assert studio.submissions().total() == 1, "what is paid is paid once"
        posts = len(studio.results()) + len(other.posted)
        assert posts == (expected is JobState.SUCCEEDED), "what is posted is posted once"
        assert len(other.closed) == 1
