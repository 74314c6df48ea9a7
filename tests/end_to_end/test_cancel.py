"""Cancel: free while it waits, by the provider's leave once it runs, for the requester and moderators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.domain.job import JobState
from bot.domain.ledger import EntryKind
from bot.playground.actors import Answer, Interaction
from tests.support.bench import Bench, buttons
from tests.support.studio import closed, custom_ids, entries, forge, open_studio, press, quota_left, records, refused


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncGenerator[Bench]:
    """A studio with one slow painter: what comes second has to wait."""
    sketch = {"concurrency": 1, "seconds": 600.0, "poll_interval": 0.05}
    async with open_studio(tmp_path, providers={"sketch": sketch}) as bench:
        yield bench


async def running(bench: Bench) -> Interaction:
    """A request of Mia's that is being painted."""
    answer = await bench.imagine("a cat", ratio="1:1")
    await bench.until(lambda: bench.says(answer).startswith("**Working**"))
    return answer


async def test_cancelling_while_it_waits_is_free(bench: Bench) -> None:
    await running(bench)
    waiting = await bench.imagine("a dog", by="Noor")
    assert await quota_left(bench, "Noor") == (9, 10)
    pressed = await press(bench, bench.card(waiting), "Cancel", by="Noor")
    assert pressed.response is Answer.DEFERRED
    says = await closed(bench, waiting)
    assert says.startswith("**No picture** · Cancelled. Your quota was returned; nothing was charged.")
    assert buttons(bench.card(waiting)) == {}
    assert await quota_left(bench, "Noor") == (10, 10)
    _, cancelled = await records(bench.settings)
    assert [job.state for job in cancelled.jobs] == [JobState.CANCELLED]
    assert cancelled.jobs[0].submitted_at is None


async def test_cancelling_while_it_is_painted_stops_the_painter_and_returns_the_quota(bench: Bench) -> None:
    answer = await running(bench)
    assert await quota_left(bench) == (9, 10)
    await press(bench, bench.card(answer), "Cancel")
    says = await closed(bench, answer)
    assert says.startswith("**No picture** · Cancelled. Your quota was returned; nothing was charged.")
    assert await quota_left(bench) == (10, 10)
    assert await entries(bench.settings) == {EntryKind.HOLD: 1, EntryKind.RELEASE: 1}
    assert bench.results() == []


async def test_all_pictures_of_a_request_are_cancelled_together(bench: Bench) -> None:
    answer = await bench.imagine("a cat", ratio="1:1", count=3)
    await bench.until(lambda: bench.says(answer).startswith("**Working**"))
    await press(bench, bench.card(answer), "Cancel")
    says = await closed(bench, answer)
    assert says.count("Cancelled.") == 1
    assert await quota_left(bench) == (10, 10)


async def test_a_moderator_may_cancel_for_others(bench: Bench) -> None:
    answer = await running(bench)
    await press(bench, bench.card(answer), "Cancel", by="Sam")
    assert "Cancelled" in await closed(bench, answer)
    assert await quota_left(bench) == (10, 10)


async def test_a_stranger_may_not_cancel(bench: Bench) -> None:
    answer = await running(bench)
    await refused(bench, await press(bench, bench.card(answer), "Cancel", by="Noor"), "Only the person who asked")
    assert bench.says(answer).startswith("**Working**")
    (record,) = await records(bench.settings)
    assert record.jobs[0].cancel_requested_by is None


async def test_cancelling_twice_at_once_is_said_and_done_once(bench: Bench) -> None:
    answer = await running(bench)
    card = bench.card(answer)
    await asyncio.gather(press(bench, card, "Cancel"), press(bench, card, "Cancel", by="Sam"))
    await closed(bench, answer)
    assert await entries(bench.settings) == {EntryKind.HOLD: 1, EntryKind.RELEASE: 1}


async def test_a_cancel_that_comes_too_late_is_answered_with_a_sentence(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as bench:
        answer = await bench.imagine("a cat", ratio="1:1")
        cancel = custom_ids(bench.card(answer))["Cancel"]
        result = await bench.result_in_thread_of(answer)
        await closed(bench, answer)
        await refused(bench, await forge(bench, result, cancel), "already over")
        assert await quota_left(bench) == (9, 10)
