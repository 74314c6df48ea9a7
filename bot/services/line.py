"""The line of waiting and running jobs: who stands where, and how long it will take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.capabilities import ProviderFacts
from bot.domain.job import JobState, RequestId, RequestRecord
from bot.domain.shapes import Model, Resolution
from bot.services.ports import Clock, Standing
from bot.store.database import Transaction
from bot.store.jobs import JobStore, LineEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Positions come from the table, times from how long past jobs of the same kind took."""

    jobs: JobStore
    facts: Mapping[str, ProviderFacts]
    clock: Clock

    async def standing(self, tx: Transaction, record: RequestRecord) -> Standing:
        """Where the request stands now."""
        entries = await self.jobs.line(tx, provider=record.provider)
        typical = await self.typical(tx, record.provider, record.request.model, record.request.shape.resolution)
        return standing_in(
            entries, record.id, typical=typical, concurrency=self.concurrency(record.provider), now=self.clock()
        )

    async def typical(self, tx: Transaction, provider: str, model: Model, resolution: Resolution) -> float:
        """Seconds that a picture usually takes there."""
        learned = await self.jobs.typical_seconds(tx, provider=provider, model=model, resolution=resolution)
        if learned is not None:
            return learned
        facts = self.facts.get(provider)
        return facts.typical_seconds if facts else 30.0

    async def usual(self, tx: Transaction, provider: str) -> float:
        """Seconds that the plainest picture usually takes there."""
        return await self.typical(tx, provider, Model.GEN4_IMAGE, Resolution.P720)

    def concurrency(self, provider: str) -> int:
        """How many tasks run at once there."""
        facts = self.facts.get(provider)
        return facts.concurrency if facts else 1


def standing_in(
    entries: Sequence[LineEntry], request_id: RequestId, *, typical: float, concurrency: int, now: float
) -> Standing:
    """The standing of a request in the line of its provider, given in the order the jobs will run."""
    running = [e for e in entries if e.state is not JobState.WAITING]
    waiting = [e for e in entries if e.state is JobState.WAITING]
    mine = [e for e in running if e.request_id == request_id]
    last = max((index for index, e in enumerate(waiting, 1) if e.request_id == request_id), default=0)
    first = min((index for index, e in enumerate(waiting, 1) if e.request_id == request_id), default=0)
    rounds = math.ceil((last + max(0, len(running) - concurrency)) / max(1, concurrency))
    left = max((_seconds_left(e, typical, now) for e in (mine if last == 0 else running)), default=0.0)
    progress = _mean([e.progress or 0.0 for e in mine]) if mine else None
    return Standing(position=0 if mine else first, wait=left + rounds * typical, progress=progress)


def _seconds_left(entry: LineEntry, typical: float, now: float) -> float:
    elapsed = max(0.0, now - (entry.started_at or now))
    if entry.progress and entry.progress > 0.1:
        return elapsed / entry.progress - elapsed
    return max(typical - elapsed, typical / 10)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
