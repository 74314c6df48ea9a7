"""The gallery: winners and moderators' favourites, each once, with what may be seen there and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.playground.permissions import Permission
from bot.playground.world import Overwrite
from tests.support.bench import Bench, Json, buttons, galleries, text_of
from tests.support.doomed import DoomedStudio, open_doomed
from tests.support.references import said
from tests.support.studio import POST, audit, closed, only_seen_by_them, press, refused

MESSAGE = "/channels/{channel_id}/messages/{message_id}"


async def choose(bench: Bench, by: str = "Sam", **options: Any) -> str:
    """`/manage gallery`; what it answers."""
    return only_seen_by_them(bench, await bench.person(by).slash("studio", "manage gallery", options))


async def result_of(bench: Bench, by: str = "Mia", **options: Any) -> Json:
    answer = await bench.imagine("a lighthouse at dusk", by=by, ratio="1:1", **options)
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    return result


async def more(bench: Bench, result: Json, label: str, by: str) -> Json:
    """Press a button of More; its card."""
    card = bench.card(await press(bench, result, "More", by=by))
    await press(bench, card, label, by=by)
    return card


def shown(bench: Bench | DoomedStudio) -> list[Json]:
    """The pictures in the gallery."""
    return [message for message in bench.discord.messages("showcase") if galleries(message)]


async def settled(bench: Bench) -> None:
    """Wait until everything that was noted before is told: a change of the log channel comes after it."""
    await bench.person("Sam").slash("studio", "manage log", {"channel": "general"})
    await bench.until(lambda: any("changed the log" in text_of(each) for each in bench.discord.messages("general")))


async def test_enough_votes_bring_a_picture_there_once(bench: Bench) -> None:
    channel = bench.discord.world.find_channel("showcase").id
    assert "No gallery is chosen" in await choose(bench)
    assert f"The gallery is <#{channel}>: pictures come there with 2 votes" in await choose(
        bench, channel="showcase", votes=2
    )
    result = await result_of(bench, count=2)
    card = bench.card(await press(bench, result, "More", by="Noor"))
    assert f"2 votes bring a picture to <#{channel}>" in text_of(card)
    for name in ("Noor", "Sam"):
        picker = bench.card(
            await press(bench, bench.card(await press(bench, result, "More", by=name)), "Vote", by=name)
        )
        await press(bench, picker, "Picture 2", by=name)
        assert name == "Sam" or shown(bench) == []
    (entry,) = await bench.until(lambda: shown(bench))
    mia, guild = bench.person("Mia").id, bench.discord.world.guild.id
    link = f"https://discord.com/channels/{guild}/{result['channel_id']}/{result['id']}"
    assert (
        text_of(entry)
        == f"By **<@{mia}>** · chosen by 2 votes · [to the result]({link})\n```\na lighthouse at dusk\n```"
    )
    assert len(galleries(entry)) == 1
    assert entry["attachments"][0]["size"] == result["attachments"][1]["size"]

    for name in ("Noor", "Sam"):
        picker = bench.card(
            await press(bench, bench.card(await press(bench, result, "More", by=name)), "Vote", by=name)
        )
        for _ in range(2):
            await press(bench, picker, "Picture 2", by=name)
    await settled(bench)
    assert len(shown(bench)) == 1


async def test_a_moderator_s_favourite_goes_there_and_its_buttons_work_after_a_restart(bench: Bench) -> None:
    await choose(bench, channel="showcase")
    result = await result_of(bench)
    await more(bench, result, "Favourite", "Noor")
    await more(bench, result, "Favourite", "Sam")
    (entry,) = await bench.until(lambda: shown(bench))
    assert "chosen by a moderator" in text_of(entry)
    assert list(buttons(entry)) == ["Details", "Favourite", "Vote", "Send to me"]
    await bench.stop()
    await bench.start()
    answer = await press(bench, entry, "Vote", by="Noor")
    assert "**1 vote** · you voted for it · one of your favourites" in only_seen_by_them(bench, answer)
    assert "a lighthouse at dusk" in only_seen_by_them(bench, await press(bench, entry, "Details", by="Noor"))
    assert "Sent to you" in await said(bench, await press(bench, entry, "Send to me", by="Noor"))
    assert text_of(shown(bench)[0]) == text_of(entry)


async def test_it_goes_with_its_result(bench: Bench) -> None:
    await choose(bench, channel="showcase", votes=1)
    results = [await result_of(bench) for _ in range(3)]
    for result in results:
        await more(bench, result, "Vote", "Noor")
    await bench.until(lambda: len(shown(bench)) == 3)
    await more(bench, results[0], "Delete", "Mia")
    await bench.until(lambda: len(shown(bench)) == 2)
    bench.discord.faults.next("DELETE", MESSAGE, status=503, times=12)
    answer = await bench.person("Sam").slash("studio", "manage delete", {"job": "2"})
    assert "as soon as Discord can be reached" in await said(bench, answer)
    await bench.stop()
    bench.discord.faults.clear()
    await bench.start()
    await bench.until(lambda: len(shown(bench)) == 1)
    assert f"/{results[2]['id']}" in text_of(shown(bench)[0])


async def test_a_picture_that_arrived_without_a_word_is_not_shown_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when Discord has forgotten the message's nonce meanwhile."""
    await choose(bench, channel="showcase", votes=1)
    result = await result_of(bench)
    monkeypatch.setattr("bot.playground.rest_channels.NONCE_SECONDS", -1.0)
    arrived = bench.discord.faults.next("POST", POST, status=503, after_commit=True)
    await more(bench, result, "Vote", "Noor")
    await arrived.wait()
    await more(bench, result, "Delete", "Mia")
    await bench.until(lambda: shown(bench) == [])


