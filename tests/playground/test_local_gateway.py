"""The gateway keeps Discord's rules."""

from __future__ import annotations

import aiohttp
import pytest

from bot.playground import LocalDiscord
from bot.playground.compression import compressor_for
from tests.support.discord_client import Client, connected
from tests.support.raw_discord import USUAL_INTENTS, Line, RawBot, raw_bot

CONTENT = 1 << 15


async def test_ready_names_the_guild_and_guild_create_brings_it(bot: RawBot) -> None:
    line = await bot.dial()
    await bot.identify(line)
    ready = await line.event("READY")
    guild = await line.event("GUILD_CREATE")
    assert ready["guilds"] == [{"id": guild["id"], "unavailable": True}]
    assert ready["shard"] == [0, 1]
    assert {channel["name"] for channel in guild["channels"]} >= {"studio", "showcase", "general", "announcements"}
    assert [member["user"]["id"] for member in guild["members"]] == [ready["user"]["id"]]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"intents": CONTENT | USUAL_INTENTS}, 4014),
        ({"intents": 1 << 1}, 4014),
        ({"intents": -1}, 4013),
        ({"intents": 1 << 40}, 4013),
        ({"intents": None}, 4013),
        ({"shard": [2, 1]}, 4010),
        ({"shard": [0]}, 4010),
    ],
)
async def test_a_bad_identify_is_closed_with_its_code(bot: RawBot, changes: dict[str, object], code: int) -> None:
    line = await bot.dial()
    await bot.identify(line, **changes)
    assert await line.close_code() == code


@pytest.mark.parametrize(("text", "code"), [("{", 4002), ("[1]", 4002), ('{"op":3,"d":{}}', 4003)])
async def test_nonsense_before_identify_is_closed_with_its_code(bot: RawBot, text: str, code: int) -> None:
    line = await bot.dial()
    await line.socket.send_str(text)
    assert await line.close_code() == code


@pytest.mark.parametrize(("op", "code"), [(2, 4005), (99, 4001)])
async def test_nonsense_after_identify_is_closed_with_its_code(bot: RawBot, op: int, code: int) -> None:
    line = await bot.connect()
    await line.send(op, {})
    assert await line.close_code() == code


async def test_the_121st_message_in_a_minute_is_too_many(bot: RawBot) -> None:
    line = await bot.connect()
    for _ in range(120):
        await line.send(1, None)
    assert await line.close_code() == 4008


@pytest.mark.parametrize("query", ["v=8&encoding=json", "v=10&encoding=etf"])
async def test_other_versions_and_encodings_are_refused(bot: RawBot, query: str) -> None:
    url = bot.local.api_base.replace("http://", "ws://").replace("/api/v10", f"/gateway?{query}")
    line = Line(await bot.session.ws_connect(url))
    assert await line.close_code() == 4012


async def test_zstd_is_compressed_where_it_can_be_and_plain_otherwise(bot: RawBot) -> None:
    url = bot.local.api_base.replace("http://", "ws://").replace("/api/v10", "/gateway?v=10&compress=zstd-stream")
    socket = await bot.session.ws_connect(url)
    first = await socket.receive(timeout=5)
    compressor = compressor_for("zstd-stream")
    assert first.type is (aiohttp.WSMsgType.TEXT if compressor is None else aiohttp.WSMsgType.BINARY)
    await socket.close()


async def test_a_heartbeat_is_acknowledged(bot: RawBot) -> None:
    line = await bot.connect()
    await line.send(1, line.sequence)
    assert (await line.receive())["op"] == 11


async def test_a_client_that_stops_beating_is_closed_and_may_resume() -> None:
    async with LocalDiscord.open(heartbeat_interval=0.2) as local, raw_bot(local) as bot:
        line = await bot.connect()
        assert await line.close_code() == 4000
        again = await bot.dial()
        await again.send(6, {"token": local.token, "session_id": line.session_id, "seq": line.sequence})
        assert await again.event("RESUMED")


async def test_a_resume_replays_what_was_missed_in_order(local: LocalDiscord, bot: RawBot) -> None:
    line = await bot.connect()
    local.faults.disconnect()
    assert await line.close_code() == 4000
    for text in ("one", "two"):
        await local.person("Mia").say("studio", text)
    again = await bot.dial()
    await again.send(6, {"token": local.token, "session_id": line.session_id, "seq": line.sequence})
    heard = [await again.receive() for _ in range(3)]
    assert [each["t"] for each in heard] == ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"]
    assert [each["s"] for each in heard] == [3, 4, 5]


async def test_a_session_that_is_gone_cannot_be_resumed(local: LocalDiscord, bot: RawBot) -> None:
    line = await bot.connect()
    local.faults.disconnect(resumable=False)
    await line.close_code()
    again = await bot.dial()
    await again.send(6, {"token": local.token, "session_id": line.session_id, "seq": line.sequence})
    assert (await again.receive())["op"] == 9
    await again.send(6, {"token": "wrong", "session_id": line.session_id, "seq": line.sequence})
    assert await again.close_code() == 4004


