"""Saved references in both databases: found by name, in pages, and gone when they are deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.job import RequestId
from bot.domain.library import Library, SavedPicture, SavedReference, Scope
from bot.domain.references import Copy, Reference
from bot.store.copies import CopyStore
from bot.store.database import Database, Transaction
from bot.store.library import LibraryStore
from bot.store.requests import RequestStore
from bot.store.tables import copies, jobs, outputs
from bot.store.uploads import UploadStore
from tests.support.requests import admit, new_request

LIBRARIES = LibraryStore()
MINE = Library(scope=Scope.ME, id=2**62)
THEIRS = Library(scope=Scope.ME, id=2)
SERVER = Library(scope=Scope.SERVER, id=2**62)
PICTURE = SavedPicture(sha256="aa", preview="bb", media_type="image/png", width=8, height=9)


async def save(
    database: Database, name: str, library: Library = MINE, picture: SavedPicture = PICTURE
) -> SavedReference:
    async def work(tx: Transaction) -> SavedReference:
        await LIBRARIES.lock(tx, library)
        return await LIBRARIES.insert(tx, library, name=name, picture=picture, by=7, at=1000.5)

    return await database.write(work)


async def delete(database: Database, saved: SavedReference) -> bool:
    return await database.write(lambda tx: LIBRARIES.delete(tx, saved, at=2000.0))


async def marked(tx: Transaction) -> list[str]:
    return await LIBRARIES.dropped(tx, before=9e9)


async def test_a_saved_reference_comes_back_as_it_was_kept_in_any_case_of_letters(database: Database) -> None:
    mascot = await save(database, "Mascot_1")
    await save(database, "other")
    await save(database, "mascot_1", THEIRS)
    servers = await save(database, "mascot_1", SERVER)
    assert mascot == SavedReference(
        id=mascot.id, library=MINE, name="Mascot_1", picture=PICTURE, saved_by=7, saved_at=1000.5
    )
    both = await database.read(lambda tx: LIBRARIES.named(tx, [MINE, SERVER], ["MASCOT_1", "x\0"]))
    assert both == [mascot, servers]
    assert await database.read(lambda tx: LIBRARIES.by_id(tx, mascot.id)) == mascot
    assert await database.read(lambda tx: LIBRARIES.by_id(tx, 2**40)) is None


async def test_a_library_has_each_name_once(database: Database) -> None:
    await save(database, "mascot")
    with pytest.raises(IntegrityError):
        await save(database, "MASCOT")
    renamed = await save(database, "other")
    with pytest.raises(IntegrityError):
        await database.write(lambda tx: LIBRARIES.rename(tx, renamed.id, "Mascot"))
    await database.write(lambda tx: LIBRARIES.rename(tx, renamed.id, "Fox"))
    found = await database.read(lambda tx: LIBRARIES.named(tx, [MINE], ["fox", "other"]))
    assert found == [replace(renamed, name="Fox")]


async def test_pages_begin_with_ones_own_and_go_by_name(database: Database) -> None:
    for name, library in (("dog", SERVER), ("Cat", SERVER), ("bee", MINE), ("Ant", MINE), ("catfish", THEIRS)):
        await save(database, name, library)
    both = [MINE, SERVER]

    async def names(offset: int, containing: str = "") -> list[str]:
        found = await database.read(lambda tx: LIBRARIES.page(tx, both, offset=offset, limit=3, containing=containing))
        return [each.name for each in found]

    assert [await names(0), await names(3), await names(9)] == [["Ant", "bee", "Cat"], ["dog"], []]
    assert [await names(0, "A"), await names(0, "%"), await names(0, "_")] == [["Ant", "Cat"], [], []]
    assert await database.read(lambda tx: LIBRARIES.count(tx, both)) == 4
    assert await database.read(lambda tx: LIBRARIES.count(tx, [THEIRS])) == 1


async def test_what_is_deleted_is_marked_until_its_bytes_are_gone(database: Database) -> None:
    saved = await save(database, "mascot")
    await database.write(
        lambda tx: UploadStore().put(tx, provider="runway", sha256="aa", uri="runway://x", expires_at=9e9)
    )
    used = Reference(tag="mascot", filename="@mascot").fetched(sha256="aa", media_type="image/png", width=8, height=9)
    new = new_request()
    record = await admit(database, replace(new, request=replace(new.request, references=(used,))))
    for source, form, sha256 in (("original", "clean", "aa"), ("aa", "fitted", "ff"), ("other", "clean", "gg")):
        copy = Copy(sha256=sha256, media_type="image/png", width=8, height=9)
        await database.write(
            lambda tx, copy=copy, source=source, form=form: CopyStore().put(tx, copy, source=source, form=form, at=1.0)
        )
    assert await delete(database, saved) is True
    assert await delete(database, saved) is False

    # The job goes on: its picture stays, the preview may go.
    assert await database.read(marked) == ["bb"]
    assert await database.write(lambda tx: LIBRARIES.forget_picture(tx, "aa", at=3000.0)) is None
    await finish(database, record.id)
    assert sorted(await database.read(marked)) == ["aa", "bb"]
    assert await database.write(lambda tx: LIBRARIES.forget_picture(tx, "aa", at=3000.0)) == ["ff"]
    (reference,) = (await database.read(lambda tx: RequestStore().get(tx, record.id))).request.references
    assert (reference.tag, reference.ready, reference.width) == ("mascot", False, None)
    assert await database.read(lambda tx: UploadStore().get(tx, provider="runway", sha256="aa", now=0.0)) is None
    await database.write(lambda tx: LIBRARIES.unmark(tx, "aa"))
    assert sorted(await database.read(marked)) == ["bb", "ff"]
    assert await database.read(lambda tx: LIBRARIES.dropped(tx, before=3000.0)) == ["bb"]
    kept = await database.read(lambda tx: tx.rows(select(copies.c.sha256)))
    assert [row.sha256 for row in kept] == ["gg"]


async def finish(database: Database, request_id: RequestId) -> None:
    ended = {"state": "failed", "ended_at": 2000.0}
    await database.write(lambda tx: tx.execute(update(jobs).where(jobs.c.request_id == request_id).values(ended)))


@pytest.mark.parametrize("by", ["another name", "another's preview", "a result"])
async def test_what_something_else_needs_is_not_deleted(database: Database, by: str) -> None:
    saved = await save(database, "mascot")
    match by:
        case "another name":
            await save(database, "mascot", SERVER)
        case "another's preview":
            await save(database, "fox", picture=replace(PICTURE, sha256="cc", preview="aa"))
        case _:
            record = await admit(database, new_request())
            values = {"job_id": record.jobs[0].id, "position": 0, "sha256": "aa", "media_type": "image/png"}
            sizes = {"width": 8, "height": 9, "size_bytes": 9}
            await database.write(lambda tx: tx.execute(outputs.insert().values(values | sizes)))
            await finish(database, record.id)
    await delete(database, saved)
    assert "aa" in await database.read(marked)
    assert await database.write(lambda tx: LIBRARIES.forget_picture(tx, "aa", at=3000.0)) is None
    assert "aa" not in await database.read(marked)
