"""Everything that the database holds of one person, by table, and nothing of anybody else."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, or_, select

from bot.domain.privacy import renamed, renamed_deeds, renamed_subject
from bot.store.database import Transaction
from bot.store.personal import PICTURES, Holding, Kind, held, own

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is held of a person: rows by table, and the hashes of their pictures, the latest ones first."""

    tables: dict[str, Rows]
    pictures: tuple[str, ...]


class HoldingStore:
    """Reads rows that are a person's own whole, and of others' rows only that the person is named there.

    What the person had deleted before is theirs too. Ids of other people, and their words, are left out, and so is what
    opens something to whoever knows it.
    """

    async def of(self, tx: Transaction, user_id: int) -> Held:
        """What there is."""
        ids = await tx.ids_of(user_id)
        tables: dict[str, Rows] = {}
        pictures: list[str] = []
        for table, holding in held():
            if holding.pictured:
                continue
            rows = [*await self._own(tx, table, holding, ids), *await self._named(tx, table, holding, ids)]
            pictures += [value for row in rows for name, value in row.items() if name in PICTURES and value]
            if rows:
                tables[table.name] = rows
        for table, holding in held():
            if holding.pictured and pictures:
                pictured = await _rows(tx, table, table.c.sha256.in_(set(pictures)))
                if pictured:
                    tables[table.name] = [_shown(row, holding, ids) for row in pictured]
        return Held(tables=tables, pictures=tuple(dict.fromkeys(reversed(pictures))))

    async def _own(self, tx: Transaction, table: Table, holding: Holding, ids: Collection[int]) -> Rows:
        mine = own(table, ids)
        return [] if mine is None else [_shown(row, holding, ids) for row in await _rows(tx, table, mine)]

    async def _named(self, tx: Transaction, table: Table, holding: Holding, ids: Collection[int]) -> Rows:
        """Rows of others or of a server that name the person."""
        people = [table.c[name] for name in holding.names(Kind.PERSON)]
        named = [and_(column.in_(ids), holding.is_person(column)) for column in people]
        named += [table.c[name].contains(str(each)) for name in holding.names(Kind.PEOPLE) for each in ids]
        if not named:
            return []
        mine = own(table, ids)
        where = or_(*named) if mine is None else and_(or_(*named), ~mine)
        found = (_mention(row, table, holding, ids) for row in await _rows(tx, table, where))
        return [row for row in found if row is not None]


async def _rows(tx: Transaction, table: Table, where: ColumnElement[bool]) -> list[Row[Any]]:
    return await tx.rows(select(table).where(where).order_by(*table.primary_key.columns))


def _shown(row: Row[Any], holding: Holding, ids: Collection[int]) -> dict[str, Any]:
    """A row of the person's own."""
    values = dict(row._mapping)  # pyright: ignore[reportPrivateUsage] - SQLAlchemy's public name for it
    me = next(iter(ids))
    for name in holding.names(Kind.SECRET):
        del values[name]
    for name in holding.names(Kind.PERSON):
        values[name] = me if values[name] in ids else None
    for name in holding.names(Kind.PEOPLE):
        values[name], _ = _among(name, values[name], ids)
    if "payload" in values:
        values["payload"] = _without_token(values["payload"])
    return values


def _mention(row: Row[Any], table: Table, holding: Holding, ids: Collection[int]) -> dict[str, Any] | None:
    """That the person is named in a row of somebody else; `None` when they are not."""
    values = dict(row._mapping)  # pyright: ignore[reportPrivateUsage] - SQLAlchemy's public name for it
    shown = {name: values[name] for name in _keys(table)}
    hit = False
    for name in holding.names(Kind.PERSON):
        column = holding.only.get(name)
        if values[name] in ids and (column is None or values[column[0]] == column[1]):
            shown[name], hit = next(iter(ids)), True
    for name in holding.names(Kind.PEOPLE):
        among, found = _among(name, values[name], ids)
        if found:
            shown[name], hit = among, True
    return shown if hit else None


def _keys(table: Table) -> Iterator[str]:
    """What tells a row apart, and where and when it was."""
    yield from (column.name for column in table.primary_key)
    yield from (name for name in ("guild_id", "kind", "action", "created_at") if name in table.c)


def _among(name: str, text: str | None, ids: Collection[int]) -> tuple[Any, bool]:
    """Structured values in which everybody else is 0, and whether the person is named in them."""
    hits: list[int] = []
    me = next(iter(ids))

    def rename(each: int) -> int:
        if each in ids:
            hits.append(each)
            return me
        return 0

    if text is None:
        return None, False
    if name == "subject":
        return renamed_subject(text, rename), bool(hits)
    values = json.loads(text)
    if name == "deeds":
        return renamed_deeds(values, rename), bool(hits)
    mine = values.get("by") in ids
    return {key: value for key, value in renamed(values, rename).items() if key != "reason" or mine}, bool(hits)


def _without_token(payload: str) -> dict[str, Any] | None:
    """A draft without what answers its interaction."""
    return {key: value for key, value in json.loads(payload).items() if key != "token"} if payload else None