async def test_a_resume_from_the_future_is_an_invalid_sequence(local: LocalDiscord, bot: RawBot) -> None:
    line = await bot.connect()
    local.faults.disconnect()
    await line.close_code()
    again = await bot.dial()
    await again.send(6, {"token": local.token, "session_id": line.session_id, "seq": 999})
    assert await again.close_code() == 4007


async def test_closing_with_1000_ends_the_session(local: LocalDiscord, bot: RawBot) -> None:
    line = await bot.connect()
    await line.socket.close(code=1000)
    await local.wait_for(lambda: not local.online)
    again = await bot.dial()
    await again.send(6, {"token": local.token, "session_id": line.session_id, "seq": line.sequence})
    assert (await again.receive())["op"] == 9


async def test_identifies_are_counted_and_too_many_reset_the_token(local: LocalDiscord, bot: RawBot) -> None:
    line = await bot.connect()
    limit = (await bot.request("GET", "/gateway/bot")).body["session_start_limit"]
    assert (limit["total"], limit["remaining"]) == (1000, 999)
    await line.socket.close()
    local.spend_identifies()
    old = local.token
    line = await bot.dial()
    await bot.identify(line)
    assert await line.close_code() == 4004
    assert local.token != old
    assert (await bot.request("GET", "/users/@me", token=old)).status == 401


async def test_only_the_shard_of_the_guild_hears_of_it(local: LocalDiscord, bot: RawBot) -> None:
    count = 7
    mine = (int(local.world.guild.id) >> 22) % count
    other = await bot.dial()
    await bot.identify(other, shard=[(mine + 1) % count, count])
    assert (await other.event("READY"))["guilds"] == []
    line = await bot.connect(shard=[mine, count])
    await local.person("Mia").say("studio", "hello")
    assert (await line.event("MESSAGE_CREATE"))["author"]["username"] == "mia"
    await other.send(1, None)
    assert (await other.receive())["op"] == 11


async def test_intents_decide_what_is_heard(local: LocalDiscord, bot: RawBot) -> None:
    line = await bot.connect(intents=1 << 0 | 1 << 12)
    await local.person("Mia").say("studio", "in the guild")
    await local.person("Mia").say("dm", "in private")
    heard = await line.event("MESSAGE_CREATE")
    assert (heard["content"], heard.get("guild_id")) == ("in private", None)


async def test_contents_are_hidden_without_the_message_content_intent(local: LocalDiscord, bot: RawBot) -> None:
    line = await bot.connect()
    mia = local.person("Mia")
    await mia.say("studio", "a secret")
    assert (await line.event("MESSAGE_CREATE"))["content"] == ""
    await mia.say("studio", f"hello <@{local.world.bot.id}>")
    assert "hello" in (await line.event("MESSAGE_CREATE"))["content"]
    studio = local.world.find_channel("studio")
    own = await bot.request("POST", f"/channels/{studio.id}/messages", {"content": "mine"})
    assert (await line.event("MESSAGE_CREATE"))["content"] == "mine"
    await mia.say("studio", "an answer", reply_to=own.body["id"])
    assert (await line.event("MESSAGE_CREATE"))["content"] == "an answer"
    listed = await bot.request("GET", f"/channels/{studio.id}/messages")
    assert [message["content"] for message in listed.body][-1] == ""


async def test_contents_are_there_when_the_intent_is_granted(local: LocalDiscord, bot: RawBot) -> None:
    local.world.application.message_content = True
    line = await bot.connect(intents=USUAL_INTENTS | CONTENT)
    await local.person("Mia").say("studio", "not secret")
    assert (await line.event("MESSAGE_CREATE"))["content"] == "not secret"


async def test_members_can_be_asked_for_by_name(local: LocalDiscord, bot: RawBot) -> None:
    line = await bot.connect()
    await line.send(8, {"guild_id": local.world.guild.id, "query": "no", "limit": 5, "nonce": "n"})
    chunk = await line.event("GUILD_MEMBERS_CHUNK")
    assert ([member["user"]["username"] for member in chunk["members"]], chunk["nonce"]) == (["noor"], "n")
    await line.send(8, {"guild_id": local.world.guild.id, "query": "", "limit": 0})
    assert await line.close_code() == 4014


@pytest.mark.parametrize("trouble", ["drop", "reconnect", "invalid but resumable"])
async def test_discord_py_resumes_by_itself(local: LocalDiscord, trouble: str) -> None:
    client = Client()
    async with connected(client, local):
        match trouble:
            case "drop":
                local.faults.disconnect()
            case "reconnect":
                local.faults.reconnect()
            case _:
                local.faults.invalid_session(resumable=True)
        await local.wait_for(lambda: client.resumes == 1)
        await local.person("Mia").say("studio", f"<@{local.world.bot.id}> are you there?")
        await local.wait_for(lambda: local.online)
        assert local.identifies == 1


async def test_discord_py_identifies_again_when_its_session_is_invalid(local: LocalDiscord) -> None:
    client = Client()
    async with connected(client, local):
        local.faults.invalid_session()
        await local.wait_for(lambda: local.identifies == 2)
        await local.wait_for(lambda: local.online)
        assert client.resumes == 0
