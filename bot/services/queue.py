"""The line as people see it: what runs, what waits, for whom, and for how long."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bot.domain.job import JobState, RequestId
from bot.services.line import Line, standing_in
from bot.services.ports import Clock, Standing
from bot.store.database import Database, Transaction
from bot.store.jobs import JobStore, LineEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One request in the line."""

    user_id: int
    guild_id: int
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueService:
    """Reads the whole line; the screen decides how much of it a person sees."""

    database: Database
    jobs: JobStore
    line: Line
    clock: Clock

    async def rows(self) -> list[QueueRow]:
        """Running requests first, then waiting ones in the order in which they will run."""

        async def load(tx: Transaction) -> list[QueueRow]:
            entries = await self.jobs.line(tx)
            typical = {
                provider: await self.line.usual(tx, provider) for provider in {entry.provider for entry in entries}
            }
            return [self._row(entries, request_id, typical) for request_id in _in_order(entries)]

        return await self.database.read(load)

    def _row(self, entries: list[LineEntry], request_id: RequestId, typical: dict[str, float]) -> QueueRow:
        entry = next(entry for entry in entries if entry.request_id == request_id)
        same = [other for other in entries if other.provider == entry.provider]
        standing = standing_in(
            same,
            request_id,
            typical=typical[entry.provider],
            concurrency=self.line.concurrency(entry.provider),
            now=self.clock(),
        )
        return QueueRow(user_id=entry.user_id, guild_id=entry.guild_id, standing=standing)


def _in_order(entries: list[LineEntry]) -> list[RequestId]:
    running = [entry.request_id for entry in entries if entry.state is not JobState.WAITING]
    waiting = [entry.request_id for entry in entries if entry.state is JobState.WAITING]
    return list(Counter([*running, *waiting]))
