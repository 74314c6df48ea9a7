"""How a database stands: whether its file is whole, its rows belong together, its sums are right."""

from __future__ import annotations

import sqlite3

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.store.database import Transaction
from bot.store.ledger import Ledger

FIXED_WAL = (3, 51, 3)
"""The SQLite version from which several connections cannot corrupt a WAL (sqlite.org/wal.html#walresetbug)."""

_SHOWN = 20
"""Findings of one kind that are listed."""


async def damage(tx: Transaction) -> list[str]:
    """What SQLite finds wrong with its file; nothing for another database, which looks after itself."""
    if tx.dialect != "sqlite":
        return []
    found = [str(row[0]) for row in await tx.rows(text(f"PRAGMA quick_check({_SHOWN})"))]
    return [line for line in found if line != "ok"]


async def faults(tx: Transaction, *, sums: bool = True) -> list[str]:
    """All that is wrong with a database: pages and indexes, rows without the row they belong to, sums of the ledger.

    Without `sums` the tables may be those of an older version. A database that is broken in itself is not added up.
    """
    if tx.dialect == "sqlite":
        try:
            found = [str(row[0]) for row in await tx.rows(text(f"PRAGMA integrity_check({_SHOWN})"))]
        except DBAPIError as error:
            return [f"the file is damaged: {error.orig}"]
        broken = [f"the file is damaged: {line}" for line in found if line != "ok"]
        orphans = [tuple(row) for row in await tx.rows(text("PRAGMA foreign_key_check"))][:_SHOWN]
        broken += [f"row {row} of {of} belongs to a row of {to} that is not there" for of, row, to, _ in orphans]
        if broken:
            return broken
    return await Ledger().verify(tx) if sums else []


def sqlite_version() -> tuple[str, bool]:
    """The version of SQLite in use, and whether several connections at once would be safe with it."""
    return sqlite3.sqlite_version, sqlite3.sqlite_version_info >= FIXED_WAL
