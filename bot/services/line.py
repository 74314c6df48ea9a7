"""The line of waiting and running jobs: who stands where, and how long it will take."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.job import JobState, RequestId, RequestRecord
from bot.domain.shapes import Model, Resolution
from bot.services.fleet import Fleet
from bot.services.ports import Clock, Standing
from bot.store.database import Transaction
from bot.store.jobs import JobStore, LineEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Positions come from the table, times from how long past jobs of the same kind took."""

    jobs: JobStore
    fleet: Fleet
    clock: Clock

    async def standing(self, tx: Transaction, record: RequestRecord) -> Standing:
        """Where the request stands now; its pictures may stand in the lines of several services."""
        entries: list[LineEntry] = []
        for name in _services(record):
            entries += await self.jobs.line(tx, provider=name, depth=0, request_id=record.id)
        return await self.standing_in(tx, record, Lineup.of(entries, now=self.clock()))

    async def standing_in(self, tx: Transaction, record: RequestRecord, lineup: Lineup) -> Standing:
        """Where the request stands in a line that was read before."""
        found: list[Standing] = []
        for name in _services(record):
            typical = await self.typical(tx, name, record.request.model, record.request.shape.resolution)
            found.append(lineup.at(name).standing(record.id, typical=typical, concurrency=self.concurrency(name)))
        return together(found)

    async def typical(self, tx: Transaction, provider: str, model: Model, resolution: Resolution) -> float:
        """Seconds that a picture usually takes there."""
        learned = await self.jobs.typical_seconds(tx, provider=provider, model=model, resolution=resolution)
        if learned is not None:
            return learned
        service = self.fleet.providers.get(provider)
        return service.facts.typical_seconds if service else 30.0

    async def usual(self, tx: Transaction, provider: str) -> float:
        """Seconds that the plainest picture usually takes there."""
        return await self.typical(tx, provider, Model.GEN4_IMAGE, Resolution.P720)

    def concurrency(self, provider: str) -> int:
        """How many tasks run at once there, as the scheduler starts them."""
        return self.fleet.slots().get(provider, 1)


class Places:
    """The line of one service, in the order in which the jobs will run; of those that wait, some may be left out."""

    def __init__(self, entries: Sequence[LineEntry], *, now: float) -> None:
        self._now = now
        self._running = [entry for entry in entries if entry.state is not JobState.WAITING]
        self._mine: defaultdict[RequestId, list[LineEntry]] = defaultdict(list)
        for entry in self._running:
            self._mine[entry.request_id].append(entry)
        self._first: dict[RequestId, int] = {}
        self._last: dict[RequestId, int] = {}
        for entry in entries:
            if entry.state is JobState.WAITING:
                self._first.setdefault(entry.request_id, entry.place)
                self._last[entry.request_id] = entry.place
        self._left: dict[float, float] = {}

    def standing(self, request_id: RequestId, *, typical: float, concurrency: int) -> Standing:
        """Where a request stands, when a picture usually takes `typical` seconds and `concurrency` run at once."""
        mine, last = self._mine.get(request_id, []), self._last.get(request_id, 0)
        if last == 0:
            wait = max((_seconds_left(entry, typical, self._now) for entry in mine), default=0.0)
        else:
            left = self._until_all_end(typical)
            wait = _wait(last, len(self._running), left, typical=typical, concurrency=concurrency)
        progress = _mean([entry.progress or 0.0 for entry in mine]) if mine else None
        return Standing(position=0 if mine else self._first.get(request_id, 0), wait=wait, progress=progress)

    def _until_all_end(self, typical: float) -> float:
        """The same for everybody in the line, so that it is worked out once."""
        if typical not in self._left:
            self._left[typical] = max((_seconds_left(e, typical, self._now) for e in self._running), default=0.0)
        return self._left[typical]


@dataclass(frozen=True, slots=True)
class Lineup:
    """The lines of all services at one moment."""

    _places: Mapping[str, Places]
    _now: float

    @classmethod
    def of(cls, entries: Sequence[LineEntry], *, now: float) -> Lineup:
        """Of what was read from the store, in its order."""
        lines: defaultdict[str, list[LineEntry]] = defaultdict(list)
        for entry in entries:
            lines[entry.provider].append(entry)
        return cls({name: Places(line, now=now) for name, line in lines.items()}, now)

    def at(self, provider: str) -> Places:
        """The line of one service."""
        return self._places.get(provider) or Places((), now=self._now)


def _services(record: RequestRecord) -> list[str]:
    """The services that the request's pictures are waited for from."""
    return list(dict.fromkeys(job.provider for job in record.jobs if not job.state.ended)) or [record.provider]


def together(standings: Sequence[Standing]) -> Standing:
    """The standing of a request by those of its parts: it is worked on when one of them is, and done with the last."""
    progress = [each.progress for each in standings if each.progress is not None]
    return Standing(
        position=min(each.position for each in standings),
        wait=max(each.wait for each in standings),
        progress=_mean(progress) if progress else None,
    )


def _wait(place: int, running: int, left: float, *, typical: float, concurrency: int) -> float:
    """Seconds until the waiting job at this place is done, when what runs needs `left` seconds at most."""
    free = concurrency - running
    if place <= free:
        return typical
    if free > 0:
        left = max(left, typical)
    return left + math.ceil((place - free) / max(1, concurrency)) * typical


def _seconds_left(entry: LineEntry, typical: float, now: float) -> float:
    elapsed = max(0.0, now - (entry.started_at or now))
    if entry.progress and entry.progress > 0.1:
        return elapsed / entry.progress - elapsed
    return max(typical - elapsed, typical / 10)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
