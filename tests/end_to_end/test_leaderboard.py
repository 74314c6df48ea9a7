"""The leaderboard lists those who joined, and nobody else."""

from __future__ import annotations

from typing import Any

from tests.support.bench import Bench, buttons, text_of
from tests.support.studio import closed, forge, only_seen_by_them, press, refused


async def board(bench: Bench, by: str = "Mia", **options: Any) -> str:
    """What `/leaderboard` answers to the person alone."""
    return only_seen_by_them(bench, await bench.person(by).slash("studio", "leaderboard", options))


async def press_on(bench: Bench, label: str, by: str = "Mia") -> str:
    """Press Join or Leave; what the card says then."""
    card = bench.card(await bench.person(by).slash("studio", "leaderboard", {}))
    await press(bench, card, label, by=by)
    shown = bench.person(by).messages(card["channel_id"])
    return text_of(next(each for each in shown if each["id"] == card["id"]))


async def some_votes(bench: Bench) -> None:
    """Mia makes two pictures, Noor one; Mia gets a vote of Noor and of Sam, Noor gets one of Sam."""
    for by, voters in (("Mia", ("Noor", "Sam")), ("Mia", ()), ("Noor", ("Sam",))):
        answer = await bench.imagine("a lighthouse", by=by, ratio="1:1")
        result = await bench.result_in_thread_of(answer)
        await closed(bench, answer)
        for voter in voters:
            card = bench.card(await press(bench, result, "More", by=voter))
            await press(bench, card, "Vote", by=voter)


async def test_only_those_who_joined_are_listed_until_they_leave(bench: Bench) -> None:
    await some_votes(bench)
    mia, noor = (bench.person(name).id for name in ("Mia", "Noor"))
    assert "Nobody is listed yet." in await board(bench)
    says = await press_on(bench, "Join")
    assert f"**Most votes**\n1. <@{mia}> · **2 votes**\n**Most pictures**\n1. <@{mia}> · 2 pictures" in says
    assert "You are listed." in says
    says = await press_on(bench, "Join", by="Noor")
    assert f"2. <@{noor}> · **1 vote**" in says
    assert f"2. <@{noor}> · 1 picture" in says
    assert f"<@{bench.person('Sam').id}>" not in says
    await bench.person("Sam").slash("studio", "manage block", {"user": "Noor"})
    assert noor not in await board(bench)
    assert mia not in await press_on(bench, "Leave")
    assert "Nobody is listed yet." in await board(bench, by="Sam", days=1)


async def test_join_and_leave_are_safe_to_press_again(bench: Bench) -> None:
    answer = await bench.imagine("a lighthouse", ratio="1:1")
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    for custom_id, listed in (("v1:join:7", True), ("v1:leave:7", False)):
        for _ in range(2):
            await forge(bench, result, custom_id)
            result = await bench.result_in_thread_of(answer)
        card = bench.card(await bench.person().slash("studio", "leaderboard", {}))
        assert buttons(card)["Join"].get("disabled", False) is listed
        assert buttons(card)["Leave"].get("disabled", False) is not listed


async def test_a_moderator_can_switch_it_off(bench: Bench) -> None:
    answer = await bench.person("Sam").slash("studio", "manage defaults", {"leaderboard": False})
    assert "There is **no leaderboard**." in only_seen_by_them(bench, answer)
    await refused(bench, await bench.person().slash("studio", "leaderboard", {}), "switched the leaderboard off")
    await bench.person("Sam").slash("studio", "manage defaults", {"leaderboard": True})
    await refused(bench, await bench.person().slash("studio", "leaderboard", {"days": 91}), "between 1 and 90 days")
    assert "Leaderboard · today" in await board(bench, days=1)
