"""`/imagine enhance:true`: both prompts are shown before anything is held, and the one that is chosen is made, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.domain.enhancing import enhance
from bot.domain.job import Action
from bot.playground.actors import Answer, Interaction, Upload
from tests.support.bench import Bench, Json, buttons, text_of
from tests.support.png import small_png
from tests.support.studio import (
    closed,
    custom_ids,
    entries,
    forge,
    only_seen_by_them,
    open_studio,
    press,
    quota_left,
    records,
    refused,
)
from tests.support.twin_script import Play
from tests.support.wavespeed import LocalWaveSpeed

MODEL = Upload("model.png", small_png(64, 64))


async def offered(bench: Bench, prompt: str = "a cat", **options: Any) -> tuple[Interaction, Json]:
    """Ask for a better prompt; the command's answer and the question as Mia sees it."""
    answer = await bench.imagine(prompt, **{"ratio": "1:1", **options}, enhance=True)
    return answer, bench.card(answer)


async def test_both_prompts_are_shown_to_their_person_alone_and_nothing_is_held(bench: Bench) -> None:
    answer, question = await offered(bench)
    says = only_seen_by_them(bench, answer)
    assert f"```\n{enhance('a cat')}\n```" in says
    assert "```\na cat\n```" in says
    assert "Nothing is held or charged until you choose." in says
    assert list(buttons(question)) == ["Use it", "Use mine"]
    assert await quota_left(bench) == (10, 10)
    assert await records(bench.settings) == []
    assert await entries(bench.settings) == {}


async def test_use_it_makes_the_enhanced_prompt_as_imagine_would(bench: Bench) -> None:
    answer, question = await offered(bench, "@model waves --seed 7", image1=MODEL)
    made = await press(bench, question, "Use it")
    card = bench.card(made)
    assert not card["ephemeral"]
    assert f"```\n{enhance('@model waves')}\n```" in text_of(card)
    assert "Enhanced from the prompt that was typed." in text_of(card)
    assert "seed 7 · with @model" in text_of(card)
    assert "9 of your 10 left today" in text_of(card)
    assert list(buttons(card)) == ["Cancel"]
    result = await bench.result_in_thread_of(made)
    assert enhance("@model waves") in text_of(result)
    assert await closed(bench, made)
    (record,) = await records(bench.settings)
    assert (record.action, record.request.seed_chosen) == (Action.ENHANCED, True)
    assert [(each.tag, each.ready) for each in record.request.references] == [("model", True)]
    assert bench.says(answer) == "Started."
    assert buttons(bench.card(answer)) == {}


async def test_use_mine_makes_the_persons_own_prompt(bench: Bench) -> None:
    answer, question = await offered(bench, count=2)
    made = await press(bench, question, "Use mine")
    assert "```\na cat\n```" in bench.says(made)
    assert "Enhanced" not in bench.says(made)
    assert "8 of your 10 left today" in bench.says(made)
    await bench.result_in_thread_of(made)
    (record,) = await records(bench.settings)
    assert (record.action, record.request.prompt) == (Action.IMAGINE, "a cat")
    assert bench.says(answer) == "Started."


@pytest.mark.parametrize("second", ["Use it", "Use mine"])
async def test_two_presses_at_once_make_one_picture(bench: Bench, second: str) -> None:
    _, question = await offered(bench)
    answers = await asyncio.gather(press(bench, question, "Use it"), press(bench, question, second))
    assert sorted(str(answer.response) for answer in answers) == [Answer.DEFERRED, Answer.MESSAGE]
    made = next(answer for answer in answers if answer.response is Answer.MESSAGE)
    await closed(bench, made)
    assert len(await records(bench.settings)) == 1
    assert await quota_left(bench) == (9, 10)


async def test_a_question_that_was_left_standing_starts_nothing_a_second_time(bench: Bench) -> None:
    answer, question = await offered(bench)
    ids = custom_ids(question)
    made = await press(bench, question, "Use it")
    result = await bench.result_in_thread_of(made)
    again = await forge(bench, result, ids["Use mine"])
    assert again.response is Answer.DEFERRED
    await closed(bench, made)
    assert bench.says(answer) == "Started."
    assert len(await records(bench.settings)) == 1


async def test_nobody_else_can_decide(bench: Bench) -> None:
    _, question = await offered(bench)
    public = await bench.result_in_thread_of(await bench.imagine("a dog", ratio="1:1", by="Noor"))
    forged = await forge(bench, public, custom_ids(question)["Use it"], by="Noor")
    await refused(bench, forged, "Only the person who asked")
    assert await quota_left(bench, "Noor") == (9, 10)
    await press(bench, question, "Use mine")
    assert await quota_left(bench, "Mia") == (9, 10)


async def test_a_forged_draft_is_answered_with_a_sentence(bench: Bench) -> None:
    made = await bench.imagine("a dog", ratio="1:1")
    public = await bench.result_in_thread_of(made)
    await refused(bench, await forge(bench, public, f"v1:use:{'0' * 20}"), "too old")
    await closed(bench, made)
    assert await quota_left(bench) == (9, 10)


