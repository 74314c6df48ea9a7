"""Letting work on the same thing happen one after the other, so that the second finds what the first has made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager


class Turns:
    """One lock for each thing that is being worked on in this process."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def of(self, thing: Hashable) -> AsyncGenerator[None]:
        """Wait until nobody else works on the thing."""
        lock, users = self._locks.get(thing, (asyncio.Lock(), 0))
        self._locks[thing] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[thing]
            if users == 1:
                del self._locks[thing]
            else:
                self._locks[thing] = (lock, users - 1)