async def test_what_is_covered_stays_covered_and_age_restricted_pictures_stay_away(bench: Bench) -> None:
    await choose(bench, channel="showcase", votes=1)
    await more(bench, await result_of(bench, spoiler=True), "Vote", "Noor")
    (entry,) = await bench.until(lambda: shown(bench))
    assert galleries(entry)[0]["spoiler"]
    await bench.stop()
    bench.discord.world.find_channel("studio").age_restricted = True
    await bench.start()
    result = await result_of(bench)
    await more(bench, result, "Vote", "Noor")
    await settled(bench)
    assert len(shown(bench)) == 1
    await bench.stop()
    bench.discord.world.find_channel("showcase").age_restricted = True
    await bench.start()
    await more(bench, result, "Vote", "Sam")
    await bench.until(lambda: len(shown(bench)) == 2)


async def test_what_not_everybody_may_see_stays_away(bench: Bench) -> None:
    await choose(bench, channel="showcase", votes=1)
    result = await result_of(bench)
    world = bench.discord.world
    await bench.stop()
    world.find_channel("studio").overwrites[world.guild.id] = Overwrite(
        id=world.guild.id, deny=int(Permission.VIEW_CHANNEL)
    )
    for allowed in (world.bot.id, *(world.find_user(name).id for name in ("Noor", "Sam"))):
        world.find_channel("studio").overwrites[allowed] = Overwrite(
            id=allowed, for_member=True, allow=int(Permission.VIEW_CHANNEL)
        )
    await bench.start()
    await more(bench, result, "Vote", "Noor")
    await settled(bench)
    assert shown(bench) == []


async def test_missing_permissions_are_named_and_changes_are_in_the_trail(bench: Bench) -> None:
    answer = await bench.person("Sam").slash("studio", "manage gallery", {"channel": "announcements"})
    await refused(bench, answer, "I cannot show pictures in that channel", "*Send Messages*")
    assert "No gallery is chosen" in await choose(bench)
    await choose(bench, channel="showcase", votes=1)
    assert "No more pictures come to the gallery" in await choose(bench, stop=True)
    await more(bench, await result_of(bench), "Vote", "Noor")
    await settled(bench)
    assert shown(bench) == []
    trail = [entry for entry in await audit(bench) if entry.action == "guild.gallery"]
    assert [(entry.before or {}).get("gallery_channel") is None for entry in trail] == [False, True]
    for command in bench.person()._core.commands.usable():
        command["default_member_permissions"] = None
    await refused(bench, await bench.person("Mia").slash("studio", "manage gallery", {}), "Manage Server")


async def test_moderators_hear_of_a_gallery_that_takes_nothing_any_more(bench: Bench) -> None:
    await choose(bench, channel="showcase", votes=1)
    await settled(bench)
    result = await result_of(bench)
    await bench.until(lambda: any("1 picture" in text_of(each) for each in bench.discord.messages("general")))
    bench.discord.faults.next("POST", POST, status=403, code=50013)
    await more(bench, result, "Vote", "Noor")
    closed_for_us = "I cannot show pictures in the gallery"
    await bench.until(lambda: any(closed_for_us in text_of(each) for each in bench.discord.messages("general")))
    await more(bench, result, "Vote", "Sam")
    await bench.until(lambda: shown(bench))


async def test_a_kill_right_after_the_post_shows_nothing_twice(tmp_path: Path) -> None:
    async with open_doomed(tmp_path) as studio:
        await studio.person("Sam").slash("studio", "manage gallery", {"channel": "showcase", "votes": 1})
        await studio.closed(await studio.imagine("a lighthouse", reference=False))
        (result,) = studio.results()
        studio.doom("exhibited")
        answer = await studio.person("Noor").press(result["id"], label="More")
        await studio.person("Noor").press(studio.card(answer)["id"], label="Vote")
        await studio.killed()
        await studio.restart()
        assert len(shown(studio)) == 1
        await studio.person("Sam").slash("studio", "manage delete", {"job": "1"})
        await studio.until(lambda: shown(studio) == [])
