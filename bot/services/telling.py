"""Telling servers' channels what was noted for them, until Discord has it: in their log, and in their gallery."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.domain.errors import DeliveryFailed
from bot.domain.job import JobState, RequestId, RequestRecord
from bot.domain.server_log import LogEntry, LogKind
from bot.services.gallery import GalleryPoster
from bot.services.ports import Clock
from bot.services.waiting import until
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore
from bot.store.requests import RequestStore
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

    async def post_entries(self, channel_id: int, entries: Sequence[LogEntry]) -> None:
        """Post them as one message; after a first try that arrived nothing more appears.

        Raises:
            DeliveryFailed: the channel is gone or closed, or Discord cannot be reached now (`retry`).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Posters:
    """Who posts to the channels of a chat system's servers."""

    log: LogPoster
    gallery: GalleryPoster


class Teller(Protocol):
    """Tells one kind of entries."""

    async def tell(self, bundle: Sequence[LogEntry]) -> None:
        """Tell a bundle of one server. Safe to repeat.

        Raises:
            DeliveryFailed: it cannot be told there, or not now (`retry`).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTeller:
    """Tells the log channel that the server has chosen by now."""

    database: Database
    guilds: GuildStore
    requests: RequestStore
    poster: LogPoster

    async def tell(self, bundle: Sequence[LogEntry]) -> None:
        """Tell what still can be told: results that were deleted meanwhile are left out."""

        async def load(tx: Transaction) -> tuple[int | None, list[LogEntry]]:
            settings = await self.guilds.get(tx, bundle[0].guild_id)
            filled = [await self._filled(tx, entry) for entry in bundle]
            return settings.log_channel, [entry for entry in filled if entry is not None]

        channel_id, entries = await self.database.read(load)
        if channel_id is not None and entries:
            await self.poster.post_entries(channel_id, entries)

    async def _filled(self, tx: Transaction, entry: LogEntry) -> LogEntry | None:
        if entry.kind is not LogKind.RESULT:
            return entry
        record = await self.requests.get(tx, RequestId(int(str(entry.values["request"]))))
        return (
            None if record.deleted_at is not None or record.erased else replace(entry, values=values_of_result(record))
        )


def values_of_result(record: RequestRecord) -> dict[str, object]:
    """What a result's entry shows; of one that went to its requester alone neither the words nor the place."""
    made = [job for job in record.jobs if job.state is JobState.SUCCEEDED]
    shown = not record.went_direct
    return {
        "request": record.id,
        "user": record.requester.user_id,
        "guild": record.requester.guild_id,
        "channel": record.result_channel_id if shown else None,
        "message": record.result_message_id if shown else None,
        "prompt": record.request.prompt if shown else None,
        "pictures": len(made),
        "price": str(record.total_charged),
        "providers": list(dict.fromkeys(job.provider for job in made)),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """`keep` is run once in each process that can post."""

    database: Database
    entries: ServerLogStore
    tellers: Mapping[LogKind, Teller]
    clock: Clock
    noted: asyncio.Event

    async def keep(self) -> None:
        """Tell what was noted, for as long as the process runs."""
        while True:
            self.noted.clear()
            try:
                while await self.tell_due():
                    pass
            except Exception:
                log.exception("telling the servers' channels failed; it is tried again")
            await until(self.noted, LOOK_AGAIN)

    async def tell_due(self) -> int:
        """Tell what is due, each server's in its order; how many bundles were taken up."""

        async def any_due(tx: Transaction) -> bool:
            return await self.entries.any_due(tx, now=self.clock())

        async def take(tx: Transaction) -> list[list[LogEntry]]:
            now = self.clock()
            await self.entries.purge(tx, before=now - KEPT)
            return await self.entries.take(tx, now=now, lease=LEASE)

        if not await self.database.read(any_due):
            return 0
        taken = await self.database.write(take)
        by_server: defaultdict[int, list[list[LogEntry]]] = defaultdict(list)
        for bundle in taken:
            by_server[bundle[0].guild_id].append(bundle)
        # One server's busy channel does not hold up the others'.
        async with asyncio.TaskGroup() as group:
            for bundles in by_server.values():
                group.create_task(self._tell_all(bundles))
        return len(taken)

    async def _tell_all(self, bundles: Sequence[Sequence[LogEntry]]) -> None:
        for bundle in bundles:
            if await self.database.read(lambda tx, first=bundle[0]: self.entries.is_mine(tx, first)):
                await self._tell(bundle)

    async def _tell(self, bundle: Sequence[LogEntry]) -> None:
        again: float | None = None
        try:
            await self.tellers[bundle[0].kind].tell(bundle)
        except DeliveryFailed as error:
            waited = self.clock() - bundle[0].created_at
            # What has to go from people's eyes is tried for as long as it may help.
            if error.retry and (waited < GIVE_UP_AFTER or bundle[0].kind is LogKind.GALLERY_GONE):
                again = min(300.0, max(2.0, waited))
            log.warning("server %s: not told (%s): %s", bundle[0].guild_id, bundle[0].kind, error.detail)

        async def settle(tx: Transaction) -> None:
            now = self.clock()
            for entry in bundle:
                if again is None:
                    await self.entries.end(tx, entry, at=now)
                else:
                    await self.entries.postpone(tx, entry, until=now + again)

        await self.database.write(settle)
