"""What the store says after everything, read from outside the bot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from bot.domain.job import JobState, RequestRecord
from bot.domain.ledger import EntryKind
from bot.domain.money import Money
from bot.store.database import Database, Transaction
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore
from bot.store.tables import requests

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the store says after everything: requests, sums by kind of entry, and what is wrong with the ledger."""

    requests: list[RequestRecord]
    totals: Mapping[EntryKind, tuple[int, Money]]
    wrong: list[str]

    @property
    def states(self) -> list[JobState]:
        """The state of every job."""
        return [job.state for record in self.requests for job in record.jobs]


class Archive:
    """A database that is opened anew for each look, and closed again: it belongs to the bot."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def books(self) -> Books:
        """The books as they stand."""
        return await self.read(_look)

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Read something else."""
        async with Database.open(self._url) as database:
            return await database.read(work)


async def _look(tx: Transaction) -> Books:
    return Books(
        requests=await RequestStore()._all(tx, select(requests).order_by(requests.c.id)),
        totals=await Ledger().totals(tx),
        wrong=await Ledger().verify(tx),
    )
