"""Old words and pictures, and servers that are gone, are forgotten in time; sums and everybody else stay."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from bot.domain.job import Requester
from bot.domain.privacy import is_pseudonym
from bot.settings import RetentionSettings
from bot.store.blobs import open_blobs
from bot.store.database import Database, Transaction
from bot.store.forgetting import BATCH
from bot.store.ledger import Ledger
from bot.store.personal import HOLDINGS, Kind, held
from bot.store.tables import departures, favourites, jobs, outputs, requests
from tests.support.house import Process
from tests.support.people import NOBODYS, Someone, dump, texts

DAY = 86_400.0
MIA, NOOR = Someone(number=1), Someone(number=2)
SERVER = 10

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
async def house(process: Process, tmp_path: Path) -> Process:
    """A process in whose database two people have asked for pictures long ago, which are nobody's favourites."""
    blobs = open_blobs(f"file:{tmp_path}/blobs")
    for person in (MIA, NOOR):
        await process.database.write(person.settle_in)
        await person.keep_pictures(blobs)
    await process.database.write(lambda tx: tx.execute(delete(favourites)))
    limited = RetentionSettings(prompts_days=90)
    return replace(process, settings=process.settings.model_copy(update={"retention": limited}))


async def rows_of(process: Process) -> Rows:
    return await process.database.read(dump)


def words(kinds: set[Kind], *tables: str) -> set[str]:
    """What stands in such columns of Mia's rows in these tables."""
    return {
        word
        for name, word in (MIA.words | MIA.hidden).items()
        if (parts := name.split("."))[0] in tables and HOLDINGS[parts[0]].kinds[parts[1]] in kinds
    }


def found(rows: Rows, *marks: str) -> list[str]:
    return [f"{name}: {text}" for name, some in rows.items() for text in texts(some) if any(m in text for m in marks)]


async def make_new(tx: Transaction, person: Someone, at: float) -> None:
    """Let a person have asked for their picture at this time."""
    await tx.execute(update(requests).where(requests.c.id == person.row).values(created_at=at))
    await tx.execute(update(jobs).where(jobs.c.id == person.row).values(ended_at=at))


async def test_old_words_and_pictures_go_and_new_ones_stay(house: Process) -> None:
    now, sums = house.now.at, await house.database.read(Ledger().totals)
    await house.database.write(lambda tx: make_new(tx, NOOR, now - 80 * DAY))
    before = await rows_of(house)
    await house.keeping.sweep()
    after = await rows_of(house)
    gone = words({Kind.CONTENT, Kind.SECRET}, "requests", "request_references", "jobs", "outputs")
    assert found(after, *gone) == []
    mine = next(row for row in after["requests"] if row["id"] == MIA.row)
    # Whose it is and where it stands is known still, for Report and Delete.
    assert mine["user_id"] == MIA.id
    assert mine["result_message_id"] is not None
    assert mine["forgotten_at"] == now
    assert [row for row in after["requests"] if row["id"] == NOOR.row] == before["requests"][1:]
    assert [row["job_id"] for row in after["outputs"]] == [NOOR.row]
    assert not await house.blobs.exists(MIA.words["outputs.sha256"])
    assert await house.blobs.exists(NOOR.words["outputs.sha256"])
    assert await house.database.read(Ledger().totals) == sums
    assert await rows_of(house) == after, "reading changes nothing"
    house.now.at += 11 * DAY
    await house.keeping.sweep()
    assert (await rows_of(house))["outputs"] == []


async def test_what_is_somebodys_favourite_is_kept(house: Process) -> None:
    mark = {"user_id": NOOR.id, "job_id": MIA.row, "marked_at": 2.0}
    await house.database.write(lambda tx: tx.execute(insert(favourites).values(mark)))
    await house.keeping.sweep()
    after = await rows_of(house)
    assert [row["job_id"] for row in after["outputs"]] == [MIA.row]
    assert found(after, MIA.words["requests.prompt"])
    await house.database.write(lambda tx: tx.execute(delete(favourites)))
    await house.keeping.sweep()
    assert (await rows_of(house))["outputs"] == []


async def test_what_is_not_over_is_not_touched(house: Process) -> None:
    before = await rows_of(house)
    await house.database.write(lambda tx: tx.execute(update(requests).values(delivery="pending")))
    await house.keeping.sweep()
    after = await rows_of(house)
    assert [row["prompt"] for row in after["requests"]] == [row["prompt"] for row in before["requests"]]
    assert after["outputs"] == before["outputs"]


async def many(tx: Transaction, count: int) -> None:
    """So many further old requests of Mia's, each with a picture."""
    row = (await tx.rows(select(requests).where(requests.c.id == MIA.row)))[0]._mapping
    job = (await tx.rows(select(jobs).where(jobs.c.id == MIA.row)))[0]._mapping
    output = (await tx.rows(select(outputs).where(outputs.c.job_id == MIA.row)))[0]._mapping
    for number in range(100, 100 + count):
        await tx.execute(insert(requests).values({**row, "id": number, "interaction_id": number}))
        await tx.execute(insert(jobs).values({**job, "id": number, "request_id": number}))
        await tx.execute(insert(outputs).values({**output, "job_id": number}))


