"""Deletions that people ask for, as rows: begun in one transaction, gone on with in others until nothing is left."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, and_, delete, exists, func, literal, or_, select, true, update

from bot.domain.privacy import Extent, renamed, renamed_deeds, renamed_subject, without_words
from bot.store.database import Transaction
from bot.store.forgetting import BATCH, SETTLED, ForgettingStore, drop_rows, give_pseudonyms
from bot.store.personal import HOLDINGS, Kind, emptied, held, own
from bot.store.tables import ACTIVE, UNSETTLED, erasures, jobs, ledger, outputs, requests, saved_references
from bot.store.upsert import upsert

LOCK = 6
"""Advisory lock under which processes forget one after the other; no Discord id is this small."""

NAMING = tuple(table for table, holding in held() if table is not erasures and holding.names(Kind.PERSON, Kind.PEOPLE))
"""Tables that name people. Each is looked through in a transaction of its own: some are long."""

_WITH_REQUESTS = frozenset({"requests", "request_references", "jobs", "outputs"})
"""Tables whose rows go on with their request, batch by batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What one transaction did: whether anything, which pictures' bytes can go, and whether no request is left."""

    any: bool
    pictures: list[str]
    over: bool


class ErasureStore:
    """Deletes everything of a person but the sums; everything is safe to repeat."""

    def __init__(self, forgetting: ForgettingStore) -> None:
        self._forgetting = forgetting

    async def extent(self, tx: Transaction, user_id: int) -> Extent:
        """What a deletion would be about."""
        mine = requests.c.user_id == user_id
        made = select(func.count()).select_from(outputs).join(jobs, jobs.c.id == outputs.c.job_id)
        active = exists().where(jobs.c.request_id == requests.c.id, ACTIVE)
        saved = and_(saved_references.c.scope == "me", saved_references.c.owner_id == user_id)
        counts = [
            select(func.count()).select_from(requests).where(mine),
            made.where(jobs.c.user_id == user_id),
            select(func.count()).select_from(saved_references).where(saved),
            select(func.count()).select_from(requests).where(mine, or_(UNSETTLED, active)),
        ]
        found = [int(await tx.scalar(count)) for count in counts]
        return Extent(requests=found[0], pictures=found[1], references=found[2], unfinished=found[3])

    async def begin(self, tx: Transaction, user_id: int, *, at: float) -> list[str]:
        """Write down that everything of a person up to now goes, and delete what is not with their requests."""
        await tx.lock(LOCK)
        last = await tx.scalar(select(func.max(requests.c.id)).where(requests.c.user_id == user_id))
        await upsert(tx, erasures, {"user_id": user_id, "up_to": last or 0, "asked_at": at})
        dropped: list[str] = []
        for table, holding in held():
            if table.name in _WITH_REQUESTS or table is erasures:
                continue
            mine = own(table, [user_id])
            if mine is not None and holding.goes:
                dropped += await drop_rows(tx, table, mine)
            elif mine is not None and (values := emptied(table, Kind.CONTENT, Kind.SECRET, Kind.PLACE)):
                await tx.execute(update(table).where(mine).values(values))
        return await self._forgetting.mark_free(tx, dropped)

    async def rename(self, tx: Transaction, table: Table, user_id: int) -> None:
        """Put the pseudonym in place of a person's id in a table, but where batches do so with their requests."""
        await tx.lock(LOCK)
        holding = HOLDINGS[table.name]
        for name in holding.names(Kind.PERSON):
            if table.name in _WITH_REQUESTS and name == holding.owner:
                continue
            where = true() if table is not ledger or name == "actor_id" else ledger.c.job_id.is_(None)
            await give_pseudonyms(tx, table, name, where, [user_id])
        for name in holding.names(Kind.PEOPLE):
            await _rename_among(tx, table, table.c[name], user_id)

    async def under_way(self, tx: Transaction) -> list[int]:
        """The people whose deletion is not finished, the longest first."""
        return [row.user_id for row in await tx.rows(select(erasures.c.user_id).order_by(erasures.c.asked_at))]

    async def go_on(self, tx: Transaction, user_id: int, *, at: float) -> Progress:
        """Delete the next part of what is with a person's requests; once that is over, names are left, and `finish`."""
        await tx.lock(LOCK)
        up_to = await tx.scalar(select(erasures.c.up_to).where(erasures.c.user_id == user_id))
        if up_to is None:
            return Progress(any=False, pictures=[], over=False)
        mine = (requests.c.user_id == user_id, requests.c.id <= up_to)
        due = select(requests.c.id).where(*mine, *SETTLED).order_by(requests.c.id).limit(BATCH)
        request_ids = [row.id for row in await tx.rows(due)]
        pictures = await self._forgetting.erase(tx, request_ids, at=at, who=[user_id]) if request_ids else []
        over = not await tx.scalar(select(exists().where(*mine)))
        return Progress(any=bool(request_ids), pictures=pictures, over=over)

    async def finish(self, tx: Transaction, user_id: int) -> None:
        """Nothing is left to do."""
        await tx.execute(delete(erasures).where(erasures.c.user_id == user_id))


async def _rename_among(tx: Transaction, table: Table, column: Column[Any], user_id: int) -> None:
    """Put the pseudonym in place of a person's id where it stands among other values."""
    pseudonym, keys = await tx.pseudonym(user_id), list(table.primary_key.columns)

    def rename(each: int) -> int:
        return pseudonym if each == user_id else each

    named = column.contains(str(user_id), autoescape=True)
    for row in await tx.rows(select(*keys, column.label("text")).where(named)):
        text = _changed(column.name, row.text, rename, user_id)
        if text != row.text:
            this = (key == value for key, value in zip(keys, row, strict=False))
            await tx.execute(update(table).where(*this).values({column.name: literal(text)}))


def _changed(name: str, text: str, rename: Callable[[int], int], user_id: int) -> str:
    if name == "subject":
        return renamed_subject(text, rename)
    values = json.loads(text)
    if name == "deeds":
        return json.dumps(renamed_deeds(values, rename))
    return json.dumps(renamed(without_words(values, user_id), rename))
