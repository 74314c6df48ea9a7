"""What requests to services carry: headers and JSON bodies, free of any HTTP library."""

from __future__ import annotations

import json
from collections.abc import Mapping

Headers = Mapping[str, str] | None


def plain(headers: Headers) -> dict[str, str]:
    """The caller's headers beside ours. Packed answers are not asked for: a small one can unpack to a huge one."""
    return {"Accept-Encoding": "identity", "User-Agent": "atelier-bot", **(headers or {})}


def typed(headers: Headers) -> dict[str, str]:
    """The headers of a JSON body."""
    return plain(headers) | {"Content-Type": "application/json"}


def encoded(body: object) -> bytes:
    """JSON in ASCII, which can carry any text."""
    return json.dumps(body, separators=(",", ":")).encode("ascii")
