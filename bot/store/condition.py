"""How a database stands: whether its file is whole, and which revision this code wants."""

from __future__ import annotations

import sqlite3

from sqlalchemy import text

from bot.store.database import Transaction

FIXED_WAL = (3, 51, 3)
"""The SQLite version from which several connections cannot corrupt a WAL (sqlite.org/wal.html#walresetbug)."""


async def damage(tx: Transaction) -> list[str]:
    """What SQLite finds wrong with its file; nothing for another database, which looks after itself."""
    if tx.dialect != "sqlite":
        return []
    found = [str(row[0]) for row in await tx.rows(text("PRAGMA quick_check(20)"))]
    return [line for line in found if line != "ok"]


def sqlite_version() -> tuple[str, bool]:
    """The version of SQLite in use, and whether several connections at once would be safe with it."""
    return sqlite3.sqlite_version, sqlite3.sqlite_version_info >= FIXED_WAL
