"""What servers' log channels are to be told: noted with the change itself, so that none is without the other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.guild import GuildSettings
from bot.domain.job import NO_GUILD, RequestRecord
from bot.domain.server_log import LogKind
from bot.services.ports import Clock
from bot.store.database import Transaction
from bot.store.guilds import GuildStore
from bot.store.server_log import ServerLogStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLog:
    """For everyone's transactions; `bot.services.telling` posts what was noted."""

    guilds: GuildStore
    entries: ServerLogStore
    clock: Clock
    noted: asyncio.Event

    async def note(
        self,
        tx: Transaction,
        *,
        guild_id: int,
        kind: LogKind,
        values: Mapping[str, object],
        settings: GuildSettings | None = None,
        mark: str | None = None,
    ) -> None:
        """Have an entry posted once the transaction is kept; nothing where the server chose no log channel.

        Entries with the same `mark` are posted once in a server. `settings` are the server's, where they are at hand.
        """
        settings = settings or await self.guilds.get(tx, guild_id)
        if settings.log_channel is None:
            return
        await self.entries.add(tx, guild_id=guild_id, kind=kind, values=values, at=self.clock(), mark=mark)
        self.noted.set()

    async def note_result(self, tx: Transaction, record: RequestRecord) -> None:
        """Have it told that a result was posted, where the server wants that."""
        guild_id = record.requester.guild_id
        if guild_id == NO_GUILD:
            return
        settings = await self.guilds.get(tx, guild_id)
        if settings.log_results:
            values, mark = {"request": record.id}, f"result:{record.id}"
            await self.note(tx, guild_id=guild_id, kind=LogKind.RESULT, values=values, settings=settings, mark=mark)
