"""A whole database as lines of JSON, for other programs and for looking at."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select

from bot.store.database import Transaction
from bot.store.tables import metadata

FORMAT = "atelier-export"
VERSION = 1

_LEFT_OUT = {("requests", "interaction_token")}
_LEFT_OUT_TABLES = {"drafts", "secrets"}
"""What answers an interaction is good for fifteen minutes and lets anybody answer it, so it stays here; so does the key
that tells whom a pseudonym stands for."""


async def exported(tx: Transaction, *, revision: str) -> AsyncIterator[str]:
    """A first line that says what this is, then a line for each row, tables in an order in which they can be filled."""
    tables = [table for table in metadata.sorted_tables if table.name not in _LEFT_OUT_TABLES]
    names = [table.name for table in tables]
    yield _line({"format": FORMAT, "version": VERSION, "revision": revision, "tables": names})
    for table in tables:
        columns = [each for each in table.columns if (table.name, each.name) not in _LEFT_OUT]
        names_of = [each.name for each in columns]
        async for row in tx.stream(select(*columns).order_by(*table.primary_key.columns)):
            yield _line({"table": table.name, "row": dict(zip(names_of, row, strict=True))})


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)
