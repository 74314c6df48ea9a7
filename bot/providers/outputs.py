"""Fetching finished pictures from the services' own file hosts."""

from __future__ import annotations

from typing import Final

from bot.domain.errors import OutputUnavailable
from bot.providers.fetching import FetchFailed, HostRule
from bot.providers.http import HttpClient

OUTPUT_CAP: Final = 32 * 1024 * 1024
"""Bytes; the largest pictures ordered have 2 million pixels."""
OUTPUT_SECONDS: Final = 60.0
OUTPUT_REDIRECTS: Final = 2


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
    if not _is_picture(content):
        raise OutputUnavailable(provider=provider, detail="not a picture", reason="broken")
    return content


def _is_picture(content: bytes) -> bool:
    return content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (
        content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    )
