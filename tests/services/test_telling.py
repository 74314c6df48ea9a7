"""Servers' channels are told in few messages, none of them waits for another's, and nothing is told twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.errors import DeliveryFailed
from bot.domain.guild import GuildSettings
from bot.domain.job import RequestId, RequestRecord
from bot.domain.server_log import LogEntry, LogKind
from bot.services.server_log import ServerLog
from bot.services.telling import LEASE, LogTeller, Telling
from bot.store.database import Database, Transaction
from bot.store.deletions import DeletionStore
from bot.store.guilds import GuildStore
from bot.store.requests import RequestStore
from bot.store.server_log import ServerLogStore
from tests.support.requests import admit, new_request

CHANNEL = 500


@dataclass
class Channels:
    """What log channels were told, by channel; `trouble` is what the next try meets."""

    told: list[tuple[int, list[LogEntry]]] = field(default_factory=list[tuple[int, list[LogEntry]]])
    trouble: list[DeliveryFailed] = field(default_factory=list[DeliveryFailed])
    gates: dict[int, asyncio.Event] = field(default_factory=dict[int, asyncio.Event])
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def post_entries(self, channel_id: int, entries: Sequence[LogEntry]) -> None:
        if channel_id in self.gates:
            self.waits.set()
            await self.gates[channel_id].wait()
        if self.trouble:
            raise self.trouble.pop()
        self.told.append((channel_id, list(entries)))
        self.heard.set()

    def requests(self) -> list[list[object]]:
        """The results that were told, message by message."""
        return [[entry.values["request"] for entry in entries] for _, entries in self.told]


@dataclass
class House:
    """One process's services on a database."""

    database: Database
    channels: Channels = field(default_factory=Channels)
    now: float = 2000.0

    def __post_init__(self) -> None:
        guilds, entries, noted = GuildStore(), ServerLogStore(), asyncio.Event()
        self.log = ServerLog(guilds=guilds, entries=entries, clock=self.clock, noted=noted)
        teller = LogTeller(database=self.database, guilds=guilds, requests=RequestStore(), poster=self.channels)
        self.telling = Telling(
            database=self.database,
            entries=entries,
            tellers=dict.fromkeys(LogKind, teller),
            clock=self.clock,
            noted=noted,
        )

    def clock(self) -> float:
        return self.now

    async def choose(self, guild_id: int = 10) -> None:
        settings = GuildSettings(log_channel=CHANNEL + guild_id)
        await self.database.write(lambda tx: GuildStore().put(tx, guild_id, settings, by=1, at=0.0))

    async def posted(self, guild_id: int = 10) -> RequestRecord:
        """A result that stands somewhere, noted as a delivery would."""
        record = await admit(self.database, new_request(guild_id=guild_id))

        async def keep(tx: Transaction) -> RequestRecord:
            await RequestStore().mark_posted(tx, record.id, channel_id=100, message_id=900 + record.id, at=self.now)
            kept = await RequestStore().get(tx, record.id)
            await self.log.note_result(tx, kept)
            await self.log.note_result(tx, kept)
            return kept

        return await self.database.write(keep)


async def test_results_that_waited_are_told_in_one_message_and_each_once(database: Database) -> None:
    house = House(database)
    await house.choose()
    made: list[RequestId] = [(await house.posted()).id for _ in range(11)]
    assert await house.telling.tell_due() == 2
    assert house.channels.requests() == [made[:8], made[8:]]
    assert await house.telling.tell_due() == 0


async def test_a_second_try_tells_the_same_results_though_more_came_meanwhile(database: Database) -> None:
    house = House(database)
    await house.choose()
    first = [(await house.posted()).id for _ in range(2)]
    house.channels.trouble.append(DeliveryFailed(retry=True, detail="away"))
    await house.telling.tell_due()
    assert house.channels.told == []
    later = (await house.posted()).id
    house.now += LEASE
    await house.telling.tell_due()
    assert house.channels.requests() == [first, [later]]
    assert [entry.attempts for entry in house.channels.told[0][1]] == [2, 2]


async def test_a_server_whose_channel_is_slow_holds_up_no_other(database: Database) -> None:
    house = House(database)
    gate = house.channels.gates[CHANNEL + 10] = asyncio.Event()
    for guild_id in (10, 11):
        await house.choose(guild_id)
        await house.posted(guild_id)
    telling = asyncio.create_task(house.telling.tell_due())
    await asyncio.wait_for(house.channels.heard.wait(), 10)
    assert house.channels.told[0][0] == CHANNEL + 11
    gate.set()
    await telling
    assert len(house.channels.told) == 2


async def test_who_stood_still_while_another_process_told_it_does_not_tell_it_again(database: Database) -> None:
    slow, quick = House(database), House(database)
    await slow.choose()
    await slow.posted()
    await database.write(lambda tx: ServerLogStore().add(tx, guild_id=10, kind=LogKind.CHANGE, values={}, at=slow.now))
    gate = slow.channels.gates[CHANNEL + 10] = asyncio.Event()
    telling = asyncio.create_task(slow.telling.tell_due())
    await asyncio.wait_for(slow.channels.waits.wait(), 10)
    quick.now += 2 * LEASE
    await quick.telling.tell_due()
    gate.set()
    await telling
    kinds = [entries[0].kind for _, entries in [*slow.channels.told, *quick.channels.told]]
    assert kinds.count(LogKind.CHANGE) == 1


async def test_a_result_that_was_deleted_before_it_was_told_stays_untold(database: Database) -> None:
    house = House(database)
    await house.choose()
    gone, kept = await house.posted(), await house.posted()
    await database.write(lambda tx: DeletionStore().delete(tx, gone, by=1, at=3.0))
    await house.telling.tell_due()
    assert house.channels.requests() == [[kept.id]]
