"""Polling: as often as the service allows, more slowly when it is late, at once when somebody cancels."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.job import JobId
from bot.services.polling import SLOWEST, Pace, Wishes, poll_delay
from tests.support.records import job

SECONDS = st.floats(0, 100_000)


@given(interval=st.floats(0.01, 60), elapsed=SECONDS, typical=SECONDS)
def test_a_service_is_never_asked_more_often_than_it_allows(interval: float, elapsed: float, typical: float) -> None:
    delay = poll_delay(interval=interval, elapsed=elapsed, typical=typical)
    assert interval <= delay <= max(interval, SLOWEST)


@given(elapsed=SECONDS, more=SECONDS, typical=SECONDS)
def test_a_late_task_is_asked_for_less_and_less(elapsed: float, more: float, typical: float) -> None:
    early = poll_delay(interval=5, elapsed=elapsed, typical=typical)
    assert poll_delay(interval=5, elapsed=elapsed + more, typical=typical) >= early


def test_the_pace_of_a_usual_task() -> None:
    delays = [poll_delay(interval=5, elapsed=elapsed, typical=30) for elapsed in (0, 60, 75, 90, 120, 3600)]
    assert delays == [5, 5, 5, 10, 20, 20]


def pace(wishes: Wishes, *, interval: float, now: float = 1000.0) -> Pace:
    return Pace(interval=interval, typical=30, clock=lambda: now, wishes=wishes.of)


async def test_a_rest_ends_by_itself() -> None:
    async with asyncio.timeout(5):
        await pace(Wishes(), interval=0.001).rest(replace(job(), submitted_at=999.0))


async def test_a_rest_ends_when_somebody_cancels_and_the_next_one_is_a_rest_again() -> None:
    wishes = Wishes()
    resting = asyncio.create_task(pace(wishes, interval=3600).rest(job()))
    await asyncio.sleep(0)
    wishes.cancel(job().id)
    async with asyncio.timeout(5):
        await resting
    assert not wishes.of(job().id).is_set()


async def test_a_wish_from_before_the_rest_is_not_missed() -> None:
    wishes = Wishes()
    wishes.of(job().id)
    wishes.cancel(job().id)
    async with asyncio.timeout(5):
        await pace(wishes, interval=3600).rest(job())


async def test_a_wish_for_another_job_wakes_nobody() -> None:
    wishes = Wishes()
    resting = asyncio.create_task(pace(wishes, interval=3600).rest(job()))
    await asyncio.sleep(0)
    wishes.cancel(JobId(99))
    wishes.forget(JobId(99))
    await asyncio.sleep(0)
    assert not resting.done()
    wishes.forget(job().id)
    assert not wishes.of(job().id).is_set(), "a job that comes back starts without a wish"
    resting.cancel()
    await asyncio.gather(resting, return_exceptions=True)