async def test_much_is_forgotten_a_part_at_a_time(house: Process) -> None:
    await house.database.write(lambda tx: many(tx, 3 * BATCH))
    left: list[int] = []
    for _ in range(5):
        await house.keeping.sweep()
        rows = await rows_of(house)
        left.append(len([row for row in rows["requests"] if row["prompt"]]) + len(rows["outputs"]))
    assert left[0] >= 4 * BATCH
    assert all(later == 0 or before - later >= BATCH for before, later in pairwise(left))
    assert left[-1] == 0


async def test_several_processes_forget_side_by_side(house: Process, database_url: str) -> None:
    await house.database.write(lambda tx: many(tx, 2 * BATCH))
    await house.departures.left(11)
    house.now.at += 8 * DAY
    sums = await house.database.read(Ledger().totals)
    async with AsyncExitStack() as stack:
        others = [house]
        if database_url.startswith("postgresql"):
            opened = await stack.enter_async_context(Database.open(database_url))
            others.append(replace(house, database=opened))
        erasing = others[-1].erasing.erase(NOOR.id)
        await asyncio.gather(erasing, *(each.keeping.sweep() for each in others * 4))
    await house.keeping.sweep()
    after = await rows_of(house)
    assert [row["prompt"] for row in after["requests"] if row["prompt"]] == []
    assert after["outputs"] == after["erasures"] == after["departures"] == []
    assert found(after, str(NOOR.id), *NOOR.words.values()) == []
    assert await house.database.read(Ledger().totals) == sums


async def gone(process: Process, times: int = 4) -> None:
    for _ in range(times):
        await process.keeping.sweep()


def here(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    return {name: [row for row in some if row.get("guild_id") == SERVER] for name, some in rows.items()}


async def test_a_server_that_removed_the_bot_is_forgotten_after_its_grace(house: Process) -> None:
    await house.database.write(lambda tx: make_new(tx, MIA, house.now.at))
    await house.database.write(lambda tx: make_new(tx, NOOR, house.now.at))
    sums, before = await house.database.read(Ledger().totals), await rows_of(house)
    await house.departures.left(SERVER)
    house.now.at += 6 * DAY
    await house.departures.left(SERVER)
    await gone(house)
    assert {**await rows_of(house), "departures": []} == before, "the first moment counts, and its time is not over"
    house.now.at += 2 * DAY
    await gone(house)

    after = await rows_of(house)
    kept = {name for name, rows in here(after).items() if rows}
    assert kept == {"requests", "jobs", "ledger"}
    assert all(is_pseudonym(row["user_id"]) for name in kept for row in here(after)[name])
    assert found(after, *words({Kind.CONTENT, Kind.SECRET, Kind.PLACE}, "requests", "jobs", "outputs")) == []
    assert await house.database.read(Ledger().totals) == sums
    assert after["departures"] == []
    assert not await house.blobs.exists(MIA.words["outputs.sha256"])
    # People's own libraries are theirs, and so is what other servers chose.
    elsewhere = {name for name, _ in _keyed() if name not in NOBODYS}
    assert {name: after[name] for name in (*elsewhere, "saved_references")} == {
        name: [row for row in before[name] if row.get("guild_id") != SERVER]
        for name in (*elsewhere, "saved_references")
    }


def _keyed() -> list[tuple[str, Any]]:
    return [(table.name, holding) for table, holding in held() if "guild_id" in table.primary_key.columns]


async def test_what_people_used_counts_still_when_the_server_comes_back_later(house: Process) -> None:
    mia = Requester(user_id=MIA.id, guild_id=SERVER)
    before = (await house.quotas.show(mia)).allowance.usage
    await house.departures.left(SERVER)
    house.now.at += 8 * DAY
    await gone(house)
    assert (await house.quotas.show(mia)).allowance.usage == before


async def test_a_server_that_lets_the_bot_in_again_loses_nothing(house: Process) -> None:
    before = await rows_of(house)
    await house.departures.left(SERVER)
    house.now.at += 5 * DAY
    await house.departures.joined(SERVER)
    house.now.at += 5 * DAY
    await house.departures.sweep()
    assert await rows_of(house) == before


async def left_now(process: Process) -> list[int]:
    rows = await process.database.read(lambda tx: tx.rows(select(departures.c.guild_id)))
    return sorted(row.guild_id for row in rows)


async def test_a_start_finds_servers_that_left_meanwhile_and_those_that_came_back(house: Process) -> None:
    def everywhere(_: int) -> bool:
        return True

    await house.departures.present([10, 11, 12], everywhere)
    assert await left_now(house) == []
    await house.departures.present([11], everywhere)
    assert await left_now(house) == [10, 12]
    await house.departures.present([10, 11], everywhere)
    assert await left_now(house) == [12]
    await house.departures.present([10, 11, 12], everywhere)
    # Of servers that belong to another process's shards this one knows nothing.
    await house.departures.present([10], lambda guild_id: guild_id == 10)
    assert await left_now(house) == []


async def test_operators_who_keep_everything_for_ever_do(house: Process) -> None:
    before = await rows_of(house)
    forever = RetentionSettings(prompts_days=0, outputs_days=0, left_days=0)
    house = replace(house, settings=house.settings.model_copy(update={"retention": forever}))
    await house.departures.left(SERVER)
    house.now.at += 9999 * DAY
    await gone(house)
    assert {**await rows_of(house), "departures": []} == before
