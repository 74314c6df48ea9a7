"""Answers that come byte by byte."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

TICK = 0.01
"""Seconds between two writes at least: what has more bytes than ticks comes a few bytes at a time."""


class Dripping(web.Response):
    """An answer whose bytes come evenly, the first at once and the last after `over` seconds."""

    def __init__(self, *, body: bytes, over: float, **answer: Any) -> None:
        super().__init__(body=body, **answer)
        self._drops, self._over = body, over

    async def write_eof(self, data: bytes = b"") -> None:
        """Write it to its end; called by aiohttp."""
        loop, drops = asyncio.get_running_loop(), self._drops
        began, size = loop.time(), len(drops)
        writes = max(1, min(size - 1, int(self._over / TICK)))
        await self.write(drops[:1])
        for number in range(writes):
            await asyncio.sleep(began + self._over * (number + 1) / writes - loop.time())
            await self.write(drops[1 + (size - 1) * number // writes : 1 + (size - 1) * (number + 1) // writes])
        await web.StreamResponse.write_eof(self, data)