async def test_the_choice_can_be_made_after_a_restart(bench: Bench) -> None:
    answer, question = await offered(bench)
    assert await bench.stop() == 0
    await bench.start()
    made = await press(bench, question, "Use it")
    await bench.result_in_thread_of(made)
    assert bench.says(answer) == "Started."


async def test_a_prompt_that_says_it_all_is_offered_alone(bench: Bench) -> None:
    prompt = "a serene cat, watercolour style, soft light, wide shot"
    answer, question = await offered(bench, prompt)
    assert list(buttons(question)) == ["Use mine"]
    assert "there is nothing to add" in bench.says(answer)
    assert bench.says(answer).count("```") == 2


async def test_what_cannot_be_made_is_refused_before_anything_is_offered(bench: Bench) -> None:
    await refused(bench, await bench.imagine("x" * 1001, enhance=True), "too long")
    await refused(bench, await bench.imagine(" \u200b ", enhance=True), "prompt is empty")
    await refused(bench, await bench.imagine("a cat", model="gen4_image_turbo", enhance=True), "reference picture")
    answer, _ = await offered(bench, "x" * 1000)
    assert "there is nothing to add" in bench.says(answer)


async def test_who_has_nothing_left_is_told_before_anything_is_offered(tmp_path: Path) -> None:
    async with open_studio(tmp_path, quota={"default": {"amount": 1}}) as bench:
        _, question = await offered(bench)
        made = await bench.imagine("a dog", ratio="1:1")
        await closed(bench, made)
        await refused(bench, await bench.imagine("a cat", enhance=True), "Your allowance does not reach")
        await refused(bench, await press(bench, question, "Use it"), "Your allowance does not reach")
        assert len(await records(bench.settings)) == 1


async def test_the_longest_prompts_can_be_shown(bench: Bench) -> None:
    answer, question = await offered(bench, "`" * 800)
    assert list(buttons(question)) == ["Use it", "Use mine"]
    assert bench.says(answer).count("```") == 4


async def test_in_a_direct_message_it_works_alike(bench: Bench) -> None:
    _, question = await offered(bench, channel="dm")
    made = await press(bench, question, "Use mine")
    await closed(bench, made)
    assert len(bench.results(bench.person().dm)) == 1


@asynccontextmanager
async def optimising(folder: Path) -> AsyncGenerator[tuple[Bench, LocalWaveSpeed]]:
    """A studio whose prompts go to a local WaveSpeed, while the painter makes the pictures."""
    async with LocalWaveSpeed.open() as service:
        keyed = {"api_key": service.api_key, "base_url": service.api}
        order = ["sketch", "wavespeed"]
        sketch = {"seconds": 0.2, "poll_interval": 0.05}
        async with open_studio(folder, providers={"wavespeed": keyed, "order": order, "sketch": sketch}) as bench:
            yield bench, service


async def decidable(bench: Bench, answer: Interaction) -> Json:
    """The question, once it has taken the place of “is thinking”."""
    return await bench.until(lambda: card if buttons(card := bench.card(answer)) else None)


async def test_a_service_that_takes_its_time_is_waited_for_in_private(tmp_path: Path) -> None:
    async with optimising(tmp_path) as (bench, service):
        service.optimized = "A richly lit @model"
        answer = await bench.imagine("@model", image1=MODEL, ratio="1:1", enhance=True)
        assert answer.response is Answer.DEFERRED
        assert answer.latency_ms is not None
        assert answer.latency_ms < 1000
        question = await decidable(bench, answer)
        assert "**Enhanced** · by wavespeed\n```\nA richly lit @model\n```" in only_seen_by_them(bench, answer)
        made = await press(bench, question, "Use it")
        assert "A richly lit @model" in text_of(await bench.result_in_thread_of(made))
        assert bench.says(answer) == "Started."


@pytest.mark.parametrize(
    ("text", "play"),
    [("a richly lit figure", Play()), ("@model, better", Play.answers(402)), ("@model, better", Play.answers(500))],
    ids=["tag lost", "no credits", "broken"],
)
async def test_a_service_that_fails_costs_nobody_a_picture(tmp_path: Path, text: str, play: Play) -> None:
    async with optimising(tmp_path) as (bench, service):
        service.optimized = text
        service.script(play)
        answer = await bench.imagine("@model", image1=MODEL, ratio="1:1", enhance=True)
        question = await decidable(bench, answer)
        assert f"```\n{enhance('@model')}\n```" in only_seen_by_them(bench, answer)
        await bench.result_in_thread_of(await press(bench, question, "Use it"))


async def test_a_refusal_takes_the_place_of_is_thinking(tmp_path: Path) -> None:
    async with optimising(tmp_path) as (bench, service):
        answer = await bench.imagine("a cat", count=4, enhance=True)
        await decidable(bench, answer)
        await closed(bench, await bench.imagine("a dog", ratio="1:1", count=4))
        await closed(bench, await bench.imagine("a dog", ratio="1:1", count=4))
        asked = service.submissions
        answer = await bench.imagine("a cat", count=4, enhance=True)
        await bench.until(lambda: "Your allowance does not reach" in bench.says(answer))
        await refused(bench, answer, "Your allowance does not reach")
        assert service.submissions == asked
