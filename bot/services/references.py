"""Bringing a request's pictures in: fetched once, checked, cleaned, and kept by their content."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, Final

from bot.domain.errors import UnusableImage
from bot.domain.job import RequestId, RequestRecord
from bot.domain.links import is_over
from bot.domain.references import Reference, Upload
from bot.providers.base import ReferenceFile
from bot.services.copies import Copies
from bot.services.ports import Clock, Fetch, Refresh
from bot.services.tips import Tips
from bot.services.turns import Turns
from bot.store.blobs import Blobs
from bot.store.database import Database, Transaction
from bot.store.requests import RequestStore

log = logging.getLogger(__name__)

FETCHES: Final = 16
"""Files that are fetched at the same time; they go to the disk, so this bounds connections, not memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """Makes sure that a request's references are in the blob store; a second caller waits for the first."""

    database: Database
    requests: RequestStore
    blobs: Blobs
    copies: Copies
    tips: Tips
    fetch: Fetch
    refresh: Refresh
    clock: Clock
    turns: Turns = field(default_factory=Turns)
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FETCHES))

    async def ready(self, request_id: RequestId) -> RequestRecord:
        """The request with all references stored. Safe to repeat, also after a restart.

        Raises:
            Refused: a file cannot be fetched or used; the sentence names it.
        """
        async with self.turns.of(request_id):
            record = await self._load(request_id)
            there = [await self._is_there(reference) for reference in record.request.references]
            if all(there):
                return record
            stored = [
                (reference, ()) if known else await self._stored(reference)
                for reference, known in zip(record.request.references, there, strict=True)
            ]
            return await self._kept(record, stored)

    async def _kept(self, record: RequestRecord, stored: Sequence[tuple[Reference, tuple[str, ...]]]) -> RequestRecord:
        references = [reference for reference, _ in stored]

        async def keep(tx: Transaction) -> RequestRecord:
            await self.requests.set_references(tx, record.id, references)
            notes = [note for _, some in stored for note in some]
            tip = await self.tips.of(tx, record, references)
            await self.requests.add_notes(tx, record, [*notes, *tip])
            return await self.requests.get(tx, record.id)

        return await self.database.write(keep)

    async def keep(self, content: bytes, *, tag: str, filename: str) -> tuple[Reference, tuple[str, ...]]:
        """A reference from bytes at hand, ready at once, and keys of notes on what was changed about it.

        Raises:
            UnusableImage: the file cannot be used; the sentence names it.
        """
        with tempfile.TemporaryFile() as file:
            await asyncio.to_thread(file.write, content)
            return await self._keep(file, tag=tag, filename=filename)

    async def _keep(self, file: BinaryIO, *, tag: str, filename: str) -> tuple[Reference, tuple[str, ...]]:
        copy = await self.copies.of(file, filename=filename)
        reference = Reference(tag=tag, filename=filename).fetched(
            sha256=copy.sha256, media_type=copy.media_type, width=copy.width, height=copy.height, bare=copy.bare
        )
        return reference, copy.notes

    async def bring(self, upload: Upload, *, tag: str) -> tuple[Reference, tuple[str, ...]]:
        """A reference from a person's file, fetched now, and keys of notes on what was changed about it.

        Raises:
            UnusableImage: the file cannot be fetched or used; the sentence names it.
        """
        return await self._stored(Reference(tag=tag, filename=upload.filename, source=upload.url))

    async def files(self, record: RequestRecord) -> list[ReferenceFile]:
        """The cleaned pictures of a request whose references are ready."""
        return [
            ReferenceFile(
                tag=reference.tag,
                content=await self.blobs.get(reference.sha256),
                media_type=reference.media_type or "image/png",
                sha256=reference.sha256,
                link=reference.source if reference.bare else None,
                width=reference.width or 0,
                height=reference.height or 0,
            )
            for reference in record.request.references
            if reference.sha256 is not None
        ]

    async def _is_there(self, reference: Reference) -> bool:
        return reference.sha256 is not None and await self.blobs.exists(reference.sha256)

    async def _stored(self, reference: Reference) -> tuple[Reference, tuple[str, ...]]:
        if not reference.source:
            raise UnusableImage("image.gone", filename=reference.filename)
        async with self.room:
            # Nothing of a person's own file stays: it has no name on the disk, and ends with the process.
            with tempfile.TemporaryFile() as file:
                source = await self._fetched(reference.source, reference.filename, file)
                kept, notes = await self._keep(file, tag=reference.tag, filename=reference.filename)
        return replace(kept, source=source), notes

    async def _fetched(self, source: str, filename: str, file: BinaryIO) -> str:
        """Fetch a person's file, by a fresh link where its own has expired; the link that worked."""
        try:
            if not is_over(source, self.clock()):
                return await self._fetch_into(source, filename, file)
        except UnusableImage as error:
            if error.key != "image.gone":
                raise
        fresh = await self.refresh(source)
        if fresh is None:
            raise UnusableImage("image.gone", filename=filename)
        log.info("the link to a reference had expired and was made anew")
        return await self._fetch_into(fresh, filename, file)

    async def _fetch_into(self, source: str, filename: str, file: BinaryIO) -> str:
        file.seek(0)
        file.truncate()
        try:
            await self.fetch(source, file)
        except UnusableImage as error:
            values: dict[str, Any] = {**error.values, "filename": filename}
            raise UnusableImage(error.key, detail=error.detail, **values) from None
        return source

    async def _load(self, request_id: RequestId) -> RequestRecord:
        async def load(tx: Transaction) -> RequestRecord:
            return await self.requests.get(tx, request_id)

        return await self.database.read(load)
