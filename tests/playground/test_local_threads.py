"""Threads and forum posts keep Discord's rules."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import ActionRefused, LocalDiscord
from bot.playground.permissions import Permission
from tests.playground.test_local_messages import path_of
from tests.playground.test_local_permissions import deny
from tests.support.png import small_png
from tests.support.raw_discord import RawBot


async def open_thread(local: LocalDiscord, bot: RawBot) -> str:
    made = (await bot.request("POST", path_of(local), {"content": "x"})).body["id"]
    return (await bot.request("POST", path_of(local, rest=f"/{made}/threads"), {"name": "a cat"})).body["id"]


async def test_a_thread_takes_the_id_of_its_message_and_there_is_only_one(local: LocalDiscord, bot: RawBot) -> None:
    line = await bot.connect()
    made = (await bot.request("POST", path_of(local), {"content": "x"})).body["id"]
    start = path_of(local, rest=f"/{made}/threads")
    thread = await bot.request("POST", start, {"name": "a cat", "auto_archive_duration": 1440})
    assert (thread.status, thread.body["id"], thread.body["type"]) == (201, made, 11)
    assert thread.body["thread_metadata"]["auto_archive_duration"] == 1440
    assert (await line.event("THREAD_CREATE"))["newly_created"] is True
    again = await bot.request("POST", start, {"name": "a cat"})
    assert (again.status, again.code) == (400, 160004)
    starter = (await bot.request("GET", path_of(local, rest=f"/{made}"))).body
    assert (starter["thread"]["id"], starter["flags"] & 32) == (made, 32)
    inside = (await bot.request("GET", f"/channels/{made}/messages")).body
    assert [(each["type"], each["referenced_message"]["id"]) for each in inside] == [(21, made)]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "x", "auto_archive_duration": 5}, "auto_archive_duration"),
        ({"name": "x", "rate_limit_per_user": 21601}, "rate_limit_per_user"),
    ],
)
async def test_a_bad_wish_for_a_thread_is_refused(
    local: LocalDiscord, bot: RawBot, body: dict[str, Any], place: str
) -> None:
    answer = await bot.request("POST", f"/channels/{local.world.find_channel('studio').id}/threads", body)
    assert (answer.code, list(answer.errors())) == (50035, [place])


async def test_a_thread_without_a_message_leaves_a_notice(local: LocalDiscord, bot: RawBot) -> None:
    studio = local.world.find_channel("studio")
    made = await bot.request("POST", f"/channels/{studio.id}/threads", {"name": "alone", "type": 11})
    assert (made.status, made.body["type"]) == (201, 11)
    assert [message["type"] for message in local.messages("studio")] == [18]
    hidden = await bot.request("POST", f"/channels/{studio.id}/threads", {"name": "hidden"})
    assert hidden.body["type"] == 12
    shown = {channel["id"] for channel in local.state(local.person("Mia").id)["channels"]}
    assert made.body["id"] in shown
    assert hidden.body["id"] not in shown


async def test_no_thread_in_a_thread(local: LocalDiscord, bot: RawBot) -> None:
    thread = await open_thread(local, bot)
    inner = (await bot.request("POST", f"/channels/{thread}/messages", {"content": "x"})).body["id"]
    answer = await bot.request("POST", f"/channels/{thread}/messages/{inner}/threads", {"name": "x"})
    assert (answer.status, answer.code) == (400, 50024)


async def test_sending_wakes_an_archived_thread_but_editing_in_it_fails(local: LocalDiscord, bot: RawBot) -> None:
    thread = await open_thread(local, bot)
    sent = (await bot.request("POST", f"/channels/{thread}/messages", {"content": "x"})).body["id"]
    archived = await bot.request("PATCH", f"/channels/{thread}", {"archived": True})
    assert archived.body["thread_metadata"]["archived"] is True
    refused = await bot.request("PATCH", f"/channels/{thread}/messages/{sent}", {"content": "y"})
    assert (refused.status, refused.code) == (400, 50083)
    assert (await bot.request("PATCH", f"/channels/{thread}", {"name": "new"})).code == 50083
    assert (await bot.request("POST", f"/channels/{thread}/messages", {"content": "y"})).status == 200
    body = (await bot.request("GET", f"/channels/{thread}")).body
    assert body["thread_metadata"]["archived"] is False
    assert (body["message_count"], body["last_message_id"]) == (2, local.messages(thread)[-1]["id"])


async def test_a_locked_thread_is_for_those_who_manage_threads(local: LocalDiscord, bot: RawBot) -> None:
    thread = await open_thread(local, bot)
    assert (await bot.request("PATCH", f"/channels/{thread}", {"locked": True})).status == 200
    assert (await bot.request("POST", f"/channels/{thread}/messages", {"content": "x"})).status == 200
    deny(local, Permission.MANAGE_THREADS)
    refused = await bot.request("POST", f"/channels/{thread}/messages", {"content": "x"})
    assert (refused.status, refused.code) == (400, 160005)
    with pytest.raises(ActionRefused):
        await local.person("Mia").say(thread, "x")


async def test_a_forum_takes_posts_and_no_messages(local: LocalDiscord, bot: RawBot) -> None:
    forum = local.world.find_channel("ideas")
    assert (await bot.request("POST", path_of(local, "ideas"), {"content": "x"})).code == 50008
    path = f"/channels/{forum.id}/threads"
    assert (await bot.request("POST", path, {"name": "x"})).errors() == {"message": ["BASE_TYPE_REQUIRED"]}
    bad_tag = {"name": "x", "message": {"content": "y"}, "applied_tags": ["1"]}
    assert list((await bot.request("POST", path, bad_tag)).errors()) == ["applied_tags.0"]
    empty = await bot.request("POST", path, {"name": "x", "message": {}})
    assert (empty.code, local.world.threads()) == (50006, [])
    body = {"name": "a cat", "message": {"content": "look"}, "applied_tags": [forum.available_tags[0].id]}
    made = await bot.request("POST", path, body, files={"a.png": small_png(1, 1)})
    assert (made.status, made.body["message"]["id"], made.body["id"]) == (201, made.body["id"], made.body["id"])
    assert made.body["message"]["attachments"][0]["filename"] == "a.png"


async def test_threads_are_listed_and_joined(local: LocalDiscord, bot: RawBot) -> None:
    thread = await open_thread(local, bot)
    guild = f"/guilds/{local.world.guild.id}/threads/active"
    assert [each["id"] for each in (await bot.request("GET", guild)).body["threads"]] == [thread]
    mia = local.person("Mia").id
    assert (await bot.request("PUT", f"/channels/{thread}/thread-members/{mia}")).status == 204
    members = (await bot.request("GET", f"/channels/{thread}/thread-members")).body
    assert mia in {each["user_id"] for each in members}
    assert (await bot.request("DELETE", f"/channels/{thread}/thread-members/@me")).status == 204
    assert (await bot.request("PUT", f"/channels/{thread}/thread-members/@me")).status == 204
    await bot.request("PATCH", f"/channels/{thread}", {"archived": True})
    archived = f"/channels/{local.world.find_channel('studio').id}/threads/archived/public"
    assert [each["id"] for each in (await bot.request("GET", archived)).body["threads"]] == [thread]
    assert (await bot.request("GET", guild)).body["threads"] == []


async def test_a_deleted_thread_is_gone_with_its_messages(local: LocalDiscord, bot: RawBot) -> None:
    thread = await open_thread(local, bot)
    assert (await bot.request("DELETE", f"/channels/{thread}")).status == 200
    assert (await bot.request("POST", f"/channels/{thread}/messages", {"content": "x"})).code == 10003
    assert len(local.messages("studio")) == 1
