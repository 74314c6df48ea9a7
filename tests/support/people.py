"""People of whom every table holds something, made from the schema: each column holds what its kind says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Double, Table, Text, insert, select

from bot.store.blobs import Blobs, name_of
from bot.store.columns import Words
from bot.store.database import Transaction
from bot.store.personal import PICTURES, Kind, held
from bot.store.tables import metadata, secrets

CHOSEN: dict[str, Any] = {
    "requests.delivery": "delivered",
    "requests.deleted_at": None,
    "requests.taken_down_at": None,
    "requests.forgotten_at": None,
    "requests.parent_id": None,
    "requests.ratio": "16:9",
    "requests.resolution": "720p",
    "requests.exact_size": None,
    "requests.model": "gen4_image",
    "requests.size": "1280:720",
    "requests.action": "imagine",
    "requests.place_kind": "channel",
    "requests.provider": "sketch",
    "requests.notes": "[]",
    "jobs.state": "succeeded",
    "jobs.owner": None,
    "jobs.leased_until": None,
    "jobs.size": "1280:720",
    "jobs.notes": "[]",
    "ledger.kind": "hold",
    "ledger.source": "window",
    "quota_rules.unit": "images",
    "quota_rules.per": "day",
    "server_log.kind": "change",
    "guild_settings.settings": "{}",
    "votes.owner_id": 5,
}
"""What stands in columns that take only certain values."""

NOBODYS = frozenset({"erasures", "departures", "dropped_pictures", "spending", "marks", "secrets"})
"""Tables that are filled by what is tested, or hold nothing of people."""


@dataclass
class Someone:
    """A person: their number tells them apart, `words` are all tokens that stand for something of them."""

    number: int
    words: dict[str, str] = field(default_factory=dict[str, str])
    hidden: dict[str, str] = field(default_factory=dict[str, str])
    pictures: dict[str, bytes] = field(default_factory=dict[str, bytes])

    @property
    def id(self) -> int:
        """As Discord numbers people."""
        return 700_000_000_000_000_000 + self.number

    @property
    def row(self) -> int:
        """The number of each row of theirs."""
        return 40 + self.number

    def word(self, column: Column[Any]) -> str:
        """A word that stands in this column and nowhere else."""
        return f"{column.table.name}-{column.name}-of-{self.number}"

    async def settle_in(self, tx: Transaction) -> None:
        """Put a row of theirs into every table that can have one."""
        for table, holding in held():
            if table.name in NOBODYS:
                continue
            values = {
                column.name: self.value(column, holding.kinds[column.name], holding.only) for column in table.columns
            }
            await tx.execute(insert(table).values(values))

    async def keep_pictures(self, blobs: Blobs) -> None:
        """Put the bytes of their pictures where they belong."""
        for content in self.pictures.values():
            await blobs.put(content)

    def value(self, column: Column[Any], kind: Kind, only: dict[str, tuple[str, str]] | Any) -> Any:
        """What stands in a column."""
        name = f"{column.table.name}.{column.name}"
        if name in CHOSEN:
            return CHOSEN[name]
        for other, wanted in only.values():
            if other == column.name:
                return wanted
        match kind:
            case Kind.PERSON:
                return self.id
            case Kind.PEOPLE:
                return self.among(column.name)
            case Kind.PLACE:
                self.words[name] = str(self.id + 1000 * len(self.words) + 5000)
                return int(self.words[name])
            case Kind.CONTENT | Kind.SECRET:
                return self.content(column, kind)
            case Kind.PLAIN:
                return self.plain(column)

    def among(self, name: str) -> str:
        """Themselves, where people stand among other values."""
        if name == "subject":
            return f"user:{self.id}"
        if name == "deeds":
            return json.dumps([["block", self.id]])
        return json.dumps({"actor_id": self.id, "by": self.id, "nested": {"requester": self.id}, "amount": 3})

    def content(self, column: Column[Any], kind: Kind) -> Any:
        """A word, or the hash of a picture."""
        name, word = f"{column.table.name}.{column.name}", self.word(column)
        if column.name in PICTURES or name == "copies.source":
            of = "request_references.sha256" if column.table.name in {"copies", "uploads"} else name
            self.pictures[of] = of.encode() + bytes([self.number])
            sha256 = name_of(self.pictures[of])
            self.words[name] = sha256
            return sha256
        if not isinstance(column.type, Text | Words):
            return 0.5 if isinstance(column.type, Double) else 7
        (self.hidden if kind is Kind.SECRET else self.words)[name] = word
        return json.dumps({"prompt": word, "token": f"{word}-token"}) if name == "drafts.payload" else word

    def plain(self, column: Column[Any]) -> Any:
        """Whatever the type takes; what other rows are named by is the same for all of a person's rows."""
        if column.name == "guild_id":
            return 10 + self.number if column.primary_key else 10
        if column.foreign_keys or column.name in {"request_id", "job_id"}:
            return self.row
        if isinstance(column.type, Text | Words):
            return f"plain-{self.number}"
        if isinstance(column.type, Double):
            return 2.0
        return self.row if column.name == "id" else 1


async def dump(tx: Transaction) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but for the key."""
    return {table.name: await _rows(tx, table) for table in metadata.sorted_tables if table is not secrets}


async def _rows(tx: Transaction, table: Table) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in await tx.rows(select(table).order_by(*table.primary_key.columns))]


def texts(value: Any) -> Iterator[str]:
    """Every value in rows, as text."""
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    else:
        yield str(value)
