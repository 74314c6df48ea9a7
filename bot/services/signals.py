"""How services tell the scheduler that there is something to do, without knowing it."""

from __future__ import annotations

import asyncio

from bot.domain.job import RequestId, RequestRecord

MOST_TOLD = 10_000
"""Places that are kept in mind at most, the newest ones."""


class Signals:
    """Three events and the requests that arrived since the scheduler last looked."""

    def __init__(self) -> None:
        self.work = asyncio.Event()
        self.cards = asyncio.Event()
        self.noted = asyncio.Event()
        self._arrived: list[RequestRecord] = []
        self._told: dict[RequestId, int] = {}

    def changed(self) -> None:
        """Something about a job changed: look for work, and refresh the cards."""
        self.work.set()
        self.cards.set()

    def accepted(self, record: RequestRecord, place: int | None) -> None:
        """A request was answered, with its place in line where that was told: from now on it is carried out."""
        if place is not None:
            self._told[record.id] = place
            if len(self._told) > MOST_TOLD:
                del self._told[next(iter(self._told))]
        self._arrived.append(record)
        self.changed()

    def told(self, request_id: RequestId) -> int | None:
        """The place in line that the answer told; known once."""
        return self._told.pop(request_id, None)

    def arrived(self) -> list[RequestRecord]:
        """The requests since the last call."""
        arrived, self._arrived = self._arrived, []
        return arrived
