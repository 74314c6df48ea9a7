"""Finished pictures: as answers name them, and fetched from the services' own file hosts."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from bot.domain.errors import OutputUnavailable
from bot.providers.base import RemotePicture
from bot.providers.fetching import FetchFailed, HostRule
from bot.providers.http import HttpClient

OUTPUT_CAP: Final = 32 * 1024 * 1024
"""Bytes; the largest pictures ordered have 2 million pixels."""
OUTPUT_SECONDS: Final = 60.0
OUTPUT_REDIRECTS: Final = 2


_DATA_URI: Final = re.compile(r"data:image/[a-z+.-]{1,20};base64,", re.IGNORECASE)


def named_picture(text: str) -> RemotePicture:
    """The picture that an answer's text stands for: naked base64, a data URI, or a link to it."""
    start = _DATA_URI.match(text)
    try:
        content = base64.b64decode(text[start.end() if start else 0 :].strip(), validate=True)
    except (binascii.Error, ValueError):
        return RemotePicture(url=text)
    return RemotePicture(content=content) if start or is_picture(content) else RemotePicture(url=text)


async def fetch_picture(http: HttpClient, picture: RemotePicture, *, provider: str, allowed: HostRule) -> bytes:
    """A finished picture: what came with the answer, or what its link leads to.

    Raises:
        OutputUnavailable: there is none, or what there is is something else.
    """
    if picture.content is not None:
        if not is_picture(picture.content):
            raise OutputUnavailable(provider=provider, detail="not a picture", reason="broken")
        return picture.content
    if picture.url is None:
        raise OutputUnavailable(provider=provider, detail="no link")
    return await fetch_output(http, picture.url, provider=provider, allowed=allowed)


async def fetch_output(http: HttpClient, url: str, *, provider: str, allowed: HostRule) -> bytes:
    """A finished picture: complete, not too large, and by its first bytes a picture.

    Raises:
        OutputUnavailable: the link is dead, or what came is something else.
    """
    try:
        content = await http.download(
            url, cap_bytes=OUTPUT_CAP, limit_seconds=OUTPUT_SECONDS, allowed=allowed, redirects=OUTPUT_REDIRECTS
        )
    except FetchFailed as error:
        raise OutputUnavailable(provider=provider, detail=str(error), reason=error.reason.value) from None
    if not is_picture(content):
        raise OutputUnavailable(provider=provider, detail="not a picture", reason="broken")
    return content


def is_picture(content: bytes) -> bool:
    """Whether the first bytes are those of a PNG, JPEG or WebP."""
    return content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (
        content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    )
