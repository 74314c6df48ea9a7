"""Where the bot may not post it says so before anything is held, and sends nothing that Discord would forbid."""

from __future__ import annotations

import pytest

from bot.playground.permissions import Permission
from bot.playground.world import Overwrite
from tests.support.bench import Bench, text_of
from tests.support.studio import closed, entries, press, quota_left, refused

NAMES = {
    Permission.VIEW_CHANNEL: "View Channel",
    Permission.SEND_MESSAGES: "Send Messages",
    Permission.CREATE_PUBLIC_THREADS: "Create Public Threads",
    Permission.SEND_MESSAGES_IN_THREADS: "Send Messages in Threads",
    Permission.ATTACH_FILES: "Attach Files",
}


def deny(bench: Bench, channel: str, rights: Permission) -> None:
    """Take rights away from the bot in a channel."""
    world = bench.discord.world
    place = world.find_channel(channel)
    place.overwrites[world.bot.id] = Overwrite(id=world.bot.id, for_member=True, deny=int(rights))


def forbidden(bench: Bench) -> list[str]:
    """Calls that Discord refused for want of a right."""
    return [f"{call.method} {call.path}" for call in bench.discord.calls() if call.status == 403]


@pytest.mark.parametrize("right", NAMES)
async def test_each_missing_permission_is_named_before_anything_is_held(bench: Bench, right: Permission) -> None:
    deny(bench, "studio", right)
    says = await refused(bench, await bench.imagine("a cat"), f"*{NAMES[right]}*", "Ask a moderator")
    if right is not Permission.VIEW_CHANNEL:
        assert sum(f"*{name}*" in says for name in NAMES.values()) == 1
    assert await quota_left(bench) == (10, 10)
    assert await entries(bench.settings) == {}
    assert forbidden(bench) == []


async def test_all_missing_permissions_are_named_together(bench: Bench) -> None:
    says = await refused(bench, await bench.imagine("a cat", channel="announcements"))
    assert "the permissions" in says
    for name in ("Send Messages", "Create Public Threads", "Send Messages in Threads"):
        assert f"*{name}*" in says
    assert forbidden(bench) == []


async def test_in_a_thread_only_the_permissions_of_threads_count(bench: Bench) -> None:
    first = await bench.imagine("a cat", ratio="1:1")
    await closed(bench, first)
    deny(bench, "studio", Permission.SEND_MESSAGES | Permission.CREATE_PUBLIC_THREADS)
    answer = await bench.imagine("a dog", channel=first.message_id or "", ratio="1:1")
    await closed(bench, answer)
    assert len(bench.results(first.message_id)) == 2
    deny(bench, "studio", Permission.SEND_MESSAGES_IN_THREADS)
    again = await bench.imagine("a bird", channel=first.message_id or "")
    await refused(bench, again, "*Send Messages in Threads*")
    assert await quota_left(bench) == (8, 10)
    assert forbidden(bench) == []


async def test_a_button_asks_for_the_permissions_too(bench: Bench) -> None:
    answer = await bench.imagine("a cat", ratio="1:1")
    result = await bench.result_in_thread_of(answer)
    await closed(bench, answer)
    deny(bench, "studio", Permission.ATTACH_FILES)
    await refused(bench, await press(bench, result, "Reroll"), "*Attach Files*")
    assert await quota_left(bench) == (9, 10)
    assert "Attach Files" not in text_of(result)
    assert forbidden(bench) == []
