"""Whatever an application sends, it gets one of Discord's answers."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from bot.playground import LocalDiscord
from tests.playground.conftest import COMMANDS
from tests.support.raw_discord import RawBot

JUNK: list[Any] = [None, True, -1, 1.5, 10**30, "x", "", [], [5], [None], {}, {"type": 1}, {"url": 5}]
TEXT = {"type": 10, "content": "x"}
BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "go", "emoji": {"name": "x"}, "disabled": False}
OPTION = {"label": "A", "value": "a", "description": "d", "default": True}
SELECT = {
    "type": 3,
    "custom_id": "pick",
    "options": [OPTION],
    "placeholder": "p",
    "min_values": 1,
    "max_values": 1,
}
VERSION_2 = {
    "flags": 1 << 15,
    "components": [
        {
            "type": 17,
            "accent_color": 5,
            "components": [
                TEXT,
                {"type": 12, "items": [{"media": {"url": "https://example.com/a.png"}, "description": "d"}]},
                {"type": 14, "spacing": 1, "divider": True},
                {"type": 9, "components": [TEXT], "accessory": BUTTON | {"custom_id": "other"}},
            ],
        },
        {"type": 1, "components": [{"type": 2, "style": 5, "label": "x", "url": "https://example.com"}]},
    ],
}
VERSION_1 = {
    "content": "x",
    "nonce": "n",
    "enforce_nonce": True,
    "tts": False,
    "embeds": [
        {
            "title": "t",
            "color": 1,
            "image": {"url": "https://example.com/a.png"},
            "footer": {"text": "f"},
            "author": {"name": "a"},
            "fields": [{"name": "n", "value": "v", "inline": True}],
        }
    ],
    "allowed_mentions": {"parse": ["users"], "roles": ["1"], "replied_user": True},
    "message_reference": {"message_id": "1", "fail_if_not_exists": False},
    "components": [{"type": 1, "components": [BUTTON]}, {"type": 1, "components": [SELECT]}],
    "attachments": [],
}
MODAL = {
    "custom_id": "m",
    "title": "t",
    "components": [
        TEXT,
        {
            "type": 18,
            "label": "l",
            "description": "d",
            "component": {"type": 4, "custom_id": "a", "style": 1, "value": "v", "max_length": 5, "placeholder": "p"},
        },
        {"type": 18, "label": "l", "component": {"type": 21, "custom_id": "c", "options": [OPTION, OPTION]}},
        {"type": 18, "label": "l", "component": SELECT},
        {"type": 1, "components": [{"type": 4, "custom_id": "b", "style": 1, "label": "l"}]},
    ],
}
THREAD = {"name": "t", "auto_archive_duration": 60, "rate_limit_per_user": 0, "type": 11, "invitable": True}


def spoiled(value: Any) -> Iterator[Any]:
    """The value with each of its parts replaced by junk, one at a time."""
    yield from copy.deepcopy(JUNK)
    parts: list[Any] = (
        list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    )
    for part in parts:
        for changed in spoiled(value[part]):
            whole = copy.copy(value)
            whole[part] = changed
            yield whole


async def post_all(bot: RawBot, method: str, path: str, bodies: Iterator[Any]) -> list[tuple[int, Any]]:
    """Send every body; the ones that were not answered the way Discord answers."""
    wrong: list[tuple[int, Any]] = []
    for body in bodies:
        answer = await bot.request(method, path, body)
        is_named = answer.status < 400 or (isinstance(answer.body, dict) and "code" in answer.body)
        if answer.status >= 500 or not is_named:
            wrong.append((answer.status, body))
    return wrong


@pytest.mark.parametrize("body", [VERSION_1, VERSION_2], ids=["version 1", "version 2"])
async def test_no_message_is_too_strange(quiet: LocalDiscord, quiet_bot: RawBot, body: dict[str, Any]) -> None:
    path = f"/channels/{quiet.world.find_channel('studio').id}/messages"
    assert await post_all(quiet_bot, "POST", path, spoiled(body)) == []
    made = (await quiet_bot.request("POST", path, {"content": "x"})).body["id"]
    assert await post_all(quiet_bot, "PATCH", f"{path}/{made}", spoiled(body)) == []


async def test_no_wish_for_a_thread_is_too_strange(quiet: LocalDiscord, quiet_bot: RawBot) -> None:
    forum, studio = quiet.world.find_channel("ideas"), quiet.world.find_channel("studio")
    post = THREAD | {"message": {"content": "x"}, "applied_tags": [forum.available_tags[0].id]}
    assert await post_all(quiet_bot, "POST", f"/channels/{forum.id}/threads", spoiled(post)) == []
    assert await post_all(quiet_bot, "POST", f"/channels/{studio.id}/threads", spoiled(THREAD)) == []
    thread = quiet.world.threads()[0].id
    change = {"name": "n", "archived": False, "locked": False, "applied_tags": ["1"], "auto_archive_duration": 60}
    assert await post_all(quiet_bot, "PATCH", f"/channels/{thread}", spoiled(change)) == []


async def test_no_command_is_too_strange(quiet: LocalDiscord, quiet_bot: RawBot) -> None:
    path = f"/applications/{quiet.world.application.id}/commands"
    assert await post_all(quiet_bot, "PUT", path, spoiled(COMMANDS)) == []
    assert await post_all(quiet_bot, "POST", path, spoiled(COMMANDS[0])) == []
    assert await post_all(quiet_bot, "POST", "/users/@me/channels", spoiled({"recipient_id": "1"})) == []


@pytest.mark.parametrize(
    ("kind", "data"),
    [(4, VERSION_2), (9, MODAL), (8, {"choices": [{"name": "a", "value": "a"}]})],
    ids=["message", "modal", "choices"],
)
async def test_no_answer_is_too_strange(
    quiet: LocalDiscord, quiet_bot: RawBot, kind: int, data: dict[str, Any]
) -> None:
    mia = quiet.person("Mia")
    await quiet_bot.request("PUT", f"/applications/{quiet.world.application.id}/commands", COMMANDS)
    await quiet_bot.connect()
    wrong: list[Any] = []
    for body in spoiled(data):
        action = (
            mia.autocomplete("studio", "imagine", "size", "1")
            if kind == 8
            else mia.slash("studio", "imagine", {"prompt": "a"})
        )
        got, task = await quiet_bot.interaction(action)
        if (await quiet_bot.answer(got, kind, body)).status >= 500:
            wrong.append(body)
        await quiet_bot.answer(got, 8 if kind == 8 else 4, {"content": "x"})
        await task
    assert wrong == []
