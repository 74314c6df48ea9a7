"""A person who wants to be forgotten is, in every table and file, and nobody else is touched."""

from __future__ import annotations

import asyncio
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.domain.errors import InvalidRequest, NotFound
from bot.domain.privacy import is_pseudonym
from bot.services.erasing import Erasing
from bot.services.exporting import ENTRY, Exporting
from bot.services.forgetting import PATIENCE, Forgetting
from bot.services.ports import NoSteps
from bot.store.blobs import FolderBlobs
from bot.store.database import Database, Transaction
from bot.store.erasures import ErasureStore
from bot.store.forgetting import ForgettingStore
from bot.store.holdings import HoldingStore
from bot.store.ledger import Ledger
from bot.store.library import LibraryStore
from bot.store.personal import Kind, held
from bot.store.tables import erasures, favourites, jobs, ledger, request_references, requests, votes
from tests.support.house import Now
from tests.support.people import NOBODYS, Someone, dump, texts

MIA, NOOR = Someone(number=1), Someone(number=2)


class Studio:
    """The services on a database in which two people live."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.clock, library = database, Now(), LibraryStore()
        self.blobs = FolderBlobs(folder)
        self.forgetting = Forgetting(
            database=database, library=library, blobs=self.blobs, clock=self.clock, keep=10.0 * self.clock.at
        )
        self.erasures = ErasureStore(ForgettingStore(library))
        self.erasing = Erasing(
            database=database, erasures=self.erasures, forgetting=self.forgetting, clock=self.clock, steps=NoSteps()
        )
        self.exporting = Exporting(database=database, holdings=HoldingStore(), blobs=self.blobs)

    async def move_in(self) -> None:
        for person in (MIA, NOOR):
            await self.database.write(person.settle_in)
            await person.keep_pictures(self.blobs)
        await self.database.write(like_hers)

    async def rows(self) -> dict[str, list[dict[str, Any]]]:
        return await self.database.read(dump)

    async def has(self, content: bytes) -> bool:
        found = [path for path in self.blobs._root.rglob("*") if path.is_file()]
        return any(path.read_bytes() == content for path in found)


async def like_hers(tx: Transaction) -> None:
    """Somebody else likes Mia's picture."""
    await tx.execute(insert(favourites).values(user_id=5, job_id=MIA.row, marked_at=2.0))
    vote = {"job_id": MIA.row, "user_id": 5, "guild_id": 10, "owner_id": MIA.id, "voted_at": 2.0}
    await tx.execute(insert(votes).values(vote))


@pytest.fixture
async def studio(database: Database, tmp_path: Path) -> Studio:
    studio = Studio(database, tmp_path / "blobs")
    await studio.move_in()
    return studio


def of(rows: dict[str, list[dict[str, Any]]], person: Someone) -> dict[str, list[dict[str, Any]]]:
    """The rows in which something of a person stands."""
    marks = {str(person.id), *person.words.values(), *person.hidden.values()}
    return {
        name: [row for row in some if any(mark in text for text in texts(row) for mark in marks)]
        for name, some in rows.items()
    }


async def archived(studio: Studio, person: Someone, limit: int = 10**8) -> dict[str, bytes]:
    file = io.BytesIO()
    await studio.exporting.export(file, person.id, limit=limit, about=lambda missing: f"{missing} missing")
    assert len(file.getvalue()) <= limit
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def test_an_archive_holds_everything_of_its_person_and_nothing_of_others(studio: Studio) -> None:
    files = await archived(studio, MIA)
    text = "\n".join(content.decode() for name, content in files.items() if name.startswith("data/"))
    assert [word for word in MIA.words.values() if word not in text] == []
    named = {table.name for table, holding in held() if holding.names(*set(Kind) - {Kind.PLAIN})} - NOBODYS
    assert {f"data/{name}.json" for name in named} == {name for name in files if name.startswith("data/")}
    assert {content for name, content in files.items() if name.startswith("pictures/")} == set(MIA.pictures.values())
    strange = [str(NOOR.id), *NOOR.words.values(), *NOOR.hidden.values(), *MIA.hidden.values(), "-token"]
    assert [word for word in strange if word in text] == []


async def test_what_an_archive_has_no_room_for_is_counted(studio: Studio) -> None:
    sha256 = await studio.blobs.put(random.Random(5).randbytes(10_000))
    change = update(request_references).where(request_references.c.request_id == MIA.row).values(sha256=sha256)
    await studio.database.write(lambda tx: tx.execute(change))
    whole = io.BytesIO()
    await studio.exporting.export(whole, MIA.id, limit=10**8, about=str)
    found = await archived(studio, MIA, limit=len(whole.getvalue()) + 40 * ENTRY - 5000)
    assert found["README.txt"] == b"1 missing"
    assert len([name for name in found if name.startswith("pictures/")]) == len(MIA.pictures) - 1


async def test_after_a_deletion_nothing_of_the_person_is_left_and_others_have_all(studio: Studio) -> None:
    before, sums = await studio.rows(), await studio.database.read(Ledger().totals)
    theirs = of(before, NOOR)
    await studio.erasing.erase(MIA.id)
    after = await studio.rows()
    assert {name: rows for name, rows in of(after, MIA).items() if rows} == {}
    assert of(after, NOOR) == theirs
    assert await studio.database.read(Ledger().totals) == sums
    assert len(after["ledger"]) == len(before["ledger"])
    for content in MIA.pictures.values():
        assert not await studio.has(content)
    for content in NOOR.pictures.values():
        assert await studio.has(content)


