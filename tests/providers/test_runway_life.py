"""Runway's tasks from the order to the picture, against a strict local Runway."""

from __future__ import annotations

import json
from collections.abc import Sequence

import httpx
import pytest

from bot.domain.errors import (
    OutputUnavailable,
    PollFailed,
    ReferenceRefused,
    TaskCancelled,
    TaskVanished,
)
from bot.domain.money import FREE, Money
from bot.domain.shapes import ALL_SIZES, Model, Resolution, Size
from bot.providers.base import Account, Done, Pending, TaskState
from bot.providers.facts import override
from bot.providers.http import HttpClient
from bot.providers.runway import Runway
from bot.providers.runway_facts import RUNWAY
from tests.support.ordering import a_reference, an_order
from tests.support.runway import LocalRunway
from tests.support.runway_rules import RATIOS
from tests.support.runway_script import End, OutputFault, Reply, Scenario


async def ended(runway: Runway, task_id: str) -> Done:
    for _ in range(20):
        state = await runway.poll(task_id)
        if isinstance(state, Done):
            return state
    raise AssertionError("the task does not end")


async def fetched(runway: Runway, service: LocalRunway, fault: OutputFault) -> bytes:
    service.script(Scenario(output=fault))
    done = await ended(runway, (await runway.submit(an_order())).task_id)
    return await runway.download(done.pictures[0])


async def test_an_order_becomes_a_picture_and_is_billed_once(runway: Runway, service: LocalRunway) -> None:
    state = await runway.submit(an_order(size=Size(1080, 1920)))
    done = await ended(runway, state.task_id)
    content = await runway.download(done.pictures[0])
    assert content.startswith(b"\x89PNG")
    assert done.cost == Money.credits(8)
    assert (service.submissions, service.billed) == (1, 8)


async def test_the_body_says_everything_that_was_ordered(runway: Runway, service: LocalRunway) -> None:
    sent = await runway.prepare(a_reference("model"))
    await runway.submit(an_order(references=(sent,), seed=4_294_967_295, prompt="@model 😀"))
    body = service.tasks[0].body
    assert body | {"referenceImages": None} == {
        "model": "gen4_image",
        "promptText": "@model 😀",
        "ratio": "1280:720",
        "seed": 4_294_967_295,
        "referenceImages": None,
        "contentModeration": {"publicFigureThreshold": "auto"},
    }
    assert service.tasks[0].references[0].tag == "model"
    assert service.tasks[0].references[0].content == a_reference("model").content


async def test_without_seed_and_references_neither_is_sent(runway: Runway, service: LocalRunway) -> None:
    await runway.submit(an_order(seed=None))
    assert {"seed", "referenceImages"}.isdisjoint(service.tasks[0].body)


async def test_the_moderation_threshold_is_the_operators(http: HttpClient, service: LocalRunway) -> None:
    low = Runway(http=http, api_key=f" {service.api_key}\n", base_url=f"{service.base_url}/", moderation="low")
    await low.submit(an_order())
    assert service.tasks[0].body["contentModeration"] == {"publicFigureThreshold": "low"}


@pytest.mark.parametrize("size", sorted(ALL_SIZES), ids=str)
async def test_every_size_is_taken(runway: Runway, service: LocalRunway, size: Size) -> None:
    await runway.submit(an_order(size=size))
    assert service.tasks[0].body["ratio"] == str(size)


def test_the_known_sizes_are_exactly_those_of_the_api() -> None:
    assert {str(size) for size in ALL_SIZES} == RATIOS


async def test_the_states_of_a_task_are_told_apart(runway: Runway, service: LocalRunway) -> None:
    service.script(Scenario(queue=1, throttled=1, running=(0.25, 0.75)))
    task = (await runway.submit(an_order())).task_id
    seen: list[TaskState] = [await runway.poll(task) for _ in range(5)]
    assert seen[:4] == [
        Pending(task_id=task),
        Pending(task_id=task, throttled=True),
        Pending(task_id=task, progress=0.25, running=True),
        Pending(task_id=task, progress=0.75, running=True),
    ]
    assert isinstance(seen[4], Done)


async def test_a_status_that_nobody_knows_is_a_task_that_goes_on(
    runway: Runway, service: LocalRunway, caplog: pytest.LogCaptureFixture
) -> None:
    task = (await runway.submit(an_order())).task_id
    service.tasks[0].status = "DREAMING"
    service.tasks[0].scenario = Scenario(polls=(reply_of(task, "DREAMING"),))
    assert await runway.poll(task) == Pending(task_id=task)
    assert "not known" in caplog.text


