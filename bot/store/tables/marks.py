"""Small facts that outlive a process."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bot.store.tables.base import STRICT, metadata

marks = Table(
    "marks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    **STRICT,
)
