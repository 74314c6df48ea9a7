"""Saved references as rows: one picture a name, in a person's or a server's library."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.library import Library, SavedPicture, SavedReference, Scope, fold
from bot.store.database import Transaction
from bot.store.tables import (
    ACTIVE,
    copies,
    dropped_pictures,
    jobs,
    outputs,
    request_references,
    saved_references,
    uploads,
)
from bot.store.upsert import upsert

SAVING = 2
"""Advisory lock under which names are given; no Discord id is this small."""

MOST_AT_ONCE = 500
"""Pictures that are marked in one transaction; the next follow soon."""


class LibraryStore:
    """The table of saved references, and that of pictures whose bytes are to go."""

    async def insert(
        self, tx: Transaction, library: Library, *, name: str, picture: SavedPicture, by: int, at: float
    ) -> SavedReference:
        """Keep a picture under a name that is free there."""
        values = {
            "scope": library.scope,
            "owner_id": library.id,
            "name": name,
            "folded": fold(name),
            "sha256": picture.sha256,
            "preview": picture.preview,
            "media_type": picture.media_type,
            "width": picture.width,
            "height": picture.height,
            "saved_by": by,
            "saved_at": at,
        }
        return _saved((await tx.execute(insert(saved_references).values(values).returning(saved_references))).one())

    async def lock(self, tx: Transaction, library: Library) -> None:
        """Hold the library's names and count until the transaction ends."""
        await tx.lock(SAVING, library.id % 2**31)

    async def named(
        self, tx: Transaction, libraries: Collection[Library], names: Collection[str]
    ) -> list[SavedReference]:
        """What these libraries hold under these names, in any case of letters."""
        folded = saved_references.c.folded.in_([fold(name) for name in names])
        return await self._all(tx, and_(_of(libraries), folded))

    async def by_id(self, tx: Transaction, saved_id: int) -> SavedReference | None:
        """The saved reference with this number, if it is still there."""
        found = await self._all(tx, saved_references.c.id == saved_id)
        return found[0] if found else None

    async def count(self, tx: Transaction, libraries: Collection[Library]) -> int:
        """How many references these libraries hold together."""
        return int(await tx.scalar(select(func.count()).select_from(saved_references).where(_of(libraries))))

    async def page(
        self, tx: Transaction, libraries: Collection[Library], *, offset: int, limit: int, containing: str = ""
    ) -> list[SavedReference]:
        """A part of what these libraries hold: people's own first, then by name; names that contain a text only."""
        where = _of(libraries)
        if containing:
            where = and_(where, saved_references.c.folded.contains(fold(containing), autoescape=True))
        statement = (
            select(saved_references)
            .where(where)
            .order_by(saved_references.c.scope, saved_references.c.folded, saved_references.c.id)
            .offset(offset)
            .limit(limit)
        )
        return [_saved(row) for row in await tx.rows(statement)]

    async def rename(self, tx: Transaction, saved_id: int, name: str) -> None:
        """Give a saved reference another name, which is free there."""
        renamed = update(saved_references).where(saved_references.c.id == saved_id)
        await tx.execute(renamed.values(name=name, folded=fold(name)))

    async def delete(self, tx: Transaction, saved: SavedReference, *, at: float) -> bool:
        """Forget a saved reference; its pictures are marked to go. Whether it was still there."""
        gone = await tx.execute(delete(saved_references).where(saved_references.c.id == saved.id))
        if not gone.rowcount:
            return False
        for sha256 in (saved.picture.sha256, saved.picture.preview):
            await self.mark(tx, sha256, at=at)
        return True

    async def mark(self, tx: Transaction, sha256: str, *, at: float) -> None:
        """Mark a picture: its bytes are to go when nothing needs them."""
        await upsert(tx, dropped_pictures, {"sha256": sha256, "dropped_at": at})

    async def mark_all(self, tx: Transaction, sha256s: Collection[str], *, at: float) -> None:
        """Mark many at once."""
        if not sha256s:
            return
        insert_into = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
        marks = insert_into(dropped_pictures).values([{"sha256": sha256, "dropped_at": at} for sha256 in sha256s])
        anew = {"dropped_at": marks.excluded.dropped_at}
        await tx.execute(marks.on_conflict_do_update(index_elements=["sha256"], set_=anew))

    async def mark_unused(self, tx: Transaction, *, before: float, at: float) -> None:
        """Mark copies of people's files that nobody handed over again since `before`, saved or needs."""
        saved = or_(saved_references.c.sha256 == copies.c.sha256, saved_references.c.preview == copies.c.sha256)
        unused = (
            copies.c.used_at < before,
            ~exists().where(saved),
            ~exists().where(outputs.c.sha256 == copies.c.sha256),
            ~exists().where(dropped_pictures.c.sha256 == copies.c.sha256),
            ~_needed_by_a_job(copies.c.sha256),
        )
        for row in await tx.rows(select(copies.c.sha256).distinct().where(*unused).limit(MOST_AT_ONCE)):
            await self.mark(tx, row.sha256, at=at)

    async def dropped(self, tx: Transaction, *, before: float) -> list[str]:
        """Pictures that were marked before then and that no unfinished job needs, oldest first."""
        free = (dropped_pictures.c.dropped_at < before, ~_needed_by_a_job(dropped_pictures.c.sha256))
        statement = select(dropped_pictures.c.sha256).where(*free)
        return [row.sha256 for row in await tx.rows(statement.order_by(dropped_pictures.c.dropped_at))]

    async def forget_picture(self, tx: Transaction, sha256: str, *, at: float) -> list[str] | None:
        """Let everything forget a marked picture whose bytes go now; `None` when they must stay.

        What was made of it for image services goes too: those pictures are marked and given back.

        A picture that another saved reference or a result needs is not marked any longer.
        """
        saved = or_(saved_references.c.sha256 == sha256, saved_references.c.preview == sha256)
        if await tx.scalar(select(or_(exists().where(saved), exists().where(outputs.c.sha256 == sha256)))):
            await self.unmark(tx, sha256)
            return None
        if await tx.scalar(select(_needed_by_a_job(sha256))):
            return None
        unfetched = {"sha256": None, "media_type": None, "width": None, "height": None}
        await tx.execute(update(request_references).where(request_references.c.sha256 == sha256).values(unfetched))
        await tx.execute(delete(uploads).where(uploads.c.sha256 == sha256))
        made_of_it = [row.sha256 for row in await tx.rows(select(copies.c.sha256).where(copies.c.source == sha256))]
        for made in made_of_it:
            await self.mark(tx, made, at=at)
        await tx.execute(delete(copies).where(or_(copies.c.sha256 == sha256, copies.c.source == sha256)))
        return made_of_it

    async def unmark(self, tx: Transaction, sha256: str) -> None:
        """Take away the mark."""
        await tx.execute(delete(dropped_pictures).where(dropped_pictures.c.sha256 == sha256))

    async def _all(self, tx: Transaction, where: ColumnElement[bool]) -> list[SavedReference]:
        statement = select(saved_references).where(where).order_by(saved_references.c.scope, saved_references.c.folded)
        return [_saved(row) for row in await tx.rows(statement)]


def _of(libraries: Collection[Library]) -> ColumnElement[bool]:
    table = saved_references.c
    return or_(*(and_(table.scope == library.scope, table.owner_id == library.id) for library in libraries))


def _needed_by_a_job(sha256: Any) -> ColumnElement[bool]:
    unfinished = request_references.c.request_id == jobs.c.request_id
    return exists().where(request_references.c.sha256 == sha256, unfinished, ACTIVE)


def _saved(row: Row[Any]) -> SavedReference:
    return SavedReference(
        id=row.id,
        library=Library(scope=Scope(row.scope), id=row.owner_id),
        name=row.name,
        picture=SavedPicture(
            sha256=row.sha256,
            preview=row.preview,
            media_type=row.media_type,
            width=row.width,
            height=row.height,
        ),
        saved_by=row.saved_by,
        saved_at=row.saved_at,
    )
