"""What the bot may do is computed from roles and overwrites, and enforced with Discord's codes."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import ActionRefused, LocalDiscord
from bot.playground.permissions import Permission, in_channel
from bot.playground.world import Overwrite
from tests.playground.test_local_messages import path_of
from tests.support.png import small_png
from tests.support.raw_discord import RawBot


def deny(local: LocalDiscord, *bits: Permission, channel: str = "studio") -> None:
    """Deny permissions to the bot itself in a channel."""
    denied = sum(int(bit) for bit in bits)
    bot_id = local.world.bot.id
    overwrite = Overwrite(id=bot_id, for_member=True, deny=denied)
    local.world.find_channel(channel).overwrites[bot_id] = overwrite


async def test_the_read_only_channel_takes_no_message(local: LocalDiscord, bot: RawBot) -> None:
    answer = await bot.request("POST", path_of(local, "announcements"), {"content": "x"})
    assert (answer.status, answer.code) == (403, 50013)
    with pytest.raises(ActionRefused):
        await local.person("Mia").say("announcements", "x")


async def test_a_hidden_channel_gives_no_access(local: LocalDiscord, bot: RawBot) -> None:
    deny(local, Permission.VIEW_CHANNEL)
    for method in ("GET", "POST"):
        body = {"content": "x"} if method == "POST" else None
        answer = await bot.request(method, path_of(local), body)
        assert (answer.status, answer.code) == (403, 50001)


@pytest.mark.parametrize(
    ("missing", "payload", "files"),
    [
        (Permission.SEND_MESSAGES, {"content": "x"}, None),
        (Permission.ATTACH_FILES, {"content": "x"}, {"a.png": small_png(1, 1)}),
        (Permission.EMBED_LINKS, {"embeds": [{"title": "x"}]}, None),
    ],
)
async def test_a_missing_permission_is_named_by_its_code(
    local: LocalDiscord, bot: RawBot, missing: Permission, payload: dict[str, Any], files: dict[str, bytes] | None
) -> None:
    deny(local, missing)
    answer = await bot.request("POST", path_of(local), payload, files=files)
    assert (answer.status, answer.code) == (403, 50013)


async def test_history_is_needed_to_reply_and_to_read(local: LocalDiscord, bot: RawBot) -> None:
    said = await local.person("Mia").say("studio", "hi")
    deny(local, Permission.READ_MESSAGE_HISTORY)
    body = {"content": "x", "message_reference": {"message_id": said["id"]}}
    assert (await bot.request("POST", path_of(local), body)).code == 160002
    assert (await bot.request("GET", path_of(local))).body == []
    assert (await bot.request("GET", path_of(local, rest=f"/{said['id']}"))).code == 50013


async def test_threads_have_permissions_of_their_own(local: LocalDiscord, bot: RawBot) -> None:
    made = (await bot.request("POST", path_of(local), {"content": "x"})).body["id"]
    start = path_of(local, rest=f"/{made}/threads")
    deny(local, Permission.CREATE_PUBLIC_THREADS)
    assert (await bot.request("POST", start, {"name": "t"})).code == 50013
    deny(local, Permission.SEND_MESSAGES_IN_THREADS)
    assert (await bot.request("POST", start, {"name": "t"})).status == 201
    assert (await bot.request("POST", f"/channels/{made}/messages", {"content": "x"})).code == 50013
    deny(local, Permission.SEND_MESSAGES)
    assert (await bot.request("POST", f"/channels/{made}/messages", {"content": "x"})).status == 200


async def test_deleting_others_messages_needs_manage_messages(local: LocalDiscord, bot: RawBot) -> None:
    said = await local.person("Mia").say("studio", "hi")
    deny(local, Permission.MANAGE_MESSAGES)
    assert (await bot.request("DELETE", path_of(local, rest=f"/{said['id']}"))).code == 50013


async def test_interactions_report_what_the_bot_and_the_person_may_do(local: LocalDiscord, online: RawBot) -> None:
    deny(local, Permission.ATTACH_FILES)
    got, task = await online.interaction(local.person("Sam").slash("studio", "imagine", {"prompt": "a"}))
    assert not int(got["app_permissions"]) & Permission.ATTACH_FILES
    assert int(got["member"]["permissions"]) & Permission.MANAGE_GUILD
    await online.answer(got, 4, {"content": "x"})
    await task


def test_overwrites_apply_in_discords_order(local: LocalDiscord) -> None:
    world = local.world
    studio = world.find_channel("studio")
    sam = local.person("Sam").id
    bit = Permission.SEND_MESSAGES

    def may() -> bool:
        return bool(in_channel(world, sam, studio) & bit)

    studio.overwrites[world.guild.id] = Overwrite(id=world.guild.id, deny=int(bit))
    assert not may()
    studio.overwrites[world.moderator_role_id] = Overwrite(id=world.moderator_role_id, allow=int(bit))
    assert may()
    studio.overwrites[sam] = Overwrite(id=sam, for_member=True, deny=int(bit))
    assert not may()
    role = world.add_role("Admin", int(Permission.ADMINISTRATOR))
    world.members[sam].role_ids.append(role.id)
    assert may()
    assert in_channel(world, "1", studio) == 0


async def test_a_person_sees_only_the_commands_meant_for_them(local: LocalDiscord, online: RawBot) -> None:
    def names(person: str) -> set[str]:
        return {command["name"] for command in local.state(local.person(person).id)["commands"]}

    assert "manage" not in names("Mia")
    assert "manage" in names("Sam")