async def test_limits_are_found_under_the_pseudonym_that_is_always_the_same(studio: Studio) -> None:
    await studio.erasing.erase(MIA.id)
    (theirs, pseudonym) = await studio.database.read(lambda tx: tx.ids_of(MIA.id))
    assert theirs == MIA.id
    assert is_pseudonym(pseudonym)
    rows = await studio.rows()
    for name, column in (("blocked_users", "user_id"), ("quota_rules", "subject_id"), ("ledger", "user_id")):
        assert pseudonym in {row[column] for row in rows[name]}, name
    async with Database.open(await _url(studio)) as elsewhere:
        assert await elsewhere.read(lambda tx: tx.pseudonym(MIA.id)) == pseudonym
    # Who is nobody, or has a pseudonym, has no other one.
    assert await studio.database.read(lambda tx: tx.ids_of(0)) == (0,)
    assert await studio.database.read(lambda tx: tx.ids_of(pseudonym)) == (pseudonym,)


async def _url(studio: Studio) -> str:
    engine = getattr(studio.database._connections, "_engine")  # noqa: B009
    return engine.url.render_as_string(hide_password=False)


async def test_a_second_time_and_a_second_process_change_nothing(studio: Studio) -> None:
    await studio.erasing.erase(MIA.id)
    once = await studio.rows()
    await asyncio.gather(studio.erasing.erase(MIA.id), studio.erasing.erase(MIA.id), studio.erasing.sweep())
    assert await studio.rows() == once


async def test_nothing_is_deleted_while_a_picture_is_made(studio: Studio) -> None:
    before = await studio.rows()
    running = update(jobs).where(jobs.c.id == MIA.row).values(state="running", ended_at=None)
    await studio.database.write(lambda tx: tx.execute(running))
    with pytest.raises(InvalidRequest) as refusal:
        await studio.erasing.erase(MIA.id)
    assert refusal.value.values["count"] == 1
    after = await studio.rows()
    assert {name for name in before if before[name] != after[name]} == {"jobs"}


async def many(tx: Transaction, count: int, *, first: int = 100) -> None:
    """So many further requests of Mia's, each with a picture of its own."""
    row = (await tx.rows(select(requests).where(requests.c.id == MIA.row)))[0]._mapping
    job = (await tx.rows(select(jobs).where(jobs.c.id == MIA.row)))[0]._mapping
    entry = (await tx.rows(select(ledger).where(ledger.c.id == MIA.row)))[0]._mapping
    for number in range(first, first + count):
        await tx.execute(insert(requests).values({**row, "id": number, "interaction_id": number}))
        await tx.execute(insert(jobs).values({**job, "id": number, "request_id": number}))
        await tx.execute(insert(ledger).values({**entry, "id": number, "job_id": number}))


async def test_a_deletion_that_a_process_began_is_finished_by_another(studio: Studio) -> None:
    await studio.database.write(lambda tx: many(tx, 230))

    async def killed(tx: Transaction) -> list[str]:
        return await studio.erasures.begin(tx, MIA.id, at=studio.clock())

    await studio.database.write(killed)
    # What somebody asks for after they had everything deleted is none of it.
    await studio.database.write(lambda tx: many(tx, 1, first=9000))
    sums = await studio.database.read(Ledger().totals)
    sweeps = 0
    while await studio.database.read(lambda tx: tx.rows(select(erasures))):
        await studio.erasing.sweep()
        assert (sweeps := sweeps + 1) < 10
        assert await studio.database.read(Ledger().totals) == sums
    assert sweeps > 2
    studio.clock.at += 3 * PATIENCE
    await studio.forgetting.sweep()
    found = of(await studio.rows(), MIA)
    assert {name: [row["id"] for row in rows] for name, rows in found.items() if rows} == {
        name: [9000] for name in ("requests", "jobs", "ledger")
    }
    for content in MIA.pictures.values():
        assert not await studio.has(content)


async def test_bytes_stay_while_somebody_else_uses_them(studio: Studio) -> None:
    shared = MIA.words["request_references.sha256"]
    change = update(request_references).where(request_references.c.request_id == NOOR.row).values(sha256=shared)
    await studio.database.write(lambda tx: tx.execute(change))
    await studio.erasing.erase(MIA.id)
    studio.clock.at += 3 * PATIENCE
    await studio.forgetting.sweep()
    assert await studio.blobs.exists(shared)
    await studio.erasing.erase(NOOR.id)
    with pytest.raises(NotFound):
        await studio.blobs.get(shared)


def files_of_the_database(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir() if path.name.startswith("atelier.db")]


async def test_not_even_the_files_of_the_database_hold_what_was_deleted(sqlite_url: str, tmp_path: Path) -> None:
    async with Database.open(sqlite_url) as database:
        studio = Studio(database, tmp_path / "blobs")
        await studio.move_in()
        await studio.erasing.erase(MIA.id)
    files = files_of_the_database(tmp_path)
    assert any(NOOR.words["requests.prompt"].encode() in content for content in files)
    left = [word for word in MIA.words.values() if any(word.encode() in content for content in files)]
    assert left == []
