"""The line of waiting and running jobs: who stands where, and how long it will take."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
        places = dict.fromkeys(job.provider for job in record.jobs if not job.state.ended)
        return together([await self._standing_at(tx, record, name) for name in places or [record.provider]])

    async def _standing_at(self, tx: Transaction, record: RequestRecord, provider: str) -> Standing:
        entries = await self.jobs.line(tx, provider=provider)
        typical = await self.typical(tx, provider, record.request.model, record.request.shape.resolution)
        return standing_in(
            entries, record.id, typical=typical, concurrency=self.concurrency(provider), now=self.clock()
        )

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


def standing_in(
    entries: Sequence[LineEntry], request_id: RequestId, *, typical: float, concurrency: int, now: float
) -> Standing:
    """The standing of a request in the line of its provider, given in the order the jobs will run."""
    running = [e for e in entries if e.state is not JobState.WAITING]
    waiting = [e for e in entries if e.state is JobState.WAITING]
    mine = [e for e in running if e.request_id == request_id]
    last = max((index for index, e in enumerate(waiting, 1) if e.request_id == request_id), default=0)
    first = min((index for index, e in enumerate(waiting, 1) if e.request_id == request_id), default=0)
    left = max((_seconds_left(e, typical, now) for e in (mine if last == 0 else running)), default=0.0)
    progress = _mean([e.progress or 0.0 for e in mine]) if mine else None
    wait = left if last == 0 else _wait(last, len(running), left, typical=typical, concurrency=concurrency)
    return Standing(position=0 if mine else first, wait=wait, progress=progress)


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
