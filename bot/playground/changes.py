"""What happened, as a stream: for the page, and for tests that wait for a condition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

QUEUE_LIMIT = 10_000
GLANCE_SECONDS = 0.02


class ChangeType(StrEnum):
    """Kinds of change, by the names of the page API."""

    MESSAGE_CREATE = "message_create"
    MESSAGE_UPDATE = "message_update"
    MESSAGE_DELETE = "message_delete"
    THREAD_CREATE = "thread_create"
    CHANNEL_UPDATE = "channel_update"
    TYPING = "typing"
    COMMANDS = "commands"
    ONLINE = "online"
    INTERACTION = "interaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change; visible_to names the only person concerned, if there is only one."""

    type: ChangeType
    channel_id: str | None = None
    message_id: str | None = None
    visible_to: str | None = None


class Changes:
    """Tells everyone who listens about every change."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Change]] = set()
        self._waiting: set[asyncio.Future[None]] = set()

    def announce(self, change: Change) -> None:
        """Tell all listeners."""
        for queue in self._queues:
            if not queue.full():
                queue.put_nowait(change)
        self.wake()

    def wake(self) -> None:
        """Let everyone who waits for a condition look again."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    @contextmanager
    def listen(self) -> Generator[AsyncIterator[Change]]:
        """A stream of the changes from now on."""
        queue: asyncio.Queue[Change] = asyncio.Queue(maxsize=QUEUE_LIMIT)
        self._queues.add(queue)
        try:
            yield _stream(queue)
        finally:
            self._queues.discard(queue)

    async def wait_for(self, condition: Callable[[], Any], timeout: float) -> Any:
        """Wait until a condition holds and return its value; TimeoutError when it does not in time.

        It is looked at after every change, and now and then besides: it may be about the application, which changes
        without telling this server.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(timeout):
            while not (value := condition()):
                waiting: asyncio.Future[None] = loop.create_future()
                self._waiting.add(waiting)
                try:
                    await asyncio.wait({waiting}, timeout=GLANCE_SECONDS)
                finally:
                    self._waiting.discard(waiting)
        return value


async def _stream(queue: asyncio.Queue[Change]) -> AsyncIterator[Change]:
    while True:
        yield await queue.get()