async def test_both_spellings_of_cancelled_are_understood(runway: Runway, service: LocalRunway) -> None:
    for status in ("CANCELLED", "CANCELED", "canceled"):
        task = (await runway.submit(an_order())).task_id
        service.task(task).scenario = Scenario(polls=(reply_of(task, status, ',"cost":{"credits":5}'),))
        with pytest.raises(TaskCancelled) as caught:
            await runway.poll(task)
        assert caught.value.billed == Money.credits(5)


def reply_of(task: str, status: str, more: str = "") -> Reply:
    return Reply(status=200, body=f'{{"id":"{task}","status":"{status}"{more}}}'.encode())


async def test_another_process_can_ask_for_a_task(service: LocalRunway, runway: Runway, http: HttpClient) -> None:
    task = (await runway.submit(an_order())).task_id
    later = Runway(http=http, api_key=service.api_key, base_url=service.base_url)
    assert (await ended(later, task)).cost == Money.credits(5)


async def test_small_references_go_along_and_large_ones_are_uploaded_for_a_day(
    service: LocalRunway, http: HttpClient
) -> None:
    runway = Runway(http=http, api_key=service.api_key, base_url=service.base_url, clock=lambda: 1000.0)
    small, large = a_reference("small"), a_reference("large", size=(1400, 1400), noisy=True)
    sent = [await runway.prepare(small), await runway.prepare(large)]
    assert sent[0].uri.startswith("data:image/png;base64,")
    assert sent[0].expires_at is None
    assert sent[1].uri.startswith("runway://")
    assert sent[1].expires_at == 1000 + 23 * 3600
    await runway.submit(an_order(references=tuple(sent)))
    assert [reference.content for reference in service.tasks[0].references] == [small.content, large.content]


async def test_the_longest_data_uri_is_below_the_limit_and_the_next_byte_is_uploaded(
    runway: Runway, service: LocalRunway
) -> None:
    padding = (5 * 1024 * 1024 - len("data:image/png;base64,")) // 4 * 3
    reference = a_reference()
    for extra, scheme in ((-3, "data:"), (1, "runway:")):
        content = reference.content.ljust(padding + extra, b"\0")
        changed = type(reference)(tag="model", content=content, media_type="image/png", sha256="")
        assert (await runway.prepare(changed)).uri.startswith(scheme)
    assert len(service.files.uploads) == 1


async def test_an_expired_upload_is_a_refused_reference(http: HttpClient) -> None:
    now = [1000.0]
    async with LocalRunway.open(clock=lambda: now[0]) as service:
        runway = Runway(http=http, api_key=service.api_key, base_url=service.base_url)
        sent = await runway.prepare(a_reference(size=(1400, 1400), noisy=True))
        now[0] += 25 * 3600
        with pytest.raises(ReferenceRefused) as caught:
            await runway.submit(an_order(references=(sent,)))
    assert caught.value.values["position"] == 1


@pytest.mark.parametrize(("scenario", "billed"), [(Scenario(queue=5), FREE), (Scenario.hangs(), Money.credits(5))])
async def test_cancelling_costs_what_the_state_says(
    runway: Runway, service: LocalRunway, scenario: Scenario, billed: Money
) -> None:
    service.script(scenario)
    task = (await runway.submit(an_order())).task_id
    with pytest.raises(TaskCancelled) as caught:
        await runway.cancel(task)
    assert caught.value.billed == billed == Money.credits(service.billed)


@pytest.mark.parametrize(("scenario", "billed"), [(Scenario(queue=5), FREE), (Scenario.hangs(), Money.credits(5))])
async def test_cancelling_costs_what_the_state_says_even_when_the_task_is_forgotten(
    runway: Runway, service: LocalRunway, scenario: Scenario, billed: Money
) -> None:
    service.script(scenario)
    task = (await runway.submit(an_order())).task_id
    service.forgets_cancelled = True
    with pytest.raises(TaskCancelled) as caught:
        await runway.cancel(task)
    assert caught.value.billed == billed


async def test_a_finished_task_is_not_deleted_by_cancelling(runway: Runway, service: LocalRunway) -> None:
    task = (await runway.submit(an_order())).task_id
    await ended(runway, task)
    state = await runway.cancel(task)
    assert isinstance(state, Done)
    assert not service.tasks[0].deleted
    assert (await runway.download(state.pictures[0])).startswith(b"\x89PNG")


