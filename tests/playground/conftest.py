"""Fixtures: a local Discord whose exchanges are judged by Discord's API description."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.playground import LocalDiscord, RateLimits
from tests.support.contract import Contract
from tests.support.raw_discord import RawBot, raw_bot

# A command of every kind.
COMMANDS = [
    {
        "name": "imagine",
        "description": "Make a picture",
        "options": [
            {"type": 3, "name": "prompt", "description": "What to paint", "required": True, "max_length": 1000},
            {"type": 11, "name": "image1", "description": "A reference"},
            {"type": 3, "name": "ratio", "description": "Shape", "choices": [{"name": "Wide", "value": "16:9"}]},
            {"type": 3, "name": "size", "description": "Exact size", "autocomplete": True},
            {"type": 4, "name": "seed", "description": "Seed", "min_value": 0, "max_value": 10},
            {"type": 5, "name": "spoiler", "description": "Hide it"},
            {"type": 6, "name": "user", "description": "Somebody"},
        ],
    },
    {
        "name": "manage",
        "description": "For moderators",
        "default_member_permissions": 1 << 5,
        "contexts": [0],
        "options": [
            {
                "type": 2,
                "name": "quota",
                "description": "Quotas",
                "options": [
                    {
                        "type": 1,
                        "name": "set",
                        "description": "Set one",
                        "options": [{"type": 4, "name": "amount", "description": "How many", "required": True}],
                    }
                ],
            }
        ],
    },
    {"name": "Use as reference", "type": 3},
    {"name": "Show quota", "type": 2},
]


@pytest.fixture(scope="session")
def description() -> Contract | None:
    """Discord's API description, where it is available."""
    return Contract.load(Path(__file__).parents[2])


@pytest.fixture
async def local(description: Contract | None) -> AsyncIterator[LocalDiscord]:
    """A local Discord with limits no test reaches by accident."""
    async with LocalDiscord.open(rate_limits=RateLimits.relaxed()) as opened:
        if description is not None:
            description.violations.clear()
            opened.add_observer(description.check)
        yield opened
    if description is not None:
        description.assert_kept()


@pytest.fixture
async def bot(local: LocalDiscord) -> AsyncIterator[RawBot]:
    """An application that speaks the protocol by hand; not connected to the gateway."""
    async with raw_bot(local) as opened:
        yield opened


@pytest.fixture
async def online(bot: RawBot) -> RawBot:
    """The same, connected, with a few commands registered."""
    path = f"/applications/{bot.local.world.application.id}/commands"
    await bot.request("PUT", path, COMMANDS)
    await bot.connect()
    return bot


@pytest.fixture
async def quiet() -> AsyncIterator[LocalDiscord]:
    """A local Discord whose exchanges nobody judges: for what no library would send."""
    async with LocalDiscord.open(rate_limits=RateLimits.relaxed()) as opened:
        yield opened


@pytest.fixture
async def quiet_bot(quiet: LocalDiscord) -> AsyncIterator[RawBot]:
    """An application of that one."""
    async with raw_bot(quiet) as opened:
        yield opened
