"""People who may not ask for pictures in a server, as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select

from bot.domain.rules import Block
from bot.store.database import Transaction
from bot.store.tables import blocked_users


class BlockStore:
    """The table of blocked people."""

    async def put(self, tx: Transaction, guild_id: int, block: Block) -> None:
        """Block a person, or note another reason for one who is."""
        await self.remove(tx, guild_id, block.user_id)
        values = {
            "guild_id": guild_id,
            "user_id": block.user_id,
            "reason": block.reason,
            "blocked_by": block.blocked_by,
            "blocked_at": block.blocked_at,
        }
        await tx.execute(insert(blocked_users).values(values))

    async def get(self, tx: Transaction, guild_id: int, user_id: int) -> Block | None:
        """The person's block, if there is one; one from before they had their data deleted counts."""
        found = await tx.first(select(blocked_users).where(*await _mine(tx, guild_id, user_id)))
        return None if found is None else replace(_block(found), user_id=user_id)

    async def remove(self, tx: Transaction, guild_id: int, user_id: int) -> bool:
        """Let the person ask again; whether they were blocked."""
        dropped = await tx.execute(delete(blocked_users).where(*await _mine(tx, guild_id, user_id)))
        return dropped.rowcount > 0

    async def latest(self, tx: Transaction, guild_id: int, *, limit: int) -> list[Block]:
        """The people blocked last, newest first."""
        newest = (
            select(blocked_users)
            .where(blocked_users.c.guild_id == guild_id)
            .order_by(blocked_users.c.blocked_at.desc(), blocked_users.c.user_id)
            .limit(limit)
        )
        return [_block(row) for row in await tx.rows(newest)]


async def _mine(tx: Transaction, guild_id: int, user_id: int) -> tuple[ColumnElement[bool], ...]:
    return blocked_users.c.guild_id == guild_id, blocked_users.c.user_id.in_(await tx.ids_of(user_id))


def _block(row: Row[Any]) -> Block:
    return Block(user_id=row.user_id, reason=row.reason, blocked_by=row.blocked_by, blocked_at=row.blocked_at)
