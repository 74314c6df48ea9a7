"""Servers that the bot left, as rows, and forgetting what they chose and made when their time of grace is over."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, delete, exists, select, union
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.job import NO_GUILD
from bot.domain.library import Scope
from bot.store.database import Transaction
from bot.store.erasures import LOCK
from bot.store.forgetting import BATCH, SETTLED, ForgettingStore, drop_rows, give_pseudonyms
from bot.store.personal import held
from bot.store.tables import departures, guild_settings, ledger, quota_rules, requests, saved_references


class DepartureStore:
    """The table of departures, and what follows from it."""

    def __init__(self, forgetting: ForgettingStore) -> None:
        self._forgetting = forgetting

    async def left(self, tx: Transaction, guild_ids: Collection[int], *, at: float) -> None:
        """The bot is no member of these servers any more; of several moments, the first one is kept."""
        insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
        for guild_id in guild_ids:
            values = {"guild_id": guild_id, "left_at": at}
            await tx.execute(insert(departures).values(values).on_conflict_do_nothing(index_elements=["guild_id"]))

    async def joined(self, tx: Transaction, guild_ids: Collection[int]) -> list[int]:
        """The bot is a member of these servers; those of them that it had left."""
        known = [row.guild_id for row in await tx.rows(select(departures.c.guild_id))]
        back = [guild_id for guild_id in known if guild_id in set(guild_ids)]
        if back:
            await tx.execute(delete(departures).where(departures.c.guild_id.in_(back)))
        return back

    async def is_left(self, tx: Transaction, guild_id: int) -> bool:
        """Whether the bot left this server."""
        return bool(await tx.scalar(select(exists().where(departures.c.guild_id == guild_id))))

    async def known(self, tx: Transaction) -> list[int]:
        """Every server of which anything is kept that would go."""
        server = saved_references.c.scope == Scope.SERVER
        everywhere = union(
            select(requests.c.guild_id).where(requests.c.user_id > 0, requests.c.guild_id != NO_GUILD),
            select(guild_settings.c.guild_id),
            select(quota_rules.c.guild_id),
            select(saved_references.c.owner_id).where(server),
        )
        return [row[0] for row in await tx.rows(everywhere)]

    async def over(self, tx: Transaction, *, before: float) -> list[int]:
        """The servers that the bot left before then, the longest first."""
        left = select(departures.c.guild_id).where(departures.c.left_at < before)
        return [row.guild_id for row in await tx.rows(left.order_by(departures.c.left_at))]

    async def forget(self, tx: Transaction, guild_id: int, *, at: float) -> list[str]:
        """Forget the next part of what is kept of a server; the pictures that can go.

        Safe to repeat; nothing happens when the bot has come back meanwhile.
        """
        await tx.lock(LOCK)
        if not await self.is_left(tx, guild_id):
            return []
        here = (requests.c.guild_id == guild_id, requests.c.user_id > 0)
        due = select(requests.c.id).where(*here, *SETTLED).order_by(requests.c.id).limit(BATCH)
        request_ids = [row.id for row in await tx.rows(due)]
        pictures = await self._forgetting.erase(tx, request_ids, at=at) if request_ids else []
        if len(request_ids) == BATCH:
            return pictures
        pictures += await self._forgetting.mark_free(tx, await self._rest(tx, guild_id))
        if not await tx.scalar(select(exists().where(*here))):
            await tx.execute(delete(departures).where(departures.c.guild_id == guild_id))
        return pictures

    async def _rest(self, tx: Transaction, guild_id: int) -> list[str]:
        """What is not with requests: the server's choices, rules, trail and references."""
        for table, holding in held():
            if holding.leaves:
                await tx.execute(delete(table).where(table.c.guild_id == guild_id))
        for name in ("user_id", "subject_id", "actor_id"):
            given = and_(ledger.c.guild_id == guild_id, ledger.c.job_id.is_(None))
            await give_pseudonyms(tx, ledger, name, given, None)
        saved = and_(saved_references.c.scope == Scope.SERVER, saved_references.c.owner_id == guild_id)
        return await drop_rows(tx, saved_references, saved)
