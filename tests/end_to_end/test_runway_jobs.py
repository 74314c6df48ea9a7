"""Pictures from Runway: what people see and pay when it works, and for each way in which it does not."""

from __future__ import annotations

import io
import random
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.job import JobState
from bot.domain.ledger import EntryKind
from bot.domain.money import Money
from bot.playground.actors import Upload
from bot.store.ledger import Ledger
from tests.support.bench import Bench, text_of
from tests.support.png import small_png
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario
from tests.support.studio import (
    closed,
    entries,
    open_runway_studio,
    pixels,
    press,
    quota_left,
    read_store,
    records,
    refused,
)
from tests.support.twin_script import SubmitFault

Studio = tuple[Bench, LocalRunway]
RETURNED = "Your quota was returned; nothing was charged."


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncGenerator[Studio]:
    """A studio that orders from a local Runway."""
    async with open_runway_studio(tmp_path) as studio:
        yield studio


async def totals(bench: Bench) -> dict[EntryKind, Money]:
    """Money by kind of ledger entry, where there is any."""
    sums = await read_store(bench.settings, Ledger().totals)
    return {kind: amount for kind, (_, amount) in sums.items() if amount.micros}


async def test_the_price_stands_on_the_card_and_on_the_result(studio: Studio) -> None:
    bench, runway = studio
    answer = await bench.imagine("a lighthouse", seed=7)
    assert "16:9 720p (1280×720) · gen4_image · seed 7 · $0.05" in bench.says(answer)
    result = await bench.result_in_thread_of(answer)
    assert "seed 7 · $0.05 · runway · " in text_of(result)
    assert pixels(result) == [(1280, 720)]
    assert "· $0.05 ·" in await closed(bench, answer)
    (task,) = runway.tasks
    assert (task.body["promptText"], task.body["ratio"], task.body["seed"]) == ("a lighthouse", "1280:720", 7)
    assert await totals(bench) == {EntryKind.HOLD: Money.dollars("0.05"), EntryKind.CHARGE: Money.dollars("0.05")}
    assert runway.billed == 5


async def test_several_pictures_cost_the_sum(studio: Studio) -> None:
    bench, runway = studio
    answer = await bench.imagine("a cat", ratio="1:1", resolution="1080p", count=3)
    assert "$0.24 ($0.08 each)" in bench.says(answer)
    result = await bench.result_in_thread_of(answer)
    assert "$0.24" in text_of(result)
    assert runway.billed == 24


async def test_a_reference_travels_with_its_tag(studio: Studio) -> None:
    bench, runway = studio
    model = Upload("model.png", small_png(640, 640))
    answer = await bench.imagine("@model in a red coat --turbo", image1=model, ratio="1:1")
    assert "$0.02" in bench.says(answer)
    await bench.result_in_thread_of(answer)
    (task,) = runway.tasks
    assert task.body["model"] == "gen4_image_turbo"
    (sent,) = task.body["referenceImages"]
    assert sent["tag"] == "model"
    assert sent["uri"].startswith("data:image/png;base64,")


def noise(width: int, height: int) -> bytes:
    """A picture that no format makes small."""
    target = io.BytesIO()
    Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3)).save(target, "PNG")
    return target.getvalue()


async def test_a_large_reference_is_uploaded_once_for_all_its_pictures(studio: Studio) -> None:
    bench, runway = studio
    answer = await bench.imagine("@model", image1=Upload("model.png", noise(1300, 1030)), ratio="1:1")
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    again = await press(bench, result, "Reroll")
    await closed(bench, again)
    uris = [task.body["referenceImages"][0]["uri"] for task in runway.tasks]
    assert [uri.startswith("runway://") for uri in uris] == [True, True]
    assert [path for _, path, _ in runway.requests].count("/v1/uploads") == 1


async def test_the_card_shows_runways_own_progress(studio: Studio) -> None:
    bench, runway = studio
    runway.script(Scenario.hangs())
    answer = await bench.imagine("a cat", ratio="1:1")
    await bench.until(lambda: "**Working** · 50 % · about" in bench.says(answer))
    runway.tasks[0].proceed(Scenario(queue=0, running=()))
    await bench.result_in_thread_of(answer)


async def test_a_declined_prompt_that_was_billed_counts_and_the_card_says_so(studio: Studio) -> None:
    bench, runway = studio
    runway.script(Scenario.fails("SAFETY.INPUT.TEXT"))
    answer = await bench.imagine("something forbidden", ratio="1:1")
    says = await closed(bench, answer)
    assert "declined this prompt or one of its pictures for safety reasons" in says
    assert "billed it all the same ($0.05), so it counts towards your quota" in says
    assert "secret-failure-text" not in says
    assert await quota_left(bench) == (9, 10)
    assert await totals(bench) == {EntryKind.HOLD: Money.dollars("0.05"), EntryKind.CHARGE: Money.dollars("0.05")}
    assert runway.submissions == 1


