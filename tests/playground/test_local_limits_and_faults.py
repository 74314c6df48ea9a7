"""Rate limits are reported and enforced, faults happen where they are scripted, links expire."""

from __future__ import annotations

import aiohttp
import discord
import pytest

from bot.playground import Limit, LocalDiscord, RateLimits
from tests.playground.test_local_messages import path_of
from tests.support.discord_client import Client, connected
from tests.support.png import small_png
from tests.support.raw_discord import HandClock, RawBot, raw_bot

SEND = "POST /channels/{channel_id}/messages"
TEMPLATE = "/channels/{channel_id}/messages"


async def test_every_answer_reports_its_bucket(local: LocalDiscord, bot: RawBot) -> None:
    first = await bot.request("POST", path_of(local), {"content": "1"})
    second = await bot.request("POST", path_of(local), {"content": "2"})
    elsewhere = await bot.request("POST", path_of(local, "general"), {"content": "3"})
    remaining = [int(each.headers["X-RateLimit-Remaining"]) for each in (first, second, elsewhere)]
    assert remaining == [remaining[0], remaining[0] - 1, remaining[0]]
    assert first.headers["X-RateLimit-Bucket"] == elsewhere.headers["X-RateLimit-Bucket"]
    assert float(first.headers["X-RateLimit-Reset-After"]) > 0
    assert first.headers["Content-Type"] == "application/json"


async def test_a_full_bucket_answers_429_and_nothing_happens() -> None:
    limits = RateLimits(routes={SEND: Limit(count=2, seconds=60)})
    async with LocalDiscord.open(rate_limits=limits) as local, raw_bot(local) as bot:
        for text in "12":
            assert (await bot.request("POST", path_of(local), {"content": text})).status == 200
        refused = await bot.request("POST", path_of(local), {"content": "3"})
        assert (refused.status, refused.body["global"]) == (429, False)
        assert 0 < refused.body["retry_after"] <= 60
        assert (refused.headers["Via"], refused.headers["X-RateLimit-Scope"]) == ("1.1 google", "user")
        assert len(local.messages("studio")) == 2
        assert (await bot.request("POST", path_of(local, "general"), {"content": "4"})).status == 200


async def test_the_global_limit_counts_bot_calls_and_spares_interactions() -> None:
    limits = RateLimits(everything=Limit(count=3, seconds=60))
    async with LocalDiscord.open(rate_limits=limits) as local, raw_bot(local) as bot:
        await bot.connect()
        for _ in range(3):
            assert (await bot.request("GET", "/users/@me")).status == 200
        refused = await bot.request("GET", "/users/@me")
        assert (refused.status, refused.body["global"]) == (429, True)
        assert refused.headers["X-RateLimit-Global"] == "true"
        assert (await bot.request("GET", "/webhooks/1/x/messages/@original")).code == 10015


async def test_discord_py_waits_out_a_full_bucket() -> None:
    limits = RateLimits(routes={SEND: Limit(count=1, seconds=0.05)})
    async with LocalDiscord.open(rate_limits=limits) as local:
        client = Client()
        async with connected(client, local):
            channel = client.get_channel(int(local.world.find_channel("studio").id))
            assert isinstance(channel, discord.TextChannel)
            for text in "123":
                await channel.send(text)
        assert [message["content"] for message in local.messages("studio")] == ["1", "2", "3"]


async def test_a_fault_before_commit_leaves_nothing_and_one_after_leaves_the_message(
    local: LocalDiscord, bot: RawBot
) -> None:
    used = local.faults.next("POST", TEMPLATE, status=502)
    assert (await bot.request("POST", path_of(local), {"content": "1"})).status == 502
    assert used.is_set()
    assert local.messages("studio") == []
    local.faults.next("POST", TEMPLATE, status=502, after_commit=True)
    assert (await bot.request("POST", path_of(local), {"content": "2"})).status == 502
    assert [message["content"] for message in local.messages("studio")] == ["2"]
    assert (await bot.request("POST", path_of(local), {"content": "3"})).status == 200


async def test_a_connection_can_be_dropped_before_or_after_the_effect(local: LocalDiscord, bot: RawBot) -> None:
    for after_commit in (False, True):
        local.faults.next("POST", TEMPLATE, drop=True, after_commit=after_commit)
        with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
            await bot.request("POST", path_of(local), {"content": str(after_commit)})
    assert [message["content"] for message in local.messages("studio")] == ["True"]
    assert [call.status for call in local.calls()] == [0, 0]


