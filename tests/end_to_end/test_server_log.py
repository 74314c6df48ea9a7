"""The log channel is told of every result and change, also when Discord or the bot was away meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.bench import Bench, galleries, text_of
from tests.support.studio import POST, audit, closed, only_seen_by_them, refused

PEOPLE = ("Mia", "Noor", "Sam", "Mia", "Noor")


async def choose(bench: Bench, by: str = "Sam", **options: Any) -> str:
    """`/manage log`; what it answers."""
    return only_seen_by_them(bench, await bench.person(by).slash("studio", "manage log", options))


def told(bench: Bench, channel: str = "showcase") -> list[str]:
    """What the log channel reads."""
    return [text_of(message) for message in bench.discord.messages(channel)]


async def set_quota(bench: Bench, amount: int) -> None:
    options = {"amount": amount, "unit": "images", "per": "week", "user": "Mia"}
    await bench.person("Sam").slash("studio", "manage quota set", options)


async def test_the_log_channel_is_told_who_changed_what(bench: Bench) -> None:
    channel = bench.discord.world.find_channel("showcase").id
    sam, mia = (bench.person(name).id for name in ("Sam", "Mia"))
    assert "No log channel is chosen" in await choose(bench)
    assert (
        await choose(bench, channel="showcase")
        == f"The log channel is <#{channel}>: it is told of every result and change."
    )
    assert told(bench)[0] == f"This channel is told of every result and change from now on. <@{sam}> chose it."
    await set_quota(bench, 3)
    await bench.until(lambda: len(told(bench)) == 3)
    assert told(bench)[1] == f"**<@{sam}>** changed the log channel\nlog_channel: – → <#{channel}>"
    assert f"**<@{sam}>** changed the quota of <@{mia}>" in told(bench)[2]
    assert "amount: – → 3" in told(bench)[2]
    assert await choose(bench, stop=True) == "No channel is told of results and changes any more."
    await set_quota(bench, 4)
    assert [entry.action for entry in await audit(bench)] == ["quota.set", "guild.log", "quota.set", "guild.log"]
    assert len(told(bench)) == 3


async def test_what_discord_did_not_take_is_told_later_and_once(bench: Bench) -> None:
    await choose(bench, channel="showcase")
    await bench.until(lambda: len(told(bench)) == 2)
    used = bench.discord.faults.next("POST", POST, status=503)
    await set_quota(bench, 3)
    await used.wait()
    await bench.stop()
    await bench.start()
    await bench.until(lambda: any("changed the quota" in line for line in told(bench)))
    await set_quota(bench, 4)
    await bench.until(lambda: "amount: 3 → 4" in told(bench)[-1])
    assert len(told(bench)) == 4


async def test_a_channel_that_the_bot_may_not_post_in_is_refused(bench: Bench) -> None:
    channel = bench.discord.world.find_channel("announcements").id
    answer = await bench.person("Sam").slash("studio", "manage log", {"channel": "announcements"})
    await refused(bench, answer, f"I cannot post in <#{channel}>", "Send Messages")
    assert "No log channel is chosen" in await choose(bench)


def told_results(bench: Bench) -> list[str]:
    """What the log channel reads of results, a line each."""
    return [line for text in told(bench) for line in text.splitlines() if " picture" in line]


async def test_each_result_is_told_with_its_prompt_price_and_link(bench: Bench) -> None:
    await choose(bench, channel="showcase")
    answer = await bench.imagine("a lighthouse `at` dusk", ratio="1:1", count=2, spoiler=True)
    result = await bench.result_in_thread_of(answer)
    await bench.until(lambda: told_results(bench))
    entry = bench.discord.messages("showcase")[-1]
    guild, mia = bench.discord.world.guild.id, bench.person("Mia").id
    place = result["channel_id"]
    link = f"https://discord.com/channels/{guild}/{place}/{result['id']}"
    assert text_of(entry) == (
        f"**<@{mia}>** in <#{place}> · 2 pictures · $0.00 · sketch · [to the result]({link})\n"
        "```\na lighthouse ˋatˋ dusk\n```"
    )
    assert galleries(entry) == entry["attachments"] == []
    assert "every change, not of results" in await choose(bench, results=False)
    await closed(bench, await bench.imagine("a harbour", ratio="1:1"))
    await set_quota(bench, 3)
    await bench.until(lambda: "changed the quota" in told(bench)[-1])
    assert len(told_results(bench)) == 1


async def test_a_result_that_went_to_its_requester_alone_is_told_without_its_words(bench: Bench) -> None:
    await choose(bench, channel="showcase")
    await bench.until(lambda: len(told(bench)) == 2)
    bench.discord.faults.next("POST", POST, status=403, code=50013, times=2)
    await closed(bench, await bench.imagine("a secret garden", ratio="1:1"))
    await bench.until(lambda: told_results(bench))
    assert "sent directly to them" in told(bench)[-1]
    assert "secret" not in "".join(told(bench))


async def test_what_automod_minds_is_told_without_its_words(bench: Bench) -> None:
    await choose(bench, channel="showcase")
    await bench.until(lambda: len(told(bench)) == 2)
    card = await bench.imagine("a garden", ratio="1:1")
    bench.discord.faults.next("POST", POST, hang=0.0)
    bench.discord.faults.next("POST", POST, status=400, code=200000)
    await closed(bench, card)
    await bench.until(lambda: told_results(bench))
    assert "garden" not in told(bench)[-1]


async def test_what_arrived_without_a_word_from_discord_is_not_told_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when Discord has forgotten the message's nonce meanwhile."""
    monkeypatch.setattr("bot.playground.rest_channels.NONCE_SECONDS", -1.0)
    await choose(bench, channel="showcase")
    await bench.until(lambda: len(told(bench)) == 2)
    arrived = bench.discord.faults.next("POST", POST, status=503, after_commit=True)
    await set_quota(bench, 3)
    await arrived.wait()
    await set_quota(bench, 4)
    await bench.until(lambda: "amount: 3 → 4" in told(bench)[-1])
    await bench.until(lambda: any("amount: – → 3" in text for text in told(bench)))
    assert len(told(bench)) == 4


async def test_many_results_at_once_are_told_in_few_messages_each_once(bench: Bench) -> None:
    await choose(bench, channel="showcase")
    await bench.until(lambda: len(told(bench)) == 2)
    asked = [await bench.imagine(f"picture {number}", ratio="1:1", by=name) for number, name in enumerate(PEOPLE)]
    for answer in asked:
        await closed(bench, answer)
    await bench.until(lambda: len(told_results(bench)) == len(PEOPLE))
    assert len(set(told_results(bench))) == len(PEOPLE)
