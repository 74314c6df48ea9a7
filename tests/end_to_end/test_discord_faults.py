"""Discord at its worst: every picture is delivered once all the same, and nobody pays for what they never saw."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from bot.discord_ui import calls
from bot.domain.job import Delivery, JobState
from bot.domain.ledger import EntryKind
from bot.playground.actors import Interaction
from bot.store.blobs import open_blobs
from tests.support.bench import Bench, Json, buttons, galleries, text_of
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario
from tests.support.studio import (
    CALLBACK,
    CARD,
    POST,
    THREAD,
    closed,
    entries,
    open_runway_studio,
    pixels,
    press,
    quota_left,
    records,
)

Studio = tuple[Bench, LocalRunway]


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncGenerator[Studio]:
    """A studio with quick pictures."""
    async with open_runway_studio(tmp_path) as studio:
        yield studio


def sent(bench: Bench, method: str, template: str) -> list[int]:
    """Statuses of all calls of a route."""
    return [call.status for call in bench.discord.calls() if (call.method, call.template) == (method, template)]


def attachments(bench: Bench) -> list[Json]:
    """Every picture that anybody can see anywhere."""
    places = [place["id"] for place in bench.places()]
    return [file for place in places for message in bench.discord.messages(place) for file in message["attachments"]]


async def delivered_once(bench: Bench, answer: Interaction) -> None:
    """The picture comes, once, and the card closes."""
    await bench.result_in_thread_of(answer, seconds=30)
    assert (await closed(bench, answer, seconds=30)).startswith("**Done** · ")
    assert len(attachments(bench)) == 1
    assert len(bench.discord.world.threads()) == 1
    (record,) = await records(bench.settings)
    assert [job.state for job in record.jobs] == [JobState.SUCCEEDED]
    assert await quota_left(bench) == (9, 10)


WRONG: dict[str, dict[str, Any]] = {
    "502": {"status": 502},
    "503": {"status": 503},
    "a dropped connection": {"drop": True},
    "502 although it was done": {"status": 502, "after_commit": True},
    "a connection dropped although it was done": {"drop": True, "after_commit": True},
    "429": {"status": 429},
    "429 of what stands before Discord": {"status": 429, "via": False},
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(
    ("method", "template"), [("POST", THREAD), ("POST", POST), ("PATCH", CARD)], ids=["thread", "result", "card"]
)
async def test_a_call_that_goes_wrong_is_made_good(studio: Studio, method: str, template: str, wrong: str) -> None:
    bench, runway = studio
    used = bench.discord.faults.next(method, template, **WRONG[wrong])
    answer = await bench.imagine("a cat", ratio="1:1")
    await delivered_once(bench, answer)
    assert used.is_set()
    assert runway.submissions == 1


async def test_a_call_that_is_never_answered_is_made_again(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py itself sets no limit: one try would take five minutes."""
    bench, runway = studio
    monkeypatch.setattr(calls, "CALL_LIMIT", 0.5)
    used = bench.discord.faults.next("POST", POST, hang=600)
    await delivered_once(bench, await bench.imagine("a cat", ratio="1:1"))
    assert used.is_set()
    assert runway.submissions == 1


async def test_a_discord_that_is_away_for_a_while_gets_the_picture_later(studio: Studio) -> None:
    bench, _ = studio
    used = bench.discord.faults.next("POST", POST, drop=True, times=2)
    answer = await bench.imagine("a cat", ratio="1:1")
    await delivered_once(bench, answer)
    assert used.is_set()


async def test_who_never_saw_an_answer_pays_nothing(studio: Studio) -> None:
    bench, runway = studio
    bench.discord.faults.next("POST", CALLBACK, status=404, code=10062)
    answer = await bench.imagine("a cat", ratio="1:1")
    assert answer.error == "The application did not respond"
    assert await quota_left(bench) == (10, 10)
    assert await entries(bench.settings) == {EntryKind.HOLD: 1, EntryKind.RELEASE: 1}
    (record,) = await records(bench.settings)
    assert record.delivery is Delivery.WITHDRAWN
    assert runway.submissions == 0


