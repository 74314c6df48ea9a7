"""What the store says after everything, read from outside the bot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from bot.domain.job import JobState, RequestId, RequestRecord
from bot.domain.ledger import EntryKind
from bot.domain.money import Money
from bot.store.database import Database, Transaction
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore
from bot.store.tables import requests


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


async def read_books(url: str) -> Books:
    """The books of a database."""

    async def look(tx: Transaction) -> Books:
        ids = [row.id for row in await tx.rows(select(requests.c.id).order_by(requests.c.id))]
        return Books(
            requests=[await RequestStore().get(tx, RequestId(each)) for each in ids],
            totals=await Ledger().totals(tx),
            wrong=await Ledger().verify(tx),
        )

    async with Database.open(url) as database:
        return await database.read(look)