async def test_scripted_429s_and_permission_errors_look_real(local: LocalDiscord, bot: RawBot) -> None:
    local.faults.next("POST", TEMPLATE, status=429, retry_after=0.2, is_global=True)
    limited = await bot.request("POST", path_of(local), {"content": "1"})
    assert (limited.body["retry_after"], limited.body["global"], "Via" in limited.headers) == (0.2, True, True)
    local.faults.next("POST", TEMPLATE, status=429, via=False)
    assert "Via" not in (await bot.request("POST", path_of(local), {"content": "1"})).headers
    local.faults.next("POST", TEMPLATE, status=403, code=50013, times=2)
    for _ in range(2):
        refused = await bot.request("POST", path_of(local), {"content": "1"})
        assert (refused.status, refused.code) == (403, 50013)
    assert (await bot.request("POST", path_of(local), {"content": "1"})).status == 200
    local.faults.next("POST", TEMPLATE, status=500)
    local.faults.clear()
    assert (await bot.request("POST", path_of(local), {"content": "1"})).status == 200


@pytest.mark.parametrize("after_commit", [False, True])
async def test_a_call_can_hang(local: LocalDiscord, bot: RawBot, after_commit: bool) -> None:
    local.faults.next("POST", TEMPLATE, hang=30, after_commit=after_commit)
    bot.session._timeout = aiohttp.ClientTimeout(total=0.1)
    with pytest.raises(TimeoutError):
        await bot.request("POST", path_of(local), {"content": "1"})
    assert len(local.messages("studio")) == int(after_commit)


async def test_an_answer_can_come_byte_by_byte(local: LocalDiscord, bot: RawBot) -> None:
    local.faults.next("POST", TEMPLATE, drip=0.2)
    assert (await bot.request("POST", path_of(local), {"content": "1"})).body["content"] == "1"
    local.faults.next("POST", TEMPLATE, drip=30)
    bot.session._timeout = aiohttp.ClientTimeout(total=0.1)
    with pytest.raises(TimeoutError):
        await bot.request("POST", path_of(local), {"content": "2"})
    assert [message["content"] for message in local.messages("studio")] == ["1", "2"]


async def test_one_channel_can_refuse_until_the_fault_is_withdrawn(local: LocalDiscord, bot: RawBot) -> None:
    studio = local.world.find_channel("studio").id
    used = local.faults.next("POST", TEMPLATE, status=403, code=50001, channel=studio, times=10)
    for channel, status in (("studio", 403), ("general", 200), ("studio", 403)):
        assert (await bot.request("POST", path_of(local, channel), {"content": "1"})).status == status
    local.faults.withdraw(used)
    assert (await bot.request("POST", path_of(local), {"content": "1"})).status == 200


async def test_calls_are_counted_and_observed(local: LocalDiscord, bot: RawBot) -> None:
    seen: list[str] = []
    local.add_observer(lambda exchange: seen.append(exchange.template))
    await bot.request("POST", path_of(local), {"content": "1"}, files={"a.png": small_png(1, 1)})
    [call] = local.calls()
    assert (call.method, call.template, call.status, call.files) == ("POST", TEMPLATE, 200, ("a.png",))
    assert (call.request, call.response["content"], call.path) == ({"content": "1"}, "1", path_of(local))
    assert seen == [TEMPLATE]


async def test_links_are_signed_and_die_after_a_day() -> None:
    clock = HandClock()
    async with LocalDiscord.open(clock=clock) as local, raw_bot(local) as bot:
        data = small_png(2, 2) + b"\0" * 2_000_000
        made = await bot.request("POST", path_of(local), {"content": "x"}, files={"a.png": data})
        url: str = made.body["attachments"][0]["url"]

        async def get(address: str) -> tuple[int, bytes]:
            async with bot.session.get(address) as response:
                return response.status, await response.read()

        assert await get(url) == (200, data)
        gone = (404, b"This content is no longer available.")
        assert await get(url.replace("hm=", "hm=0")) == gone
        assert await get(url.replace("ex=6", "ex=7")) == gone
        assert await get(url.partition("?")[0]) == gone
        clock.now += 24 * 60 * 60 + 1
        assert await get(url) == gone
        fresh = await bot.request("GET", path_of(local, rest=f"/{made.body['id']}"))
        assert (await get(fresh.body["attachments"][0]["url"]))[0] == 200
        await bot.request("DELETE", path_of(local, rest=f"/{made.body['id']}"))
        assert await get(fresh.body["attachments"][0]["url"]) == gone
