"""A server's rules: who may ask for pictures, where, in which words; as moderators set and people meet them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.studio import audit, closed, only_seen_by_them, press, quota_left, refused


async def manage(bench: Bench, what: str, by: str = "Sam", **options: Any) -> str:
    """What `/manage …` answers to its moderator alone."""
    return only_seen_by_them(bench, await bench.person(by).slash("studio", f"manage {what}", options))


async def test_a_blocked_person_can_neither_ask_nor_press_until_they_are_let_in_again(bench: Bench) -> None:
    answer = await bench.imagine("a cat", ratio="1:1")
    await closed(bench, answer)
    mia = bench.person("Mia").id
    assert "can no longer ask for pictures here" in await manage(bench, "block", user="Mia", reason="spam `x` @here")

    await refused(bench, await bench.imagine("a dog"), "A moderator has blocked you")
    result = await bench.result_in_thread_of(answer)
    await refused(bench, await press(bench, result, "Reroll"), "A moderator has blocked you")
    listed = await manage(bench, "blocked")
    assert f"<@{mia}>" in listed
    assert "spam ˋxˋ @here" in listed
    assert "left today" in only_seen_by_them(bench, await bench.person("Mia").slash("studio", "quota"))

    await manage(bench, "unblock", user="Mia")
    await closed(bench, await bench.imagine("a dog", ratio="1:1"))
    assert await manage(bench, "blocked") == "Nobody is blocked."
    assert "is not blocked" in await manage(bench, "unblock", user="Mia")
    assert [entry.action for entry in await audit(bench)] == ["user.unblock", "user.block"]


async def test_nobody_blocks_themselves(bench: Bench) -> None:
    assert "cannot block yourself" in await manage(bench, "block", user="Sam")
    assert await audit(bench) == []


@pytest.mark.parametrize("what", ["block", "unblock", "blocked", "channels list", "words list", "words test"])
async def test_only_moderators_may_see_and_change_the_rules(bench: Bench, what: str) -> None:
    for command in bench.person()._core.commands.usable():
        command["default_member_permissions"] = None
    options: dict[str, Any] = {}
    if what in {"block", "unblock"}:
        options = {"user": "Noor"}
    if what == "words test":
        options = {"text": "hello"}
    assert "Manage Server" in await manage(bench, what, by="Mia", **options)


async def test_a_denied_channel_and_its_threads_take_no_requests(bench: Bench) -> None:
    answer = await bench.imagine("a cat", ratio="1:1")
    await closed(bench, answer)
    assert "Not in <#" in await manage(bench, "channels deny", channel="studio")
    await refused(bench, await bench.imagine("a dog"), "No pictures are made in this channel")
    result = await bench.result_in_thread_of(answer)
    await refused(bench, await press(bench, result, "Reroll"), "No pictures are made in this channel")
    assert await manage(bench, "channels allow", channel="studio") == "### Where pictures are made\nIn every channel."
    await closed(bench, await bench.imagine("a dog", ratio="1:1"))
    assert await quota_left(bench) == (8, 10)


async def test_with_a_channel_allowed_the_others_point_there(bench: Bench) -> None:
    other = bench.discord.world.find_channel("showcase")
    said = await manage(bench, "channels allow", channel="showcase")
    assert f"Only in <#{other.id}>" in said
    await refused(bench, await bench.imagine("a dog"), f"Use <#{other.id}>")
    assert said == await manage(bench, "channels list")


async def test_blocked_words_are_refused_without_telling_which(bench: Bench) -> None:
    assert "**" not in await manage(bench, "words add", word="Zombie")
    said = await refused(bench, await bench.imagine("a portrait of a z0mb1e"), "blocked by this server's rules")
    assert "zomb" not in said.casefold()
    assert "found as z0mb1e" in await manage(bench, "words test", text="a portrait of a z0mb1e")
    assert "Nothing in this prompt is blocked" in await manage(bench, "words test", text="a portrait")
    assert "zombie" in await manage(bench, "words list")
    (entry,) = await audit(bench)
    assert (entry.action, entry.subject, entry.before, entry.after) == (
        "word.add",
        "word:zombie",
        {"listed": False},
        {"listed": True},
    )
    await manage(bench, "words remove", word="ZOMBIE")
    await closed(bench, await bench.imagine("a portrait of a zombie", ratio="1:1"))
    assert "is not on the list" in await manage(bench, "words remove", word="zombie")


async def test_a_tag_is_held_against_the_words_too(bench: Bench) -> None:
    await manage(bench, "words add", word="zombie")
    await refused(bench, await bench.imagine("in the style of @zombie"), "blocked by this server's rules")
    assert await quota_left(bench) == (10, 10)
