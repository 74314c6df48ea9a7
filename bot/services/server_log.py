"""Telling a server's log channel what happened: noted with the change itself, posted until Discord has it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.domain.errors import DeliveryFailed
from bot.domain.guild import GuildSettings
from bot.domain.server_log import LogEntry, LogKind
from bot.services.ports import Clock
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore
from bot.store.server_log import ServerLogStore

log = logging.getLogger(__name__)

LOOK_AGAIN = 5.0
"""Seconds between two looks for entries, when nobody says that there is one."""

LEASE = 60.0
GIVE_UP_AFTER = 24 * 3600.0
KEPT = 40 * 24 * 3600.0
"""Seconds that a told entry is kept: longer than a month, so that a month's marks hold."""


class LogPoster(Protocol):
    """Posts entries to one chat system."""

    async def post_entry(self, channel_id: int, entry: LogEntry) -> None:
        """Post it; repeated within minutes of a first try nothing more appears.

        Raises:
            DeliveryFailed: the channel is gone or closed, or Discord cannot be reached now (`retry`).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLog:
    """`note` is for everyone's transactions; `keep` is run once in each process that can post."""

    database: Database
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

    async def keep(self, poster: LogPoster) -> None:
        """Post what was noted, for as long as the process runs."""
        while True:
            self.noted.clear()
            try:
                while await self.post_due(poster):
                    pass
            except Exception:
                log.exception("telling the log channels failed; it is tried again")
            try:
                await asyncio.wait_for(self.noted.wait(), LOOK_AGAIN)
            except TimeoutError:
                continue

    async def post_due(self, poster: LogPoster) -> int:
        """Post the entries that are due, in their order; how many were taken up."""

        async def any_due(tx: Transaction) -> bool:
            return await self.entries.any_due(tx, now=self.clock())

        async def take(tx: Transaction) -> list[LogEntry]:
            now = self.clock()
            await self.entries.purge(tx, before=now - KEPT)
            return await self.entries.take(tx, now=now, lease=LEASE)

        if not await self.database.read(any_due):
            return 0
        taken = await self.database.write(take)
        for entry in taken:
            await self._post(poster, entry)
        return len(taken)

    async def _post(self, poster: LogPoster, entry: LogEntry) -> None:
        settings = await self.database.read(lambda tx: self.guilds.get(tx, entry.guild_id))
        again: float | None = None
        if settings.log_channel is not None:
            try:
                await poster.post_entry(settings.log_channel, entry)
            except DeliveryFailed as error:
                waited = self.clock() - entry.created_at
                if error.retry and waited < GIVE_UP_AFTER:
                    again = min(300.0, max(2.0, waited))
                log.warning("server %s: its log channel was not told: %s", entry.guild_id, error.detail)

        async def settle(tx: Transaction) -> None:
            now = self.clock()
            if again is None:
                await self.entries.end(tx, entry, at=now)
            else:
                await self.entries.postpone(tx, entry, until=now + again)

        await self.database.write(settle)
