"""The buttons below a picture: new pictures from old ones, at the expense of whoever presses."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.domain.guild import GuildSettings, Pressers
from bot.domain.job import Action
from bot.playground.actors import ActionRefused, Answer
from bot.services.submissions import Submissions
from tests.support.bench import Bench, Json, buttons, text_of
from tests.support.studio import (
    choose_for_server,
    closed,
    custom_ids,
    entries,
    forge,
    make_older,
    open_studio,
    pixels,
    press,
    quota_left,
    records,
    refused,
    seed_of,
)


async def picture(bench: Bench, **options: Any) -> Json:
    """A finished square picture of Mia's."""
    return await bench.result_in_thread_of(await bench.imagine("a cat", **{"ratio": "1:1", **options}))


async def second(bench: Bench, first: Json) -> Json:
    """The picture that came after the first one in its thread."""
    return await bench.until(lambda: next(iter(bench.results(first["channel_id"])[1:]), None))


async def test_reroll_makes_the_same_request_with_a_new_seed(bench: Bench) -> None:
    first = await picture(bench, seed=7)
    answer = await press(bench, first, "Reroll")
    assert "8 of your 10 left today" in bench.says(answer)
    again = await second(bench, first)
    assert text_of(again).startswith("```\na cat\n```")
    assert pixels(again) == [(720, 720)]
    assert seed_of(again) != 7
    assert await quota_left(bench) == (8, 10)


async def test_a_ratio_button_keeps_the_seed_and_changes_the_shape(bench: Bench) -> None:
    first = await picture(bench, seed=7)
    await press(bench, first, "3:4")
    tall = await second(bench, first)
    assert pixels(tall) == [(720, 960)]
    assert seed_of(tall) == 7
    assert buttons(first)["1:1"]["disabled"]
    assert not buttons(first)["3:4"].get("disabled")
    assert buttons(tall)["3:4"]["disabled"]
    assert not buttons(tall)["1:1"].get("disabled")


async def test_the_button_of_the_present_ratio_cannot_be_pressed(bench: Bench) -> None:
    first = await picture(bench)
    with pytest.raises(ActionRefused):
        await press(bench, first, "1:1")


async def test_1080p_makes_the_same_picture_finer(bench: Bench) -> None:
    first = await picture(bench, seed=7)
    await press(bench, first, "1080p")
    finer = await second(bench, first)
    assert pixels(finer) == [(1080, 1080)]
    assert seed_of(finer) == 7
    assert "1080p" not in buttons(finer)


async def test_whoever_presses_pays(bench: Bench) -> None:
    first = await picture(bench)
    answer = await press(bench, first, "Reroll", by="Noor")
    noor = bench.person("Noor").id
    assert "9 of your 10 left today" in bench.says(answer)
    assert f"for <@{noor}>" in text_of(await second(bench, first))
    assert await quota_left(bench, "Mia") == (9, 10)
    assert await quota_left(bench, "Noor") == (9, 10)


