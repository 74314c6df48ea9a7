"""The library behind `@name`: references that people save for themselves or, as moderators, for their server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field

from bot import imaging
from bot.domain.audit import Change
from bot.domain.errors import InvalidRequest, NotFound
from bot.domain.job import Requester
from bot.domain.library import Library, SavedPicture, SavedReference, Scope, check_name, fold
from bot.domain.references import Reference, Upload, check_upload
from bot.services.changes import Changes, Table, check_moderator
from bot.services.forgetting import Forgetting
from bot.services.planning import libraries_of
from bot.services.ports import Clock
from bot.services.references import References
from bot.store.blobs import Blobs, name_of
from bot.store.database import Database, Transaction
from bot.store.library import LibraryStore

PAGE = 10
"""Pictures of one page: a gallery takes ten (docs, "Media Gallery")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReference:
    """A saved reference with the bytes of a picture of it; empty when they are lost."""

    saved: SavedReference
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A reference that was saved now, and keys of notes on what was changed about its picture."""

    shown: ShownReference
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryPage:
    """One page of what somebody can use; pages count from 1. `counts` has the libraries that were asked for."""

    entries: tuple[ShownReference, ...]
    number: int
    pages: int
    counts: Mapping[Scope, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryService:
    """Saves, shows, renames and deletes references. What is a server's asks for the moderator's right each time."""

    database: Database
    library: LibraryStore
    blobs: Blobs
    references: References
    forgetting: Forgetting
    changes: Changes
    clock: Clock
    limits: Mapping[Scope, int]

    async def check(self, requester: Requester, scope: Scope, typed: str) -> str:
        """The name, when a picture could be saved under it now.

        Raises:
            InvalidRequest: it is no name or taken, or the library is full.
            NotAllowed: no moderator asks, and it is for the server.
        """
        name = check_name(typed)
        library = _writable(requester, scope)
        await self.database.read(lambda tx: self._check_room(tx, library, name))
        return name

    async def save_upload(self, requester: Requester, scope: Scope, typed: str, upload: Upload) -> Kept:
        """Fetch somebody's file and keep its cleaned copy under a name. Raises as `check`.

        Raises:
            UnusableImage: the file cannot be used; the sentence names it.
        """
        name = await self.check(requester, scope, typed)
        check_upload(upload)
        return await self._save(requester, scope, name, self.references.bring(upload, tag=name))

    async def save_content(
        self, requester: Requester, scope: Scope, typed: str, content: bytes, *, filename: str
    ) -> Kept:
        """Keep the cleaned copy of a picture at hand under a name. Raises as `save_upload`."""
        name = await self.check(requester, scope, typed)
        return await self._save(requester, scope, name, self.references.keep(content, tag=name, filename=filename))

    async def save_stored(self, requester: Requester, scope: Scope, typed: str, sha256: str) -> Kept:
        """Keep the cleaned copy of a result's picture under a name. Raises as `save_upload`.

        Raises:
            NotFound: the picture is not kept any more.
        """
        content = await self.blobs.get(sha256)
        return await self.save_content(requester, scope, typed, content, filename=f"@{typed.strip().removeprefix('@')}")

    async def _save(
        self,
        requester: Requester,
        scope: Scope,
        name: str,
        making: Awaitable[tuple[Reference, tuple[str, ...]]],
    ) -> Kept:
        library = _writable(requester, scope)
        reference, notes = await making
        content = await self.blobs.get(reference.sha256 or "")
        preview = await asyncio.to_thread(imaging.preview, content)
        picture = SavedPicture(
            sha256=reference.sha256 or "",
            preview=name_of(preview.content),
            media_type=reference.media_type or "image/png",
            width=reference.width or 0,
            height=reference.height or 0,
        )

        async def insert(tx: Transaction) -> SavedReference:
            await self.library.lock(tx, library)
            await self._check_room(tx, library, name)
            saved = await self.library.insert(
                tx, library, name=name, picture=picture, by=requester.user_id, at=self.clock()
            )
            await self._note(tx, requester, library, before=None, after=name)
            return saved

        async with self.forgetting.turn:
            # Marked until it is saved: whatever goes wrong in between, the small copy does not stay behind.
            await self.database.write(lambda tx: self.library.mark(tx, picture.preview, at=self.clock()))
            await self.blobs.put(preview.content)
            await self.blobs.put(content)
            saved = await self.database.write(insert)
        return Kept(shown=ShownReference(saved=saved, content=preview.content), notes=notes)

    async def _check_room(self, tx: Transaction, library: Library, name: str) -> None:
        await self._check_free(tx, library, name)
        count, limit = await self.library.count(tx, [library]), self.limits[library.scope]
        if count >= limit:
            raise InvalidRequest(f"refused.references_full_{library.scope}", count=count, limit=limit)

    async def _check_free(self, tx: Transaction, library: Library, name: str) -> None:
        if await self.library.named(tx, [library], [name]):
            raise InvalidRequest(f"refused.reference_taken_{library.scope}", value=name)

    async def find(self, requester: Requester, typed: str, scope: Scope | None = None) -> SavedReference:
        """What a name means to somebody: their own reference before their server's, or only the one of a scope.

        Raises:
            NotFound: nothing.
        """
        name = typed.strip().removeprefix("@")
        libraries = _readable(requester, scope)
        found = await self.database.read(lambda tx: self.library.named(tx, libraries, [name])) if libraries else []
        if not found:
            raise NotFound("refused.reference_unknown", value=name)
        return found[0]

    async def show(self, saved: SavedReference, *, limit: int) -> ShownReference:
        """The reference with its picture, as a file of at most `limit` bytes."""
        content = await self.blobs.get(saved.picture.sha256)
        if len(content) > limit:
            content = (await asyncio.to_thread(imaging.fit_upload, content, limit)).content
        return ShownReference(saved=saved, content=content)

    async def page(self, requester: Requester, scope: Scope | None, number: int) -> LibraryPage:
        """One page of what somebody can use, their own first; beyond the last page it is the last one."""
        libraries = _readable(requester, scope)

        async def load(tx: Transaction) -> tuple[int, int, list[SavedReference], dict[Scope, int]]:
            counts = {library.scope: await self.library.count(tx, [library]) for library in libraries}
            pages = max(1, -(-sum(counts.values()) // PAGE))
            shown = min(max(1, number), pages)
            found = await self.library.page(tx, libraries, offset=PAGE * (shown - 1), limit=PAGE) if libraries else []
            return shown, pages, found, counts

        shown, pages, found, counts = await self.database.read(load)
        entries = [ShownReference(saved=saved, content=await self._preview(saved)) for saved in found]
        return LibraryPage(entries=tuple(entries), number=shown, pages=pages, counts=counts)

    async def suggest(
        self, requester: Requester, typed: str, scope: Scope | None = None, *, limit: int
    ) -> list[SavedReference]:
        """What somebody can use whose name contains the text, their own first."""
        libraries, text = _readable(requester, scope), typed.strip().removeprefix("@")
        if not libraries:
            return []
        return await self.database.read(
            lambda tx: self.library.page(tx, libraries, offset=0, limit=limit, containing=text)
        )

    async def names(self, requester: Requester, scope: Scope = Scope.ME) -> set[str]:
        """The folded names that are taken in somebody's own library, or in their server's."""
        return {fold(saved.name) for saved in await self.suggest(requester, "", scope, limit=self.limits[scope])}

    async def rename(self, requester: Requester, saved: SavedReference, typed: str) -> str:
        """Give a reference another name; the new name.

        Raises:
            InvalidRequest: it is no name, or taken.
            NotAllowed: no moderator asks, and it is the server's.
            NotFound: somebody deleted the reference meanwhile.
        """
        name = check_name(typed)
        library = _writable(requester, saved.library.scope)

        async def write(tx: Transaction) -> None:
            await self.library.lock(tx, library)
            await self._check_there(tx, library, saved)
            if fold(name) != fold(saved.name):
                await self._check_free(tx, library, name)
            await self.library.rename(tx, saved.id, name)
            await self._note(tx, requester, library, before=saved.name, after=name)

        await self.database.write(write)
        return name

    async def by_id(self, requester: Requester, saved_id: int) -> SavedReference:
        """A reference that somebody may change, by its number.

        Raises:
            NotFound: there is none.
            NotAllowed: no moderator asks, and it is the server's.
        """
        saved = await self.database.read(lambda tx: self.library.by_id(tx, saved_id))
        if saved is None or saved.library not in libraries_of(requester):
            raise NotFound
        _writable(requester, saved.library.scope)
        return saved

    async def delete(self, requester: Requester, saved: SavedReference) -> None:
        """Forget a reference and delete its picture, as soon as no unfinished job needs it.

        Raises:
            NotAllowed: no moderator asks, and it is the server's.
            NotFound: somebody deleted the reference meanwhile.
        """
        library = _writable(requester, saved.library.scope)

        async def write(tx: Transaction) -> None:
            there = await self._check_there(tx, library, saved)
            await self.library.delete(tx, there, at=self.clock())
            await self._note(tx, requester, library, before=there.name, after=None)

        await self.database.write(write)
        await self.forgetting.forget((saved.picture.sha256, saved.picture.preview))

    async def _check_there(self, tx: Transaction, library: Library, saved: SavedReference) -> SavedReference:
        there = await self.library.by_id(tx, saved.id)
        if there is None or there.library != library:
            raise NotFound("refused.reference_unknown", value=saved.name)
        return there

    async def _note(
        self, tx: Transaction, requester: Requester, library: Library, *, before: str | None, after: str | None
    ) -> None:
        if library.scope is not Scope.SERVER:
            return
        tables: list[Table] = [None if name is None else {"reference": f"@{name}"} for name in (before, after)]
        await self.changes.note(
            tx, requester, Change.REFERENCES, subject=f"guild:{library.id}", before=tables[0], after=tables[1]
        )

    async def _preview(self, saved: SavedReference) -> bytes:
        try:
            return await self.blobs.get(saved.picture.preview)
        except NotFound:
            return b""


def _readable(requester: Requester, scope: Scope | None) -> list[Library]:
    return [library for library in libraries_of(requester) if scope in (None, library.scope)]


def _writable(requester: Requester, scope: Scope) -> Library:
    if scope is Scope.SERVER:
        check_moderator(requester)
        return Library(scope=scope, id=requester.guild_id)
    return Library(scope=scope, id=requester.user_id)
