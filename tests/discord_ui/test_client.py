"""The client beyond discord.py: connections that fail again and again, and tries to answer."""

from __future__ import annotations

import asyncio
import inspect

import pytest
from discord.gateway import DiscordWebSocket
from yarl import URL

from bot.discord_ui.calls import REFUSED_LIMIT, REFUSED_SECONDS, Refusals
from bot.discord_ui.client import AtelierClient
from bot.domain.errors import ConfigError

GATEWAY = URL("wss://gateway.test")


async def at_once(seconds: float) -> None:
    """Sleeping that takes no time."""
    del seconds


async def test_failing_to_connect_goes_no_deeper_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    depths: list[int] = []

    async def refused(client: AtelierClient, **_: object) -> None:
        depths.append(len(inspect.stack(0)))
        if len(depths) == 50:
            client.may_start = none_left
            await client.before_identify_hook(0, initial=True)
        raise OSError

    async def none_left() -> None:
        raise ConfigError("config.starts")

    monkeypatch.setattr(DiscordWebSocket, "from_client", refused)
    monkeypatch.setattr(asyncio, "sleep", at_once)
    client = AtelierClient()
    with pytest.raises(ConfigError):
        await client.launch_shard(GATEWAY, 0, initial=True)
    assert len(depths) == 50
    assert len(set(depths)) == 1


def test_refused_calls_are_counted_for_ten_minutes() -> None:
    now = 0.0
    refusals = Refusals(clock=lambda: now)
    for status in (200, 404, 400, 500):
        refusals.note(status)
    refusals.note(429, shared=True)
    assert refusals.count == 0
    for status in (401, 403, 429):
        refusals.note(status)
    assert refusals.count == 3
    now = REFUSED_SECONDS / 2
    for _ in range(REFUSED_LIMIT - 3):
        refusals.note(403)
    assert refusals.too_many
    now = REFUSED_SECONDS
    assert refusals.count == REFUSED_LIMIT - 3
    assert not refusals.too_many