async def test_a_broken_picture_that_cost_nothing_is_tried_once_more(studio: Studio) -> None:
    bench, runway = studio
    runway.script(Scenario.fails("INTERNAL.BAD_OUTPUT.CODE01", credits=0))
    answer = await bench.imagine("a cat", ratio="1:1", seed=3)
    result = await bench.result_in_thread_of(answer)
    assert "seed 3" in text_of(result)
    assert runway.submissions == 2
    assert runway.billed == 5
    assert await quota_left(bench) == (9, 10)


async def test_a_second_failure_ends_it_with_the_quota_returned(studio: Studio) -> None:
    bench, runway = studio
    runway.script(*[Scenario.fails("INTERNAL.BAD_OUTPUT.CODE01", credits=0)] * 2)
    says = await closed(bench, await bench.imagine("a cat", ratio="1:1"))
    assert "came out unusable" in says
    assert RETURNED in says
    assert runway.submissions == 2
    assert await quota_left(bench) == (10, 10)


@pytest.mark.parametrize("fault", [SubmitFault.DROP_AFTER, SubmitFault.GARBAGE, SubmitFault.NO_ID])
async def test_a_submission_of_unknown_fate_is_sent_once_and_is_the_operators_loss(
    studio: Studio, fault: SubmitFault
) -> None:
    bench, runway = studio
    runway.script(Scenario(submit=fault))
    answer = await bench.imagine("a cat", ratio="1:1")
    says = await closed(bench, answer)
    assert "did not say whether it started, so it was not asked twice" in says
    assert RETURNED in says
    assert runway.submissions == 1
    assert await quota_left(bench) == (10, 10)
    assert (await totals(bench))[EntryKind.LOSS] == Money.dollars("0.05")
    assert await entries(bench.settings) == {EntryKind.HOLD: 1, EntryKind.RELEASE: 1, EntryKind.LOSS: 1}
    (record,) = await records(bench.settings)
    assert [job.state for job in record.jobs] == [JobState.LOST]


async def test_an_empty_account_is_said_and_costs_nobody_anything(studio: Studio) -> None:
    bench, runway = studio
    runway.script(Scenario.out_of_credits())
    says = await closed(bench, await bench.imagine("a cat", ratio="1:1"))
    assert "account of this bot is empty" in says
    assert RETURNED in says
    assert await quota_left(bench) == (10, 10)
    assert runway.submissions == 1


async def test_a_key_that_is_not_accepted_is_said_without_the_key(tmp_path: Path) -> None:
    key = "key_" + "0" * 128
    async with open_runway_studio(tmp_path, runway={"api_key": key}) as (bench, runway):
        await bench.until(lambda: any(status == 401 for _, _, status in runway.requests))
        says = await refused(bench, await bench.imagine("a cat", ratio="1:1"), "the operator has been told")
        assert "key_0" not in says
        assert runway.tasks == []
        assert await quota_left(bench) == (10, 10)


async def test_a_busy_runway_is_asked_again_until_it_takes_the_request(studio: Studio) -> None:
    bench, runway = studio
    runway.script(Scenario.answers(429, retry_after="0"), Scenario(queue=0, throttled=2))
    answer = await bench.imagine("a cat", ratio="1:1")
    await bench.result_in_thread_of(answer)
    assert len(runway.tasks) == 1
    assert await quota_left(bench) == (9, 10)


async def test_cancelling_what_runs_says_what_was_billed(studio: Studio) -> None:
    bench, runway = studio
    runway.script(Scenario.hangs())
    answer = await bench.imagine("a cat", ratio="1:1")
    await bench.until(lambda: "50 %" in bench.says(answer))
    await press(bench, bench.card(answer), "Cancel")
    says = await closed(bench, answer)
    assert "Cancelled. The image service billed it all the same ($0.05), so it counts towards your quota." in says
    assert runway.billed == 5
    assert await quota_left(bench) == (9, 10)


async def test_cancelling_what_waits_at_runway_costs_nothing(studio: Studio) -> None:
    bench, runway = studio
    runway.script(Scenario(queue=10_000))
    answer = await bench.imagine("a cat", ratio="1:1")
    await bench.until(lambda: runway.tasks and runway.tasks[0].polls)
    await press(bench, bench.card(answer), "Cancel")
    assert f"Cancelled. {RETURNED}" in await closed(bench, answer)
    assert runway.billed == 0
    assert await quota_left(bench) == (10, 10)


async def test_some_pictures_come_although_others_were_declined(studio: Studio) -> None:
    bench, runway = studio
    runway.script(Scenario(queue=0), Scenario.fails("SAFETY.OUTPUT.IMAGE", credits=0))
    answer = await bench.imagine("a cat", ratio="1:1", count=2)
    result = await bench.result_in_thread_of(answer)
    says = text_of(result)
    assert len(pixels(result)) == 1
    assert "One picture is missing." in says
    assert "declined the finished picture" in says
    assert (await closed(bench, answer)).startswith("**Done in part** · ")
    assert await quota_left(bench) == (9, 10)