async def test_cancelling_twice_is_the_same_as_once(runway: Runway, service: LocalRunway) -> None:
    service.script(Scenario.hangs())
    task = (await runway.submit(an_order())).task_id
    for _ in range(2):
        with pytest.raises(TaskCancelled) as caught:
            await runway.cancel(task)
        assert caught.value.billed == Money.credits(5)


async def test_a_task_vanishes_only_after_a_grace(service: LocalRunway, http: HttpClient) -> None:
    now = [0.0]
    runway = Runway(http=http, api_key=service.api_key, base_url=service.base_url, clock=lambda: now[0])
    with pytest.raises(PollFailed):
        await runway.poll("never-heard-of")
    now[0] = 60
    with pytest.raises(TaskVanished):
        await runway.poll("never-heard-of")


async def test_an_answer_about_another_task_is_not_believed(runway: Runway, service: LocalRunway) -> None:
    first = (await runway.submit(an_order())).task_id
    other = (await runway.submit(an_order())).task_id
    service.task(first).scenario = Scenario(polls=(reply_of(other, "SUCCEEDED"),))
    with pytest.raises(PollFailed):
        await runway.poll(first)


async def test_a_success_without_a_picture_is_asked_for_again(runway: Runway, service: LocalRunway) -> None:
    task = (await runway.submit(an_order())).task_id
    service.tasks[0].scenario = Scenario(polls=(reply_of(task, "SUCCEEDED", ',"output":[]'),), queue=0, running=())
    with pytest.raises(PollFailed):
        await runway.poll(task)
    assert isinstance(await runway.poll(task), Done)


async def test_a_redirect_within_the_rule_is_followed(runway: Runway, service: LocalRunway) -> None:
    assert (await fetched(runway, service, OutputFault.REDIRECT)).startswith(b"\x89PNG")


async def test_asking_again_gives_a_fresh_link(runway: Runway, service: LocalRunway) -> None:
    task = (await runway.submit(an_order())).task_id
    old = (await ended(runway, task)).pictures[0]
    fresh = (await ended(runway, task)).pictures[0]
    with pytest.raises(OutputUnavailable):
        await runway.download(old)
    assert (await runway.download(fresh)).startswith(b"\x89PNG")
    assert service.billed == 5


async def test_the_balance_is_what_is_left(runway: Runway, service: LocalRunway) -> None:
    await ended(runway, (await runway.submit(an_order())).task_id)
    assert await runway.account() == Account(
        balance=Money.credits(99_995), concurrency=2, submits_today=200, submitted_today=1
    )
    assert service.submissions == 1


@pytest.mark.parametrize(
    "strange",
    [
        {},
        {"tier": None, "usage": []},
        {"tier": {"models": {"gen4_image": {"maxConcurrentGenerations": None, "maxDailyGenerations": "many"}}}},
        {"tier": {"models": []}, "usage": {"models": {"gen4_image": 3}}},
    ],
)
async def test_limits_that_cannot_be_read_do_not_hide_the_balance(strange: dict[str, object]) -> None:
    body = httpx.ByteStream(json.dumps({"creditBalance": 12, **strange}).encode())
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=body))
    async with HttpClient(transport=transport) as http:
        assert await Runway(http=http, api_key="key_x").account() == Account(balance=Money.credits(12))


async def test_a_task_told_to_proceed_goes_on(runway: Runway, service: LocalRunway) -> None:
    service.script(Scenario.hangs())
    task = (await runway.submit(an_order())).task_id
    assert isinstance(await runway.poll(task), Pending)
    service.task(task).proceed(Scenario(queue=0, running=(), end=End.SUCCEEDED))
    assert isinstance(await runway.poll(task), Done)


def test_the_operator_can_change_concurrency_and_prices() -> None:
    cheap = Money.credits(3)
    changed = override(RUNWAY, concurrency=9, poll_interval=1.0, prices={(Model.GEN4_IMAGE, Resolution.P720): cheap})
    prices: Sequence[Money] = [changed.models[Model.GEN4_IMAGE].prices[r] for r in Resolution]
    assert (changed.concurrency, changed.poll_interval) == (9, 1.0)
    assert prices == [cheap, Money.credits(8)]
    assert changed.models[Model.GEN4_IMAGE_TURBO] == RUNWAY.models[Model.GEN4_IMAGE_TURBO]
    assert override(RUNWAY) == RUNWAY
