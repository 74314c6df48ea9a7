"""What the page is told about the world, its messages and its changes."""

from __future__ import annotations

import asyncio

import pytest

from bot.playground import LocalDiscord
from bot.playground.changes import GLANCE_SECONDS
from bot.playground.pictures import size_of
from tests.playground.test_local_messages import path_of
from tests.support.png import small_png
from tests.support.raw_discord import RawBot


async def test_the_state_names_everybody_and_every_channel(local: LocalDiscord, bot: RawBot) -> None:
    mia = local.person("Mia")
    state = local.state(mia.id)
    assert [(each["name"], each["role"]) for each in state["people"]] == [
        ("Mia", "member"),
        ("Noor", "member"),
        ("Sam", "moderator"),
    ]
    names = {channel["name"]: channel for channel in state["channels"]}
    assert names.keys() == {"studio", "showcase", "general", "announcements", "ideas", "Atelier"}
    assert (names["Atelier"]["dm_with"], names["announcements"]["can_send"]) == (local.world.bot.id, False)
    assert (state["me"], state["online"], state["commands"]) == (mia.id, False, [])
    await bot.connect()
    assert local.state(mia.id)["online"] is True


def test_whoever_is_not_there_is_a_lookup_error(local: LocalDiscord) -> None:
    for look in (local.person, local.messages, local.interaction):
        with pytest.raises(LookupError):
            look("nothing")
    with pytest.raises(LookupError):
        local.person("Mia").dismiss("1")


async def test_people_can_be_added(local: LocalDiscord) -> None:
    local.world.add_person("P17")
    said = await local.person("P17").say("studio", "hello")
    assert said["author"]["global_name"] == "P17"


async def test_a_person_hears_what_they_may_see_and_nothing_else(local: LocalDiscord, online: RawBot) -> None:
    mia = local.person("Mia")
    async with local.subscribe(mia.id) as events, asyncio.timeout(5):
        stream = aiter(events)
        await local.person("Noor").say("dm", "private")
        await local.person("Noor").say("studio", "public")
        event = await anext(stream)
        assert (event["type"], event["message"]["content"]) == ("message_create", "public")
        got, task = await online.interaction(mia.slash("studio", "imagine", {"prompt": "a"}))
        await online.answer(got, 4, {"content": "for you", "flags": 64})
        record = await task
        event = await anext(stream)
        assert (event["message"]["ephemeral"], event["message"]["id"]) == (True, record.message_id)
        mia.dismiss(event["message"]["id"])
        event = await anext(stream)
        assert (event["type"], event["message_id"]) == ("message_delete", record.message_id)
        assert [message["content"] for message in local.messages("studio", "Mia")] == ["public"]
        made = (await online.request("POST", path_of(local), {"content": "x"})).body["id"]
        await online.request("POST", path_of(local, rest=f"/{made}/threads"), {"name": "a cat"})
        types = [(await anext(stream))["type"] for _ in range(4)]
        assert types == ["message_create", "thread_create", "message_update", "message_create"]
        await online.request("POST", f"/channels/{made}/typing")
        assert (await anext(stream))["type"] == "typing"
        assert online.line is not None
        await online.line.socket.close()
        assert await anext(stream) == {"type": "online", "channel_id": None, "online": False}


async def test_waiting_for_a_condition_ends_with_it_or_with_the_limit(local: LocalDiscord, bot: RawBot) -> None:
    waiting = asyncio.create_task(local.wait_for(lambda: local.messages("studio")))
    await bot.request("POST", path_of(local), {"content": "x"})
    assert (await waiting)[0]["content"] == "x"
    outside: list[int] = []
    asyncio.get_running_loop().call_later(GLANCE_SECONDS / 2, outside.append, 1)
    assert await local.wait_for(lambda: outside) == [1]
    with pytest.raises(TimeoutError):
        await local.wait_for(lambda: False, timeout=0.01)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (small_png(7, 5), (7, 5)),
        (b"GIF89a\x03\x00\x04\x00", (3, 4)),
        (b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x09\0\0\x04\0\0", (10, 5)),
        (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x09\x00\x01\x00" + b"\0" * 9, (10, 5)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x05\x00\x0a\x03", (10, 5)),
        (b"\xff\xd8\xff\xe0", None),
        (b"not a picture", None),
        (b"", None),
    ],
)
def test_sizes_are_read_from_the_first_bytes(data: bytes, size: tuple[int, int] | None) -> None:
    assert size_of(data) == size
