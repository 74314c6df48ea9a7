"""Entries for log channels come back in their order, once each, and go to one process at a time."""

from __future__ import annotations

from bot.domain.server_log import LogEntry, LogKind
from bot.store.database import Database, Transaction
from bot.store.server_log import ServerLogStore

STORE = ServerLogStore()


async def add(database: Database, number: int, *, mark: str | None = None, guild_id: int = 10) -> None:
    values = {"number": number}
    await database.write(
        lambda tx: STORE.add(tx, guild_id=guild_id, kind=LogKind.CHANGE, values=values, at=float(number), mark=mark)
    )


async def add_result(database: Database, guild_id: int = 10) -> None:
    values = {"request": 1}
    await database.write(lambda tx: STORE.add(tx, guild_id=guild_id, kind=LogKind.RESULT, values=values, at=1.0))


async def bundles(database: Database, now: float, limit: int = 20) -> list[list[LogEntry]]:
    return await database.write(lambda tx: STORE.take(tx, now=now, lease=60.0, limit=limit))


async def take(database: Database, now: float, limit: int = 20) -> list[LogEntry]:
    return [entry for bundle in await bundles(database, now, limit) for entry in bundle]


async def test_entries_are_taken_in_their_order_by_one_process_at_a_time(database: Database) -> None:
    for number in range(3):
        await add(database, number)
    first = await take(database, 100.0, limit=2)
    assert [entry.values["number"] for entry in first] == [0, 1]
    assert [entry.values["number"] for entry in await take(database, 101.0)] == [2]
    assert await take(database, 102.0) == []
    assert [entry.attempts for entry in await take(database, 200.0)] == [2, 2, 2]


async def test_what_is_marked_is_told_once_in_a_server(database: Database) -> None:
    for guild_id in (10, 10, 11):
        await add(database, 1, mark="half", guild_id=guild_id)
    for number in (2, 3):
        await add(database, number)
    assert [entry.guild_id for entry in await take(database, 100.0)] == [10, 11, 10, 10]


async def test_results_are_told_together_and_stay_so(database: Database) -> None:
    for guild_id in (10, 11, 10):
        await add_result(database, guild_id)
    await add(database, 1)
    first = [[entry.id for entry in bundle] for bundle in await bundles(database, 100.0)]
    assert first == [[1, 3], [2], [4]]
    for _ in range(10):
        await add_result(database)
    again = [[entry.id for entry in bundle] for bundle in await bundles(database, 200.0, limit=1)]
    assert again == first[:1]
    rest = [[entry.id for entry in bundle] for bundle in await bundles(database, 200.0)]
    assert rest == [[2], [4], list(range(5, 13)), [13, 14]]


async def test_who_lost_an_entry_to_another_process_changes_nothing(database: Database) -> None:
    await add(database, 1)
    (mine,) = await take(database, 100.0)
    (theirs,) = await take(database, 200.0)

    async def settle(tx: Transaction) -> bool:
        await STORE.end(tx, mine, at=201.0)
        await STORE.postpone(tx, mine, until=1000.0)
        return await STORE.any_due(tx, now=300.0)

    assert await database.write(settle) is True
    await database.write(lambda tx: STORE.end(tx, theirs, at=202.0))
    assert await database.read(lambda tx: STORE.any_due(tx, now=300.0)) is False


async def test_old_entries_are_forgotten_with_their_marks(database: Database) -> None:
    await add(database, 1, mark="half")
    (entry,) = await take(database, 100.0)
    await database.write(lambda tx: STORE.end(tx, entry, at=101.0))
    await database.write(lambda tx: STORE.purge(tx, before=101.0))
    await add(database, 2, mark="half")
    assert await take(database, 300.0) == []
    await database.write(lambda tx: STORE.purge(tx, before=102.0))
    await add(database, 3, mark="half")
    assert [entry.values["number"] for entry in await take(database, 300.0)] == [3]
