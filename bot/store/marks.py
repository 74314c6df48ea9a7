"""Small facts that the bot remembers about itself from one start to the next."""

from __future__ import annotations

from sqlalchemy import select

from bot.store.database import Transaction
from bot.store.tables import marks
from bot.store.upsert import upsert


class MarkStore:
    """The table of marks."""

    async def get(self, tx: Transaction, name: str) -> str | None:
        """The mark, if there is one."""
        return await tx.scalar(select(marks.c.value).where(marks.c.name == name))

    async def put(self, tx: Transaction, name: str, value: str) -> None:
        """Remember a mark in place of an earlier one."""
        await upsert(tx, marks, {"name": name, "value": value})
