"""The log channel is told of every change, also when Discord or the bot was away meanwhile."""

from __future__ import annotations

from typing import Any

from tests.support.bench import Bench, text_of
from tests.support.studio import POST, audit, only_seen_by_them, refused


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
    assert await choose(bench, channel="showcase") == f"The log channel is <#{channel}>: it is told of every change."
    assert told(bench)[0] == f"This channel is told of every change from now on. <@{sam}> chose it."
    await set_quota(bench, 3)
    await bench.until(lambda: len(told(bench)) == 3)
    assert told(bench)[1] == f"**<@{sam}>** changed the log channel\nlog_channel: – → {channel}"
    assert f"**<@{sam}>** changed the quota of <@{mia}>" in told(bench)[2]
    assert "amount: – → 3" in told(bench)[2]
    assert await choose(bench, stop=True) == "No channel is told of changes any more."
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
