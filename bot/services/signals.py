"""How services tell the scheduler that there is something to do, without knowing it."""

from __future__ import annotations

import asyncio

from bot.domain.job import RequestRecord


class Signals:
    """Two events and the requests that arrived since the scheduler last looked."""

    def __init__(self) -> None:
        self.work = asyncio.Event()
        self.cards = asyncio.Event()
        self._arrived: list[RequestRecord] = []

    def changed(self) -> None:
        """Something about a job changed: look for work, and refresh the cards."""
        self.work.set()
        self.cards.set()

    def accepted(self, record: RequestRecord) -> None:
        """A request was answered: from now on it is carried out."""
        self._arrived.append(record)
        self.changed()

    def arrived(self) -> list[RequestRecord]:
        """The requests since the last call."""
        arrived, self._arrived = self._arrived, []
        return arrived
