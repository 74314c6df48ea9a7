"""What the command line takes for a file."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator

import pytest

from bot.cli_options import _existing_file
from tests.support.loopback import HIDDEN, Listener, open_listener


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with open_listener() as listener:
        yield listener


@pytest.mark.parametrize("hidden", HIDDEN)
async def test_a_link_is_no_path_and_is_not_opened(listener: Listener, hidden: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="there is no file"):
        _existing_file(listener.link(hidden))
    assert listener.visits == 0
