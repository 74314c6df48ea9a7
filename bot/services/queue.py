"""The line as people see it: what runs, what waits, for whom, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.job import RequestId
from bot.services.line import Line, Lineup
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

        async def load(tx: Transaction) -> tuple[list[LineEntry], dict[str, float]]:
            entries = await self.jobs.line(tx)
            return entries, {name: await self.line.usual(tx, name) for name in {entry.provider for entry in entries}}

        entries, typical = await self.database.read(load)
        lineup = Lineup.of(entries, now=self.clock())
        return [
            QueueRow(
                user_id=entry.user_id,
                guild_id=entry.guild_id,
                standing=lineup.at(entry.provider).standing(
                    request_id, typical=typical[entry.provider], concurrency=self.line.concurrency(entry.provider)
                ),
            )
            for request_id, entry in _in_order(entries).items()
        ]


def _in_order(entries: list[LineEntry]) -> dict[RequestId, LineEntry]:
    """The first entry of each request, as they stand in the line."""
    first: dict[RequestId, LineEntry] = {}
    for entry in entries:
        first.setdefault(entry.request_id, entry)
    return first
