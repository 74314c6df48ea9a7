"""Looking up what became of a submission: only a task that can be no other counts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.domain.errors import PollFailed, ProviderError, ProviderMisconfigured, RateLimited, SubmissionUnknown
from bot.domain.shapes import Model, Size
from bot.providers.base import Order, Pending
from bot.providers.http import HttpClient
from bot.providers.wavespeed import WaveSpeed
from tests.support.ordering import a_reference, an_order
from tests.support.twin_script import Play, Reply, SubmitFault
from tests.support.wavespeed import LocalWaveSpeed

NOW = 1_760_000_000.0
LOST = Play(submit=SubmitFault.DROP_AFTER)
NEVER_CAME = Play(submit=SubmitFault.DROP_BEFORE)


class Bench:
    """A local service with a clock that the test sets."""

    def __init__(self, twin: LocalWaveSpeed, http: HttpClient, now: list[float]) -> None:
        self.twin = twin
        self.http = http
        self.now = now
        self.adapter = self.restarted()

    def restarted(self) -> WaveSpeed:
        """An adapter that has sent nothing yet."""
        return WaveSpeed(http=self.http, api_key=self.twin.api_key, base_url=self.twin.api, clock=lambda: self.now[0])

    async def lose(self, order: Order, play: Play = LOST) -> float:
        """Send an order whose fate stays unknown; when it was sent."""
        self.twin.script(play)
        with pytest.raises(SubmissionUnknown):
            await self.adapter.submit(order)
        return self.now[0]


@pytest.fixture
async def bench(http: HttpClient) -> AsyncIterator[Bench]:
    now = [NOW]
    async with LocalWaveSpeed.open(clock=lambda: now[0]) as twin:
        yield Bench(twin, http, now)


def bare(order: Order) -> Order:
    """The order as it is known after a restart."""
    return an_order(prompt=order.prompt, model=order.model, size=order.size, seed=order.seed)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("filters", [False, True])
async def test_a_lost_task_is_found_and_sent_once(bench: Bench, restarted: bool, filters: bool) -> None:
    bench.twin.history_filters = filters
    await bench.adapter.submit(an_order(prompt="another"))
    since = await bench.lose(an_order())
    await bench.adapter.submit(an_order(seed=8))
    adapter = bench.restarted() if restarted else bench.adapter
    assert await adapter.find(an_order(), since=since) == Pending(task_id=bench.twin.tasks[1].id)
    assert bench.twin.submissions == 3


async def test_a_prompt_that_was_rewritten_for_its_references_is_recognised(bench: Bench) -> None:
    sent = await bench.adapter.prepare(a_reference("model"))
    order = an_order(prompt="@model (in) the [rain], like @nobody", references=(sent,))
    since = await bench.lose(order)
    found = await bench.restarted().find(bare(order), since=since)
    assert found == Pending(task_id=bench.twin.tasks[0].id)


async def test_what_never_came_is_not_found(bench: Bench) -> None:
    since = await bench.lose(an_order(), NEVER_CAME)
    assert await bench.adapter.find(an_order(), since=since) is None


@pytest.mark.parametrize(
    "changes",
    [{"prompt": "a dog"}, {"seed": 8}, {"seed": None}, {"size": Size(1920, 1080)}, {"model": Model.GEN4_IMAGE_TURBO}],
)
async def test_another_order_is_not_taken_for_it(bench: Bench, changes: dict[str, Any]) -> None:
    since = await bench.lose(an_order(), NEVER_CAME)
    sent = await bench.adapter.prepare(a_reference())
    await bench.restarted().submit(an_order(references=(sent,), **changes))
    assert await bench.restarted().find(an_order(), since=since) is None


@pytest.mark.parametrize("seconds", [-60.0, 120.0])
async def test_the_same_order_at_another_time_is_not_taken_for_it(bench: Bench, seconds: float) -> None:
    bench.now[0] += seconds
    await bench.restarted().submit(an_order())
    assert await bench.restarted().find(an_order(), since=NOW) is None


async def test_a_task_of_another_job_is_not_taken_for_it(bench: Bench) -> None:
    task = (await bench.adapter.submit(an_order())).task_id
    since = await bench.lose(an_order(), NEVER_CAME)
    assert await bench.adapter.find(an_order(), since=since) is None
    restarted = bench.restarted()
    await restarted.poll(task)
    assert await restarted.find(an_order(), since=since) is None


async def test_two_alike_cannot_be_told_apart(bench: Bench) -> None:
    since = await bench.lose(an_order())
    await bench.lose(an_order())
    assert await bench.adapter.find(an_order(), since=since) is None
    assert await bench.restarted().find(an_order(), since=since) is None


async def test_two_alike_of_which_one_came_cannot_be_told_apart(bench: Bench) -> None:
    since = await bench.lose(an_order())
    await bench.lose(an_order(), NEVER_CAME)
    assert await bench.adapter.find(an_order(), since=since) is None


async def test_after_one_was_found_the_next_is_certain(bench: Bench) -> None:
    since = await bench.lose(an_order())
    first = await bench.adapter.find(an_order(), since=since)
    bench.now[0] += 30
    later = await bench.lose(an_order())
    assert first == Pending(task_id=bench.twin.tasks[0].id)
    assert await bench.adapter.find(an_order(), since=later) == Pending(task_id=bench.twin.tasks[1].id)


async def test_a_history_without_orders_tells_the_only_task_of_this_process(bench: Bench) -> None:
    bench.twin.history_tells_orders = False
    await bench.adapter.submit(an_order(prompt="another"))
    since = await bench.lose(an_order())
    assert await bench.adapter.find(an_order(), since=since) == Pending(task_id=bench.twin.tasks[1].id)


async def test_a_history_without_orders_proves_nothing_after_a_restart(bench: Bench) -> None:
    bench.twin.history_tells_orders = False
    since = await bench.lose(an_order())
    assert await bench.restarted().find(an_order(), since=since) is None


async def test_a_history_without_orders_proves_nothing_while_others_are_open(bench: Bench) -> None:
    bench.twin.history_tells_orders = False
    since = await bench.lose(an_order())
    await bench.lose(an_order(prompt="another"), NEVER_CAME)
    assert await bench.adapter.find(an_order(), since=since) is None


async def test_a_history_without_orders_proves_nothing_when_there_are_two(bench: Bench) -> None:
    bench.twin.history_tells_orders = False
    since = await bench.lose(an_order())
    await bench.restarted().submit(an_order(prompt="of another program"))
    assert await bench.adapter.find(an_order(), since=since) is None


async def test_the_history_is_asked_by_model_and_time(bench: Bench) -> None:
    await bench.adapter.find(an_order(), since=NOW)
    assert bench.twin.listings == [
        {"page": 1, "page_size": 100, "model": "runwayml/gen4-image", "created_after": "2025-10-09T08:53:15Z"}
    ]


@pytest.mark.parametrize(("younger", "found"), [(250, True), (700, False)])
async def test_a_long_history_is_turned_over_to_a_certain_depth(bench: Bench, younger: int, found: bool) -> None:
    since = await bench.lose(an_order())
    entry = {"model": "someone/else", "created_at": "2026-01-01T00:00:00Z"}
    bench.twin.history_filters = False
    bench.twin.others = [{"id": f"other-{number}", **entry} for number in range(younger)]
    bench.twin.others += [{"id": f"old-{n}", **entry, "created_at": "2024-01-01T00:00:00Z"} for n in range(700)]
    state = await bench.adapter.find(an_order(), since=since)
    assert (state is not None) is found
    assert len(bench.twin.listings) == (3 if found else 5)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401), ProviderMisconfigured),
        (Reply(status=429), RateLimited),
        (Reply(status=500), PollFailed),
        (Reply(status=404), PollFailed),
        (Reply(status=200, body=b"<html>"), PollFailed),
        (Reply(status=200, body=b'{"code":200,"data":{}}'), PollFailed),
        (Reply(status=200, body=b'{"code":500,"data":{"items":[]}}'), PollFailed),
    ],
)
async def test_a_history_that_is_not_told(bench: Bench, reply: Reply, kind: type[ProviderError]) -> None:
    bench.twin.history_reply = reply
    with pytest.raises(ProviderError) as caught:
        await bench.adapter.find(an_order(), since=NOW)
    assert type(caught.value) is kind


async def test_entries_that_make_no_sense_are_passed_over(bench: Bench) -> None:
    entries: list[Any] = [
        None,
        5,
        {},
        {"id": 7},
        {"id": "a", "model": "runwayml/gen4-image"},
        {"id": "b", "created_at": "soon"},
    ]
    body = {"code": 200, "data": {"page": 1, "items": entries}}
    bench.twin.history_reply = Reply(status=200, body=json.dumps(body).encode())
    assert await bench.adapter.find(an_order(), since=NOW) is None
