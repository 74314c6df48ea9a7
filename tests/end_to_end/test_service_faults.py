"""An image service at its worst, step by step: what comes of the picture, what it costs, and what people read."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.domain.job import JobState
from bot.domain.ledger import EntryKind
from bot.playground.actors import Interaction, Upload
from tests.support.bench import Bench
from tests.support.png import small_png
from tests.support.runway_script import Scenario
from tests.support.services import Local
from tests.support.studio import closed, entries, open_runway_studio, open_studio, quota_left, records
from tests.support.twin_script import OutputFault, Reply, SubmitFault
from tests.support.wavespeed import BASE, LocalWaveSpeed

RETURNED = "Your quota was returned; nothing was charged."
UNKNOWN = "did not say whether it started, so it was not asked twice"
HELD_AND_RETURNED = {EntryKind.HOLD: 1, EntryKind.RELEASE: 1}
HTML = b"<html><h1>Bad Gateway</h1></html>"
PATIENCE = 1.0
"""Seconds that an answer is waited for here."""


@dataclass
class Studio:
    """A bench with one service, and what it was asked."""

    bench: Bench
    service: Local

    async def ask(self, *, reference: bool = False) -> Interaction:
        """Somebody asks for a picture."""
        options: dict[str, Any] = {"image1": Upload("model.png", small_png(320, 200))} if reference else {}
        prompt = "@model in a red coat" if reference else "a lighthouse"
        return await self.bench.imagine(prompt, ratio="1:1", seed=7, **options)

    async def comes(self, asked: Interaction) -> None:
        """The picture is there, and paid for once."""
        assert (await closed(self.bench, asked, seconds=40)).startswith("**Done** · ")
        assert len(self.bench.results()) == len(self.service.tasks) == 1
        assert await quota_left(self.bench) == (9, 10)
        assert await entries(self.bench.settings) == {EntryKind.HOLD: 1, EntryKind.CHARGE: 1}

    async def ends(self, asked: Interaction, *words: str, state: JobState, submissions: int = 1) -> None:
        """There is no picture, and the card says why; nobody is charged."""
        says = await closed(self.bench, asked, seconds=40)
        for each in (*words, RETURNED):
            assert each in says
        assert "html" not in says
        assert self.bench.results() == []
        assert self.service.submissions == submissions
        assert await quota_left(self.bench) == (10, 10)
        lost = {EntryKind.LOSS: 1} if state is JobState.LOST else {}
        assert await entries(self.bench.settings) == HELD_AND_RETURNED | lost
        (record,) = await records(self.bench.settings)
        assert [job.state for job in record.jobs] == [state]


@pytest.fixture(autouse=True)
def _quick_tries(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setattr("bot.services.fetching.RETRY_DELAYS", (0.0, 0.0, 0.0))


@pytest.fixture
async def runway(tmp_path: Path) -> AsyncGenerator[Studio]:
    async with open_runway_studio(tmp_path, runway={"timeout": PATIENCE}) as (bench, service):
        yield Studio(bench, service)


@pytest.fixture
async def uploading(tmp_path: Path) -> AsyncGenerator[Studio]:
    """A studio whose service takes references as uploads only."""
    async with LocalWaveSpeed.open() as service:
        wavespeed = {
            "api_key": service.api_key,
            "base_url": f"{service.base_url}{BASE}",
            "poll_interval": 0.05,
            "submits_per_minute": 100,
            "timeout": PATIENCE,
        }
        async with open_studio(tmp_path, providers={"wavespeed": wavespeed}) as bench:
            yield Studio(bench, service)


# -- uploading references ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=429, headers={"Retry-After": "1"}),
        Reply(status=500, body=HTML),
        Reply(status=503),
        Reply(status=200, body=b'{"code":200,"data":'),
        Reply(status=200, body=b'{"code":200,"message":"success","data":{}}'),
    ],
    ids=["429", "500", "503", "garbage", "no link"],
)
async def test_an_upload_that_fails_for_now_is_made_again(uploading: Studio, reply: Reply) -> None:
    service = uploading.service
    assert isinstance(service, LocalWaveSpeed)
    service.upload_reply = reply
    asked = await uploading.ask(reference=True)
    await uploading.bench.until(lambda: any("/media/" in path for _, path, _ in service.requests))
    assert service.submissions == 0, "nothing is ordered without its reference"
    service.upload_reply = None
    await uploading.comes(asked)


async def test_a_reference_that_a_service_refuses_is_told_and_costs_nothing(uploading: Studio) -> None:
    assert isinstance(uploading.service, LocalWaveSpeed)
    uploading.service.upload_reply = Reply(status=400, body=b'{"code":400,"message":"file is not an image"}')
    await uploading.ends(
        await uploading.ask(reference=True),
        "did not accept one of the reference pictures",
        state=JobState.FAILED,
        submissions=0,
    )


# -- the paid request --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (Scenario.answers(400, b'{"error":"Validation of body failed","issues":[]}'), "did not accept this request"),
        (Scenario.answers(422, b'{"error":"Validation of body failed"}'), "did not accept this request"),
        (Scenario.answers(402, b'{"error":"payment required"}'), "account of this bot is empty"),
        (Scenario.answers(401, b'{"error":"Unauthorized"}'), "does not accept this bot's key"),
        (Scenario.answers(403, b'{"error":"Forbidden"}'), "does not accept this bot's key"),
    ],
    ids=["400", "422", "402", "401", "403"],
)
async def test_a_refused_request_is_told_and_costs_nothing(runway: Studio, scenario: Scenario, words: str) -> None:
    runway.service.script(scenario)
    await runway.ends(await runway.ask(), words, state=JobState.FAILED)
    assert runway.service.tasks == []


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario.answers(500, HTML),
        Scenario.answers(504, b"upstream request timeout"),
        Scenario(submit=SubmitFault.HANG_BEFORE),
        Scenario(submit=SubmitFault.HANG_AFTER),
        Scenario(submit=SubmitFault.DROP_BEFORE),
        Scenario(submit=SubmitFault.DROP_AFTER),
        Scenario(submit=SubmitFault.GARBAGE),
        Scenario(submit=SubmitFault.NO_ID),
    ],
    ids=["500", "504", "hangs before", "hangs after", "dropped before", "dropped after", "garbage", "no id"],
)
async def test_a_paid_request_of_unknown_fate_is_never_sent_again(runway: Studio, scenario: Scenario) -> None:
    runway.service.script(scenario)
    await runway.ends(await runway.ask(), UNKNOWN, state=JobState.LOST)


@pytest.mark.parametrize("status", [429, 502, 503])
async def test_a_request_that_was_not_accepted_is_sent_again(runway: Studio, status: int) -> None:
    runway.service.script(Scenario.answers(status, retry_after="0"))
    asked = await runway.ask()
    await runway.comes(asked)
    assert runway.service.submissions == 2


async def test_a_service_that_takes_nothing_is_given_up_in_the_end(
    runway: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.submitting.SUBMIT_PATIENCE", 0.0)
    runway.service.script(Scenario.answers(503))
    await runway.ends(await runway.ask(), "cannot be reached", state=JobState.FAILED)


# -- asking for the task -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404, body=b'{"error":"Not found"}'),
        Reply(status=401, body=b'{"error":"Unauthorized"}'),
        Reply(status=429, headers={"Retry-After": "0"}),
        Reply(status=500, body=HTML),
        Reply(status=200, body=HTML),
        Reply(status=200, body=b'{"id":null,"status":"SUCC'),
        Reply(status=200, body=b'{"status":"DREAMING"}'),
    ],
    ids=["404", "401", "429", "500", "html", "half an answer", "a status of tomorrow"],
)
async def test_a_task_that_does_not_tell_its_state_is_asked_again(runway: Studio, reply: Reply) -> None:
    runway.service.script(Scenario(queue=0, polls=(reply,) * 3))
    asked = await runway.ask()
    await runway.comes(asked)
    assert runway.service.submissions == 1


async def test_a_picture_that_is_late_is_told_and_kept_for(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path, jobs={"deadline": 0.5}) as (bench, service):
        service.script(Scenario.hangs())
        asked = await bench.imagine("a lighthouse", ratio="1:1")
        await bench.until(lambda: "Still not finished. I keep checking" in bench.says(asked))
        assert await entries(bench.settings) == {EntryKind.HOLD: 1}, "held until the service says how it ended"
        assert service.submissions == 1


# -- fetching the picture ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        OutputFault.GONE,
        OutputFault.BUSY,
        OutputFault.HTML,
        OutputFault.EMPTY,
        OutputFault.CUT,
        OutputFault.TRUNCATED,
        OutputFault.ENDLESS,
        OutputFault.PACKED,
        OutputFault.ELSEWHERE,
        OutputFault.LOOP,
    ],
)
async def test_a_picture_that_does_not_arrive_whole_is_fetched_again(runway: Studio, fault: OutputFault) -> None:
    runway.service.script(Scenario(queue=0, output=fault, good_output_after=1))
    await runway.comes(await runway.ask())


@pytest.mark.parametrize("fault", [OutputFault.GONE, OutputFault.CUT])
async def test_a_picture_that_never_arrives_is_the_operators_loss(runway: Studio, fault: OutputFault) -> None:
    runway.service.script(Scenario(queue=0, output=fault))
    await runway.ends(await runway.ask(), "its file could not be fetched", state=JobState.LOST)
    assert runway.service.billed == 5
