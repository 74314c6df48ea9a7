"""Putting a row in place of an earlier one with the same key, in both dialects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.database import Transaction


async def upsert(tx: Transaction, table: Table, values: dict[str, Any]) -> None:
    """Insert the row, or replace the other columns of the one with the same primary key."""
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    if tx.dialect == "postgresql":
        await tx.execute(postgresql.insert(table).values(values).on_conflict_do_update(index_elements=keys, set_=rest))
    else:
        await tx.execute(sqlite.insert(table).values(values).on_conflict_do_update(index_elements=keys, set_=rest))
