"""Wherever a picture stands in what Discord tells of, a link to this machine or behind it is never followed."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from discord.components import _component_factory  # pyright: ignore[reportPrivateUsage]

from bot.app import attachment_fetch
from bot.discord_ui.pictures import pictures_of
from bot.domain.errors import UnusableImage
from bot.providers.http import HttpClient
from bot.settings import DiscordSettings
from tests.support.loopback import HIDDEN, Listener, open_listener

FILE = {"id": "5", "filename": "cat.png", "size": 9, "content_type": "image/png"}
ELSEWHERE = "https://example.com/cat.png"


def message(**parts: Any) -> discord.Message:
    """A message as far as its pictures go."""
    return cast(discord.Message, SimpleNamespace(**{"attachments": [], "embeds": [], "components": [], **parts}))


def attached(link: str) -> discord.Message:
    """A file of the message itself."""
    data = cast(Any, {**FILE, "url": link, "proxy_url": link})
    return message(attachments=[discord.Attachment(data=data, state=cast(Any, SimpleNamespace(http=None)))])


def embedded(link: str) -> discord.Message:
    """The picture of an unfurled link, through what is said to be Discord's media proxy."""
    return message(embeds=[discord.Embed.from_dict({"image": {"url": ELSEWHERE, "proxy_url": link}})])


def unfurled(link: str) -> discord.Message:
    """The small picture of an unfurled link that names no proxy."""
    return message(embeds=[discord.Embed.from_dict({"thumbnail": {"url": link}})])


def shown(link: str) -> discord.Message:
    """A picture in a gallery."""
    media = {"url": ELSEWHERE, "proxy_url": link, "content_type": "image/png"}
    return message(components=[_component_factory(cast(Any, {"type": 12, "items": [{"media": media}]}), None)])


PLACES: tuple[Callable[[str], discord.Message], ...] = (attached, embedded, unfurled, shown)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with open_listener() as listener:
        yield listener


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("hidden", HIDDEN)
async def test_no_picture_of_a_message_leads_there(
    listener: Listener, hidden: str, place: Callable[[str], discord.Message]
) -> None:
    link = listener.link(hidden)
    (picture,) = pictures_of(place(link))
    assert picture.url == link
    async with HttpClient() as http:
        fetch = attachment_fetch(http, DiscordSettings().attachment_hosts)
        with pytest.raises(UnusableImage) as caught:
            await fetch(picture.url, io.BytesIO())
    assert caught.value.key == "image.link"
    assert listener.visits == 0
