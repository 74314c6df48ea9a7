"""Fixtures: a local Discord whose exchanges are judged by Discord's API description."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.playground import LocalDiscord, RateLimits
from tests.support.contract import Contract


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
