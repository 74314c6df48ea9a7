"""What requests to services and their answers carry: headers, JSON bodies, sizes; free of any HTTP library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

Headers = Mapping[str, str] | None

ANSWER_CAP: Final = 2 * 1024 * 1024
"""Bytes that a JSON answer may have, packed or unpacked; the longest known ones have a few thousand."""
PICTURE_ANSWER_CAP: Final = 16 * 1024 * 1024
"""The same for answers that may hold a picture in base64: the finest PNG that is ordered has 6 MB."""


def plain(headers: Headers) -> dict[str, str]:
    """The caller's headers beside ours. Packed answers are not asked for: a small one can unpack to a huge one."""
    return {"Accept-Encoding": "identity", "User-Agent": "atelier-bot", **(headers or {})}


def typed(headers: Headers) -> dict[str, str]:
    """The headers of a JSON body."""
    return plain(headers) | {"Content-Type": "application/json"}


def encoded(body: object) -> bytes:
    """JSON in ASCII, which can carry any text."""
    return json.dumps(body, separators=(",", ":")).encode("ascii")
