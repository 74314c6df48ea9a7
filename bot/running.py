"""Runs the program until it ends or is told to stop, and sees to it that stopping takes less than ten seconds."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

STOP_LIMIT = 9.0
"""Seconds from the signal to the end: systemd and Docker are promised ten."""

log = logging.getLogger(__name__)


_ARENAS = -8
"""`M_ARENA_MAX` (glibc, malloc.h)."""


def keep_memory_small() -> None:
    """Let all threads share two heaps: by default each gets its own, which keeps what it once needed (mallopt(3))."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENAS, 2)


def leave_when_told() -> None:
    """While the program is being loaded, SIGTERM ends it with 0 at once: nothing has begun that could be finished."""
    signal.signal(signal.SIGTERM, lambda number, frame: os._exit(0))


def until_stopped(run: Callable[[asyncio.Event], Awaitable[int]], *, limit: float = STOP_LIMIT) -> int:
    """Run `run(stop)` in a new event loop; SIGTERM and SIGINT set `stop`.

    Returns:
        What `run` returns, and 0 when a signal stopped it, even if it did not end in time: jobs are durable, so
        nothing is lost by leaving it behind.
    """

    async def supervised() -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def on_signal() -> None:
            if not stop.is_set():
                stop.set()
                _leave_after(limit)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, on_signal)
        return await run(stop)

    keep_memory_small()
    return asyncio.run(supervised())


def _leave_after(seconds: float) -> None:
    def leave() -> None:
        log.warning("Did not stop within %s s: leaving at once", seconds)
        logging.shutdown()
        os._exit(0)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()
