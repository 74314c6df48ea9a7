"""Two image services, of which one dies: what had not been sent goes to the other, the rest is told as it is."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.domain.guild import GuildSettings
from bot.domain.job import JobState
from bot.domain.ledger import EntryKind
from bot.domain.request import SEED_MAX
from bot.playground.actors import Interaction, Upload
from bot.services import fleet, submitting
from tests.support.bench import Bench, text_of
from tests.support.png import small_png
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario
from tests.support.studio import (
    amounts,
    choose_for_server,
    closed,
    entries,
    only_seen_by_them,
    open_studio,
    press,
    quota_left,
    records,
    refused,
)
from tests.support.twin_script import Play, SubmitFault
from tests.support.wavespeed import BASE, LocalWaveSpeed

PEOPLE = ("Mia", "Noor", "Sam")


@dataclass
class Studio:
    """A bench with two services at the same price, Runway first."""

    bench: Bench
    runway: LocalRunway
    other: LocalWaveSpeed
    life: AsyncExitStack

    async def kill_runway(self) -> None:
        """From now on nothing listens there."""
        await self.life.aclose()

    async def ask_all(self, **options: Any) -> list[Interaction]:
        """A request by each person."""
        return [await self.bench.imagine(f"a cat for {name}", by=name, ratio="1:1", **options) for name in PEOPLE]

    async def status(self) -> str:
        """What `/status` says."""
        return only_seen_by_them(self.bench, await self.bench.person().slash("studio", "status"))


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncGenerator[Studio]:
    async with AsyncExitStack() as life, LocalWaveSpeed.open() as other:
        runway = await life.enter_async_context(LocalRunway.open())
        runway.default = Scenario(queue=0)
        quick: dict[str, Any] = {"poll_interval": 0.05, "concurrency": 2}
        providers = {
            "order": ["runway", "wavespeed"],
            "runway": {"api_key": runway.api_key, "base_url": runway.base_url, **quick},
            "wavespeed": {
                **quick,
                "api_key": other.api_key,
                "base_url": f"{other.base_url}{BASE}",
                "submits_per_minute": 100,
            },
        }
        async with open_studio(tmp_path, providers=providers, jobs={"deadline": 1.0}) as bench:
            yield Studio(bench, runway, other, life)


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (Scenario.answers(503), None),
        (Scenario.answers(429, retry_after="60"), "busy"),
        (Scenario.answers(401), "key not accepted"),
        (Scenario.out_of_credits(), "out of credits"),
    ],
)
async def test_what_a_service_does_not_take_is_made_by_the_other(
    studio: Studio, scenario: Scenario, words: str | None
) -> None:
    studio.runway.default = scenario
    answers = await studio.ask_all()
    for answer in answers:
        assert "· wavespeed ·" in text_of(await studio.bench.result_in_thread_of(answer))
        assert (await closed(studio.bench, answer)).startswith("**Done** · ")
    assert studio.runway.tasks == []
    assert len(studio.other.tasks) == 3
    assert await quota_left(studio.bench) == (9, 10)
    if words:
        assert f"**Runway** · {words}" in await studio.status()


async def test_each_picture_tells_who_made_it_when_some_of_a_request_went_elsewhere(studio: Studio) -> None:
    studio.runway.script(Scenario(queue=0))
    studio.runway.default = Scenario.answers(401)
    answer = await studio.bench.imagine("a cat", ratio="1:1", seed=SEED_MAX, count=3)
    result = await studio.bench.result_in_thread_of(answer)
    seeds = [SEED_MAX, 0, 1]
    first = seeds.index(studio.runway.tasks[0].body["seed"])
    said = text_of(result)
    for place, seed in enumerate(seeds, 1):
        service = "runway" if place == first + 1 else "wavespeed"
        kept = service == "runway" or seed == 1
        rest = f" · seed {seed}" if kept else " · The image service cannot take the seed you chose"
        lines = [line for line in said.splitlines() if re.match(rf"-# Pictures? [^:]*\b{place}\b", line)]
        assert len(lines) == 1, said
        assert f": {service} · 720×720{rest}" in lines[0]
    states = [(job.provider, job.seed_sent) for job in (await records(studio.bench.settings))[0].jobs]
    assert states[first] == ("runway", True)
    assert await quota_left(studio.bench) == (7, 10)


async def test_a_service_that_nothing_listens_at_any_more_is_given_a_rest(studio: Studio) -> None:
    await studio.bench.result_in_thread_of(await studio.bench.imagine("a bird", ratio="1:1"))
    await studio.kill_runway()
    for answer in await studio.ask_all():
        assert "· wavespeed ·" in text_of(await studio.bench.result_in_thread_of(answer))
    assert "**Runway** · down" in await studio.status()
    later = await studio.bench.imagine("a dog", by="Noor", ratio="1:1")
    await studio.bench.result_in_thread_of(later)
    assert (await records(studio.bench.settings))[-1].provider == "wavespeed"


async def test_a_service_that_dies_under_load_loses_only_what_it_had_taken(studio: Studio) -> None:
    bench = studio.bench
    studio.runway.default = Scenario.hangs()
    taken = [await bench.imagine("a taken cat", by=name, ratio="1:1") for name in ("Mia", "Noor")]
    await bench.until(lambda: len(studio.runway.tasks) == 2 and all(task.polls for task in studio.runway.tasks))
    waiting = [await bench.imagine("a waiting cat", by=name, ratio="1:1") for name in PEOPLE]
    assert all(bench.says(answer).startswith("**Queued**") for answer in waiting)
    await studio.kill_runway()
    await bench.until(lambda: all("Still not finished. I keep checking" in bench.says(answer) for answer in taken))
    for answer in waiting:
        assert "· wavespeed ·" in text_of(await bench.result_in_thread_of(answer, seconds=40))
    prompts = [task.body["prompt"] for task in studio.other.tasks]
    assert prompts == ["a waiting cat"] * 3
    states = [record.jobs[0].state for record in await records(bench.settings)]
    assert states == [JobState.RUNNING] * 2 + [JobState.SUCCEEDED] * 3


async def test_what_may_have_started_is_not_sent_elsewhere(studio: Studio) -> None:
    studio.runway.script(Scenario(submit=SubmitFault.DROP_AFTER))
    says = await closed(studio.bench, await studio.bench.imagine("a cat", ratio="1:1"))
    assert "did not say whether it started, so it was not asked twice" in says
    assert studio.other.tasks == []
    assert await entries(studio.bench.settings) == {EntryKind.HOLD: 1, EntryKind.RELEASE: 1, EntryKind.LOSS: 1}


@pytest.mark.parametrize(("refunds", "lost"), [(True, 0), (False, 100_000)])
async def test_the_operator_loses_what_the_bills_leave_of_submissions_of_unknown_fate(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, refunds: bool, lost: int
) -> None:
    monkeypatch.setattr(submitting, "LOOK_UPS", (1.0,))
    # Two alike, and a history that does not tell which is whose.
    studio.other.history_tells_orders, studio.other.refunds = False, refunds
    studio.other.default = Play(submit=SubmitFault.DROP_AFTER, states=("failed",))
    answers = [
        await studio.bench.imagine("a cat", by=name, ratio="1:1", provider="wavespeed") for name in ("Mia", "Noor")
    ]
    await studio.bench.until(lambda: len(studio.other.tasks) == 2)
    for task in studio.other.tasks:
        task.advance()
    for answer in answers:
        assert "did not say whether it started" in await closed(studio.bench, answer)
    assert await amounts(studio.bench.settings, EntryKind.LOSS) == lost
    assert await quota_left(studio.bench) == (10, 10)


async def test_a_service_that_a_person_named_is_the_only_one_asked(studio: Studio) -> None:
    studio.runway.default = Scenario.answers(401)
    says = await closed(studio.bench, await studio.bench.imagine("a cat", ratio="1:1", provider="runway"))
    assert "does not accept this bot's key" in says
    assert "Your quota was returned" in says
    assert studio.other.tasks == []


async def test_a_service_that_waits_for_its_operator_is_refused_before_anything_is_held(studio: Studio) -> None:
    studio.runway.script(Scenario.out_of_credits())
    await closed(studio.bench, await studio.bench.imagine("a cat", ratio="1:1", provider="runway"))
    again = await studio.bench.imagine("a cat", ratio="1:1", provider="runway")
    await refused(studio.bench, again, "No image service can take requests right now")
    large = await studio.bench.imagine("a cat", ratio="21:9")
    await refused(studio.bench, large, "No image service can take requests right now")
    assert studio.runway.submissions == 1
    assert await quota_left(studio.bench) == (10, 10)


async def test_the_truth_is_told_at_once_when_nobody_can_go_on(studio: Studio) -> None:
    studio.runway.default = Scenario.hangs()
    first = [await studio.bench.imagine("a cat", by=name, ratio="1:1", provider="runway") for name in ("Mia", "Noor")]
    await studio.bench.until(lambda: len(studio.runway.tasks) == 2)
    waiting = [await studio.bench.imagine("a dog", by=name, ratio="1:1", provider="runway") for name in PEOPLE]
    studio.runway.default = Scenario.out_of_credits()
    for task in studio.runway.tasks:
        task.proceed(Scenario(queue=0, running=()))
    for answer in first:
        await studio.bench.result_in_thread_of(answer)
    for answer in waiting:
        assert "account of this bot is empty" in await closed(studio.bench, answer)
    assert studio.runway.submissions <= 4
    assert await quota_left(studio.bench) == (9, 10)


async def test_a_dearer_service_is_not_asked_for_what_is_held_already(studio: Studio) -> None:
    studio.runway.default = Scenario.answers(503)
    model = Upload("model.png", small_png(640, 640))
    answer = await studio.bench.imagine("@model at sea --turbo", ratio="1:1", image1=model)
    assert "$0.02" in studio.bench.says(answer)
    await studio.bench.until(lambda: studio.runway.submissions >= 2)
    studio.runway.default = Scenario(queue=0)
    await studio.bench.result_in_thread_of(answer)
    assert studio.other.tasks == []


async def test_a_service_that_the_server_switched_off_does_not_help_out(studio: Studio) -> None:
    assert await studio.bench.stop() == 0
    await choose_for_server(studio.bench, GuildSettings(providers_off=("wavespeed",)))
    await studio.bench.start()
    studio.runway.default = Scenario.answers(503)
    answer = await studio.bench.imagine("a cat", ratio="1:1")
    await studio.bench.until(lambda: studio.runway.submissions >= 2)
    studio.runway.default = Scenario(queue=0)
    await studio.bench.result_in_thread_of(answer)
    assert studio.other.tasks == []


async def test_after_its_rest_one_trial_brings_a_service_back(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "FIRST_REST", 0.5)
    studio.runway.default = Scenario.answers(503)
    for answer in await studio.ask_all():
        await studio.bench.result_in_thread_of(answer)
    assert "**Runway** · down" in await studio.status()
    studio.runway.default = Scenario(queue=0)
    while not studio.runway.tasks:
        await studio.bench.result_in_thread_of(await studio.bench.imagine("a dog", by="Sam", ratio="1:1"))
    assert "**Runway** · up" in await studio.status()


async def test_an_account_gets_no_more_submissions_a_minute_than_it_allows(tmp_path: Path) -> None:
    async with LocalWaveSpeed.open() as service:
        settings = {
            "api_key": service.api_key,
            "base_url": f"{service.base_url}{BASE}",
            "poll_interval": 0.05,
            "concurrency": 8,
            "submits_per_minute": 2,
        }
        async with open_studio(tmp_path, providers={"wavespeed": settings}) as bench:
            answers = [await bench.imagine("a cat", by=name, ratio="1:1", count=2) for name in PEOPLE]

            async def sent() -> int:
                jobs = [job for record in await records(bench.settings) for job in record.jobs]
                return sum(job.state is JobState.SUCCEEDED for job in jobs)

            await bench.until(lambda: len(service.tasks) == 2)
            for answer in answers:
                if not bench.says(answer).startswith("**Done"):
                    await press(bench, bench.card(answer), "Cancel", by=_by(bench, answer))
            for answer in answers:
                assert re.match(r"\*\*(Done|No picture)", await closed(bench, answer))
            assert await sent() <= 2
            assert service.submissions == 2


async def test_what_waits_for_a_service_at_rest_can_be_cancelled_at_once(studio: Studio) -> None:
    studio.runway.default = Scenario.answers(429, retry_after="50")
    answer = await studio.bench.imagine("a cat", ratio="1:1", provider="runway")
    await studio.bench.until(lambda: studio.runway.submissions == 1)
    await studio.bench.until(lambda: studio.bench.says(answer).startswith("**Working**"))
    await press(studio.bench, studio.bench.card(answer), "Cancel")
    assert "Cancelled. Your quota was returned" in await closed(studio.bench, answer, seconds=6)
    assert await quota_left(studio.bench) == (10, 10)


def _by(bench: Bench, answer: Interaction) -> str:
    return next(name for name in PEOPLE if bench.person(name).id == answer.user_id)
