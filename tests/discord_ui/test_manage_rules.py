"""Which channels `/manage channels` takes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest

from bot.discord_ui.commands.manage_rules import place_id
from bot.domain.errors import InvalidRequest


def channel(kind: discord.ChannelType) -> Any:
    """A channel as far as its kind goes."""
    return cast(Any, SimpleNamespace(id=7, type=kind))


def test_any_channel_that_people_write_in_is_taken() -> None:
    kinds = [discord.ChannelType.text, discord.ChannelType.forum, discord.ChannelType.public_thread]
    assert [place_id(channel(kind)) for kind in kinds] == [7, 7, 7]


def test_a_category_is_refused_as_nobody_asks_for_pictures_in_it() -> None:
    with pytest.raises(InvalidRequest, match="category"):
        place_id(channel(discord.ChannelType.category))