@pytest.mark.parametrize("wrong", [{"drop": True}, {"status": 500}])
async def test_an_answer_that_arrived_counts_although_discord_did_not_say_so(
    studio: Studio, wrong: dict[str, Any]
) -> None:
    bench, runway = studio
    used = bench.discord.faults.next("POST", CALLBACK, after_commit=True, **wrong)
    answer = await bench.imagine("a cat", ratio="1:1")
    assert "9 of your 10 left today" in bench.says(answer)
    await delivered_once(bench, answer)
    assert used.is_set()
    assert runway.submissions == 1


async def test_a_press_that_was_not_answered_costs_nothing(studio: Studio) -> None:
    bench, runway = studio
    answer = await bench.imagine("a cat", ratio="1:1")
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    bench.discord.faults.next("POST", CALLBACK, status=404, code=10062)
    lost = await press(bench, result, "Reroll")
    assert lost.error == "This interaction failed"
    assert await quota_left(bench) == (9, 10)
    assert runway.submissions == 1


@pytest.mark.parametrize(("status", "code"), [(403, 50013), (400, 160006), (403, 50001), (404, 10008)])
async def test_where_no_thread_can_be_made_the_picture_comes_in_the_channel(
    studio: Studio, status: int, code: int
) -> None:
    bench, _ = studio
    bench.discord.faults.next("POST", THREAD, status=status, code=code)
    answer = await bench.imagine("a cat", ratio="1:1")
    assert (await closed(bench, answer)).startswith("**Done** · ")
    (result,) = bench.results(bench.discord.world.find_channel("studio").id)
    assert pixels(result) == [(720, 720)]
    assert bench.discord.world.threads() == []


async def test_a_picture_whose_channel_is_gone_is_sent_directly(studio: Studio) -> None:
    bench, runway = studio
    runway.script(Scenario.hangs())
    answer = await bench.imagine("a cat", ratio="1:1")
    await bench.until(lambda: "50 %" in bench.says(answer))
    world = bench.discord.world
    gone = world.channels.pop(world.find_channel("studio").id)
    runway.tasks[0].proceed(Scenario(queue=0, running=()))
    mia = bench.person().id
    await bench.until(lambda: bench.discord.messages(world.dm_with(mia).id, mia))
    world.channels[gone.id] = gone
    (message,) = bench.discord.messages(world.dm_with(mia).id, mia)
    assert pixels(message) == [(720, 720)]
    assert await quota_left(bench) == (9, 10)
    assert await bench.stop() == 0
    (record,) = await records(bench.settings)
    assert record.delivery is Delivery.DELIVERED
    assert await entries(bench.settings) == {EntryKind.HOLD: 1, EntryKind.CHARGE: 1}
    (output,) = record.outputs
    assert len(await open_blobs(bench.settings.storage.url).get(output.sha256)) == output.size_bytes
    await bench.start()
    assert len(bench.discord.messages(world.dm_with(mia).id, mia)) == 1


async def test_a_message_whose_components_discord_refuses_comes_in_plain_form(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path, refused=1) as (bench, _):
        bench.discord.faults.next("POST", POST, status=400, code=50035)
        answer = await bench.imagine("a cat", ratio="1:1", seed=7, spoiler=True)
        await closed(bench, answer)
        (result,) = bench.discord.messages(answer.message_id or "")[-1:]
        assert galleries(result) == []
        assert result["content"].startswith("```\na cat\n```")
        assert "seed 7" in result["content"]
        (file,) = result["attachments"]
        assert file["filename"].startswith("SPOILER_")
        assert file["description"] == "AI image: a cat"
        assert list(buttons(result)) == [
            "Reroll",
            "Edit",
            "1080p",
            "Reference",
            "More",
            "16:9",
            "9:16",
            "1:1",
            "4:3",
            "3:4",
        ]
        again = await press(bench, result, "9:16")
        await closed(bench, again)
        assert [pixels(message) for message in bench.results()] == [[(720, 1280)]]


async def test_a_card_that_cannot_be_edited_does_not_hold_up_the_picture(studio: Studio) -> None:
    bench, _ = studio
    bench.discord.faults.next("PATCH", CARD, status=404, code=10008, times=50)
    answer = await bench.imagine("a cat", ratio="1:1")
    result = await bench.result_in_thread_of(answer)
    assert text_of(result).startswith("```\na cat\n```")
    assert await quota_left(bench) == (9, 10)
    bench.discord.faults.clear()
    assert await bench.stop() == 0
    await bench.start()
    (record,) = await records(bench.settings)
    assert record.delivery is Delivery.DELIVERED
    assert len(attachments(bench)) == 1