async def test_a_server_can_leave_the_buttons_to_the_requester_and_moderators(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as bench:
        await bench.stop()
        await choose_for_server(bench, GuildSettings(pressers=Pressers.REQUESTER))
        await bench.start()
        first = await picture(bench)
        await refused(bench, await press(bench, first, "Reroll", by="Noor"), "only the person who asked", "/imagine")
        assert await quota_left(bench, "Noor") == (10, 10)
        await press(bench, first, "Reroll", by="Sam")
        await second(bench, first)


async def test_buttons_work_after_a_restart(bench: Bench) -> None:
    first = await picture(bench)
    assert await bench.stop() == 0
    await bench.start()
    await press(bench, first, "9:16")
    assert pixels(await second(bench, first)) == [(720, 1280)]


async def test_a_press_while_the_bot_is_away_harms_nothing(bench: Bench) -> None:
    first = await picture(bench)
    assert await bench.stop() == 0
    lost = await press(bench, first, "Reroll")
    assert lost.error == "This interaction failed"
    await bench.start()
    assert await quota_left(bench) == (9, 10)
    assert len(await records(bench.settings)) == 1


async def test_two_presses_at_once_make_one_picture(bench: Bench) -> None:
    first = await picture(bench)
    answers = await asyncio.gather(*(press(bench, first, "Reroll") for _ in range(2)))
    assert sorted(str(answer.response) for answer in answers) == [Answer.DEFERRED, Answer.MESSAGE]
    await second(bench, first)
    assert await quota_left(bench) == (8, 10)
    assert [each.action for each in await records(bench.settings)] == [Action.IMAGINE, Action.REROLL]


async def test_a_second_press_within_three_seconds_makes_no_second_picture(bench: Bench) -> None:
    first = await picture(bench)
    made = await press(bench, first, "Reroll")
    repeated = await press(bench, first, "Reroll")
    assert (made.response, repeated.response) == (Answer.MESSAGE, Answer.DEFERRED)
    assert repeated.created_at - made.created_at < 3
    await closed(bench, made)
    assert len(await records(bench.settings)) == 2


async def test_different_buttons_and_different_people_are_no_double_press(bench: Bench) -> None:
    first = await picture(bench)
    answers = await asyncio.gather(
        press(bench, first, "Reroll"),
        press(bench, first, "4:3"),
        press(bench, first, "Reroll", by="Noor"),
        press(bench, first, "4:3", by="Noor"),
    )
    assert {answer.response for answer in answers} == {Answer.MESSAGE}
    assert len(await records(bench.settings)) == 5
    await bench.until(lambda: len(bench.results(first["channel_id"])) == 5)
    assert await quota_left(bench, "Mia") == (7, 10)
    assert await quota_left(bench, "Noor") == (8, 10)


async def test_a_press_more_than_three_seconds_later_makes_another_picture(bench: Bench) -> None:
    first = await picture(bench)
    made = await press(bench, first, "Reroll")
    await closed(bench, made)
    assert await bench.stop() == 0
    await make_older(bench, seconds=3.1)
    await bench.start()
    again = await press(bench, first, "Reroll")
    assert again.response is Answer.MESSAGE
    await closed(bench, again)
    assert len(await records(bench.settings)) == 3


@pytest.mark.parametrize(
    "forged",
    [
        "v0:reroll:1",
        "v2:reroll:1",
        "v1:explode:1",
        "v1:reroll:9999999999999999999",
        "v1:ratio:1:7x7",
        "v1:ratio:1",
        "v1:reroll:424242",
    ],
)
async def test_a_forged_button_is_answered_with_a_sentence(bench: Bench, forged: str) -> None:
    answer = await bench.imagine("a cat", ratio="1:1")
    first = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    await refused(bench, await forge(bench, first, forged, by="Noor"))
    assert await quota_left(bench, "Noor") == (10, 10)
    assert len(await entries(bench.settings)) == 2


async def test_a_button_copied_to_another_message_is_refused(bench: Bench) -> None:
    answers = [await bench.imagine("a cat", ratio="1:1") for _ in range(2)]
    first, other = [await bench.result_in_thread_of(answer) for answer in answers]
    for answer in answers:
        await closed(bench, answer)
    await refused(bench, await forge(bench, other, custom_ids(first)["Reroll"]), "not here any more")
    assert await quota_left(bench) == (8, 10)


async def test_a_button_of_another_server_is_refused(bench: Bench) -> None:
    answer = await bench.imagine("a cat", channel="dm", ratio="1:1")
    await closed(bench, answer)
    (private,) = bench.results(bench.person().dm)
    public = await picture(bench)
    await refused(bench, await forge(bench, public, custom_ids(private)["Reroll"]), "not here any more")
    assert await quota_left(bench) == (9, 10)


async def test_a_fault_of_ours_behind_a_button_is_answered_and_costs_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """discord.py would only log it: neither the tree nor the view hears of errors in dynamic items (2.7.1)."""

    async def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    answer = await bench.imagine("a cat", ratio="1:1")
    first = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    monkeypatch.setattr(Submissions, "reroll", broken)
    sentence = await refused(bench, await press(bench, first, "Reroll"), "Something went wrong on our side", "Ref: ")
    assert "RuntimeError" not in sentence
    assert await quota_left(bench) == (9, 10)
    monkeypatch.undo()
    assert "8 of your 10" in bench.says(await press(bench, first, "Reroll"))
