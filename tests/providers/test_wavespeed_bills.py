"""What WaveSpeedAI says it billed: the cost of a picture, of a failure, and of a submission of unknown fate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import Moderated, PollFailed, ProviderError, SubmissionUnknown, TaskCancelled, TaskFailed
from bot.domain.money import FREE, Money
from bot.providers.base import Billing, Order
from bot.providers.http import HttpClient
from bot.providers.wavespeed import WaveSpeed
from bot.providers.wavespeed_wire import billed_by_task
from tests.support.adapters import JSON, ended
from tests.support.ordering import an_order
from tests.support.twin_script import Play, Reply, SubmitFault
from tests.support.wavespeed import LocalWaveSpeed

NOW = 1_760_000_000.0
PRICE = Money.dollars("0.05")
ANSWERED_OTHERWISE = [
    Reply(status=401),
    Reply(status=404),
    Reply(status=429),
    Reply(status=500),
    Reply(status=200, body=b"<html>"),
    Reply(status=200, body=b'{"code":200,"data":{"page":1}}'),
    Reply(status=200, body=b'{"code":403,"message":"no","data":{"items":[]}}'),
]


@pytest.fixture
async def twin() -> AsyncIterator[LocalWaveSpeed]:
    async with LocalWaveSpeed.open(clock=lambda: NOW) as twin:
        yield twin


@pytest.fixture
def wavespeed(twin: LocalWaveSpeed, http: HttpClient) -> WaveSpeed:
    return WaveSpeed(http=http, api_key=twin.api_key, base_url=twin.api, clock=lambda: NOW)


async def failure_of(wavespeed: WaveSpeed, twin: LocalWaveSpeed, play: Play) -> ProviderError:
    twin.script(play)
    task = (await wavespeed.submit(an_order())).task_id
    with pytest.raises(ProviderError) as caught:
        await wavespeed.poll(task)
    return caught.value


async def lost(wavespeed: WaveSpeed, twin: LocalWaveSpeed, *states: str, order: Order | None = None) -> None:
    """A submission whose fate stays unknown, with a task that is in this state at the service."""
    twin.script(Play(submit=SubmitFault.DROP_AFTER, states=states))
    with pytest.raises(SubmissionUnknown):
        await wavespeed.submit(order or an_order())
    if states:
        twin.tasks[-1].advance()


async def test_a_picture_costs_what_was_billed_for_it(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    twin.script(Play(costs=0.04))
    done = await ended(wavespeed, (await wavespeed.submit(an_order())).task_id)
    assert done.cost == Money.dollars("0.04")


@pytest.mark.parametrize("reply", ANSWERED_OTHERWISE, ids=lambda reply: f"{reply.status}-{reply.body[:8].decode()}")
async def test_a_picture_is_not_lost_over_its_bill(wavespeed: WaveSpeed, twin: LocalWaveSpeed, reply: Reply) -> None:
    twin.bills_reply = reply
    done = await ended(wavespeed, (await wavespeed.submit(an_order())).task_id)
    assert done.cost is None
    assert await wavespeed.download(done.pictures[0])


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (Play.ends("failed", "internal error"), TaskFailed),
        (Play.ends("failed", "flagged by moderation"), Moderated),
        (Play.ends("timeout"), TaskFailed),
        (Play.ends("deleted"), TaskFailed),
        (Play.ends("cancelled"), TaskCancelled),
    ],
)
@pytest.mark.parametrize("refunds", [True, False])
async def test_only_what_was_given_back_is_known_to_cost_nothing(
    wavespeed: WaveSpeed, twin: LocalWaveSpeed, play: Play, kind: type[ProviderError], refunds: bool
) -> None:
    twin.refunds = refunds
    error = await failure_of(wavespeed, twin, play)
    assert type(error) is kind
    assert error.billed == (FREE if refunds else None)


async def test_a_failure_without_a_bill_is_not_called_free(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    twin.bills_known = False
    assert (await failure_of(wavespeed, twin, Play.ends("failed", "internal error"))).billed is None


@pytest.mark.parametrize(
    ("states", "most"),
    [
        (("completed", "failed"), PRICE),
        (("failed", "failed"), FREE),
        (("failed", "processing"), None),
        (("completed", ""), None),
    ],
)
async def test_a_lost_submission_cost_no_more_than_the_dearest_of_its_candidates(
    wavespeed: WaveSpeed, twin: LocalWaveSpeed, states: tuple[str, str], most: Money | None
) -> None:
    for state in states:
        await lost(wavespeed, twin, *filter(None, [state]))
    provider: object = wavespeed
    assert isinstance(provider, Billing)
    assert await wavespeed.find(an_order(), since=NOW) is None
    assert await wavespeed.most_billed(an_order(), since=NOW) == most


async def test_without_a_candidate_or_a_bill_nothing_is_claimed(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    assert await wavespeed.most_billed(an_order(), since=NOW) is None
    await lost(wavespeed, twin, "failed")
    twin.bills_known = False
    assert await wavespeed.most_billed(an_order(), since=NOW) is None
    twin.bills_reply = Reply(status=500)
    with pytest.raises(PollFailed):
        await wavespeed.most_billed(an_order(), since=NOW)


async def test_tasks_of_other_jobs_are_no_candidates(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    await ended(wavespeed, (await wavespeed.submit(an_order())).task_id)
    await lost(wavespeed, twin, "failed")
    assert await wavespeed.most_billed(an_order(), since=NOW) == FREE


@pytest.mark.parametrize(
    ("bills", "total"),
    [
        ([("deduct", 0.05)], PRICE),
        ([("deduct", "0.05")], PRICE),
        ([("deduct", 0.05), ("refund", 0.05)], FREE),
        ([("Deduct", 0.05), ("REFUND", 0.02)], Money.dollars("0.03")),
        ([("refund", 0.05)], FREE),
        ([("deduct", 24300)], None),
        ([("deduct", -1)], None),
        ([("deduct", 0.05), ("bonus", 0.05)], None),
        ([("deduct", None)], None),
        ([], None),
    ],
)
def test_bills_are_added_up(bills: list[tuple[str, Any]], total: Money | None) -> None:
    entries = [{"billing_type": kind, "price": price, "prediction": {"uuid": "t"}} for kind, price in bills]
    assert billed_by_task(entries).get("t") == total


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["billing_type", "price", "prediction"]), JSON), max_size=4))
def test_whatever_stands_in_a_bill_is_no_crash_and_no_negative_cost(entries: list[dict[str, Any]]) -> None:
    assert all(total >= FREE for total in billed_by_task(entries).values())
