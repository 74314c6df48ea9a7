"""Requests that lose their words and pictures but keep their place in the books, and pictures that nobody uses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, exists, select, union, update

from bot.store.database import Transaction
from bot.store.library import LibraryStore
from bot.store.personal import HOLDINGS, PICTURES, Kind, emptied
from bot.store.tables import (
    REMEMBERED,
    STILL_SHOWN,
    UNSETTLED,
    favourites,
    gallery,
    jobs,
    ledger,
    outputs,
    request_references,
    requests,
    saved_references,
    votes,
)

BATCH = 100
"""Requests of one transaction: a few milliseconds each, so that nobody waits for a long one."""

_unfinished = jobs.alias("unfinished")

SETTLED = (
    ~UNSETTLED,
    ~STILL_SHOWN,
    ~exists().where(_unfinished.c.request_id == requests.c.id, _unfinished.c.ended_at.is_(None)),
)
"""Requests that nothing is done about any more."""

_PEOPLE = {requests: ("user_id", "deleted_by"), jobs: ("user_id", "cancel_requested_by")}
_OF_LEDGER = ("user_id", "subject_id", "actor_id")


class ForgettingStore:
    """What forgetting changes. `LibraryStore` deletes the bytes of what is marked here."""

    def __init__(self, library: LibraryStore) -> None:
        self._library = library

    async def worded(self, tx: Transaction, *, before: float) -> list[int]:
        """The oldest requests from before then whose words are still kept; not those of anybody's favourites."""
        old = select(requests.c.id).where(REMEMBERED, requests.c.created_at < before, *SETTLED, ~_favoured())
        return [row.id for row in await tx.rows(old.order_by(requests.c.created_at).limit(BATCH))]

    async def forget_words(self, tx: Transaction, request_ids: Sequence[int], *, at: float) -> list[str]:
        """Empty requests of what was said and handed over; the pictures that nobody else uses are marked to go."""
        dropped = await self._drop(tx, request_references, request_ids)
        await self._empty(tx, request_ids, Kind.CONTENT, Kind.SECRET, forgotten_at=at)
        return await self.mark_free(tx, dropped)

    async def pictured(self, tx: Transaction, *, before: float) -> list[int]:
        """The oldest requests with pictures from before then; not those of anybody's favourites."""
        # Jobs are numbered in the order in which they were made: what is old stands first.
        oldest = (
            select(outputs.c.job_id)
            .join(jobs, jobs.c.id == outputs.c.job_id)
            .join(requests, requests.c.id == jobs.c.request_id)
            .where(~_favoured())
            .distinct()
            .order_by(outputs.c.job_id)
            .limit(BATCH)
            .subquery()
        )
        old = (
            select(jobs.c.request_id)
            .join(oldest, oldest.c.job_id == jobs.c.id)
            .join(requests, requests.c.id == jobs.c.request_id)
            .where(jobs.c.ended_at < before, *SETTLED)
        )
        return [row.request_id for row in await tx.rows(old.distinct())]

    async def forget_outputs(self, tx: Transaction, request_ids: Sequence[int]) -> list[str]:
        """Let the pictures of requests go; those that nobody else uses are marked."""
        return await self.mark_free(tx, await self._drop_outputs(tx, request_ids))

    async def erase(
        self, tx: Transaction, request_ids: Sequence[int], *, at: float, who: Collection[int] | None = None
    ) -> list[str]:
        """Leave of requests what the books need, under pseudonyms; the pictures that nobody else uses are marked.

        `who` are the people to give pseudonyms to; `None` for everyone who occurs.
        """
        dropped = await self._drop(tx, request_references, request_ids)
        dropped += await self._drop_outputs(tx, request_ids)
        await self._drop(tx, gallery, request_ids)
        await self._empty(tx, request_ids, Kind.CONTENT, Kind.SECRET, Kind.PLACE, forgotten_at=at)
        of_ledger = (ledger, of_requests(ledger, request_ids), _OF_LEDGER)
        for table, where, columns in (
            of_ledger,
            *((table, of_requests(table, request_ids), columns) for table, columns in _PEOPLE.items()),
        ):
            for column in columns:
                await give_pseudonyms(tx, table, column, where, who)
        return await self.mark_free(tx, dropped)

    async def mark_free(self, tx: Transaction, pictures: Collection[str]) -> list[str]:
        """Mark those of these pictures that nothing uses any more; the others wait for their time."""
        if not pictures:
            return []
        used = {row[0] for row in await tx.rows(_used(set(pictures)))}
        free = [sha256 for sha256 in dict.fromkeys(pictures) if sha256 not in used]
        # As if long ago: when this process ends now, the next look takes them, without waiting for anybody's first try.
        await self._library.mark_all(tx, free, at=0.0)
        return free

    async def _drop_outputs(self, tx: Transaction, request_ids: Sequence[int]) -> list[str]:
        """Pictures with what people think of them."""
        for table in (favourites, votes):
            await self._drop(tx, table, request_ids)
        return await self._drop(tx, outputs, request_ids)

    async def _drop(self, tx: Transaction, table: Table, request_ids: Sequence[int]) -> list[str]:
        return await drop_rows(tx, table, of_requests(table, request_ids))

    async def _empty(self, tx: Transaction, request_ids: Sequence[int], *kinds: Kind, forgotten_at: float) -> None:
        if values := emptied(jobs, *kinds):
            await tx.execute(update(jobs).where(of_requests(jobs, request_ids)).values(values))
        values = emptied(requests, *kinds) | {"forgotten_at": forgotten_at}
        await tx.execute(update(requests).where(of_requests(requests, request_ids)).values(values))


async def drop_rows(tx: Transaction, table: Table, where: ColumnElement[bool]) -> list[str]:
    """Delete rows; the hashes of the pictures that they named."""
    named = [table.c[name] for name in HOLDINGS[table.name].names(Kind.CONTENT) if name in PICTURES]
    pictures = [value for row in await tx.rows(select(*named).where(where)) for value in row] if named else []
    await tx.execute(delete(table).where(where))
    return [sha256 for sha256 in pictures if sha256 is not None]


async def give_pseudonyms(
    tx: Transaction, table: Table, name: str, where: ColumnElement[bool], who: Collection[int] | None
) -> None:
    """Put pseudonyms in place of people's ids in one column of some rows; of everyone's without `who`."""
    column = table.c[name]
    is_person = HOLDINGS[table.name].is_person(column)
    if who is None:
        found = await tx.rows(select(column).distinct().where(where, is_person, column > 0))
        who = [row[0] for row in found]
    for user_id in who:
        changed = update(table).where(where, is_person, column == user_id)
        await tx.execute(changed.values({name: await tx.pseudonym(user_id)}))


def of_requests(table: Table, request_ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether a row of requests, or of what belongs to them, is of one of these."""
    if table is requests:
        return requests.c.id.in_(request_ids)
    if "request_id" in table.c:
        return table.c.request_id.in_(request_ids)
    return table.c.job_id.in_(select(jobs.c.id).where(jobs.c.request_id.in_(request_ids)))


def _favoured() -> ColumnElement[bool]:
    """Whether a picture of a request is somebody's favourite."""
    made = jobs.alias("made")
    return exists().where(made.c.request_id == requests.c.id, favourites.c.job_id == made.c.id)


def _used(sha256s: Collection[str]) -> Any:
    """Those of these pictures that something uses."""
    columns = (saved_references.c.sha256, saved_references.c.preview, outputs.c.sha256, request_references.c.sha256)
    return union(*(select(column).where(column.in_(sha256s)) for column in columns))
