"""People's profile pictures, as Discord's CDN serves them: drawn from their colour, or given by a test."""

from __future__ import annotations

import hashlib
import struct
import zlib

from aiohttp import web

from .cdn import GONE
from .world import User, World

SIDE = 256
HEAD = (SIDE // 2, SIDE * 2 // 5, SIDE // 5)
SHOULDERS = (SIDE // 2, SIDE, SIDE * 2 // 5)
"""Circles as x, y and radius."""

Rgb = tuple[int, int, int]


class Avatars:
    """Serves profile pictures under `/avatars/<user>/<hash>.png`."""

    def __init__(self, *, world: World) -> None:
        self._world = world
        self._given: dict[str, bytes] = {}

    def give(self, user: User, data: bytes) -> None:
        """Let a person have this PNG as their picture."""
        user.avatar = hashlib.sha256(data).hexdigest()[:32]
        self._given[user.id] = data

    async def serve(self, request: web.Request) -> web.Response:
        """GET of a profile picture; 404 when that is not the person's picture (any more)."""
        user = self._world.users.get(request.match_info["user_id"])
        if user is None or user.avatar is None or request.match_info["filename"] != f"{user.avatar}.png":
            return web.Response(status=404, text=GONE)
        content = self._given.get(user.id) or portrait(user.color)
        return web.Response(body=content, content_type="image/png", headers={"Cache-Control": "max-age=86400"})


def portrait(color: str) -> bytes:
    """A PNG of head and shoulders before a colour written `#rrggbb`."""
    behind = (int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16))
    figure = (235, 238, 245)
    rows = b"".join(b"\0" + _row(y, behind, figure) for y in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    parts = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _row(y: int, behind: Rgb, figure: Rgb) -> bytes:
    half = max(_half_width(y, *HEAD), _half_width(y, *SHOULDERS))
    side = bytes(behind) * (SIDE // 2 - half)
    return side + bytes(figure) * (2 * half) + side


def _half_width(y: int, _: int, middle: int, radius: int) -> int:
    away = abs(y - middle)
    return int((radius**2 - away**2) ** 0.5) if away < radius else 0


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
