"""The forms in which answers hold finished pictures."""

from __future__ import annotations

import base64

import pytest

from bot.domain.errors import OutputUnavailable
from bot.providers.base import RemotePicture
from bot.providers.fetching import HostRule
from bot.providers.http import HttpClient
from bot.providers.outputs import fetch_picture, named_picture
from tests.support.png import small_png

PICTURE = small_png(2, 2)
NAKED = base64.b64encode(PICTURE).decode()


@pytest.mark.parametrize("text", [NAKED, f"data:image/png;base64,{NAKED}", f"DATA:image/PNG;base64,{NAKED}\n"])
def test_base64_is_the_picture_itself(text: str) -> None:
    assert named_picture(text) == RemotePicture(content=PICTURE)


@pytest.mark.parametrize("text", ["https://cdn.example/a.png", "abcd", "", "data:image/png;base64,%%%", "bildchen ä"])
def test_anything_else_is_taken_for_a_link(text: str) -> None:
    assert named_picture(text) == RemotePicture(url=text)


async def test_a_picture_that_came_along_is_not_fetched(http: HttpClient) -> None:
    assert await fetch_picture(http, RemotePicture(content=PICTURE), provider="x", allowed=HostRule()) == PICTURE


@pytest.mark.parametrize("picture", [RemotePicture(content=b"<html>"), RemotePicture(), RemotePicture(url="abcd")])
async def test_what_is_no_picture_is_unavailable(http: HttpClient, picture: RemotePicture) -> None:
    with pytest.raises(OutputUnavailable):
        await fetch_picture(http, picture, provider="x", allowed=HostRule())
