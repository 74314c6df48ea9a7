"""Bringing a request's pictures in: fetched once, checked, cleaned, and kept by their content."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from bot import imaging
from bot.domain.errors import UnusableImage
from bot.domain.job import RequestId, RequestRecord
from bot.domain.references import Reference
from bot.providers.base import ReferenceFile
from bot.services.ports import Fetch
from bot.store.blobs import Blobs
from bot.store.database import Database, Transaction
from bot.store.requests import RequestStore

log = logging.getLogger(__name__)


class References:
    """Makes sure that a request's references are in the blob store; a second caller waits for the first."""

    def __init__(self, *, database: Database, requests: RequestStore, blobs: Blobs, fetch: Fetch) -> None:
        self._database = database
        self._requests = requests
        self._blobs = blobs
        self._fetch = fetch
        self._locks: dict[RequestId, tuple[asyncio.Lock, int]] = {}

    async def ready(self, request_id: RequestId) -> RequestRecord:
        """The request with all references stored. Safe to repeat, also after a restart.

        Raises:
            Refused: a file cannot be fetched or used; the sentence names it.
        """
        async with self._turn(request_id):
            record = await self._load(request_id)
            if all(reference.ready for reference in record.request.references):
                return record
            stored = [await self._stored(reference) for reference in record.request.references]

            async def keep(tx: Transaction) -> RequestRecord:
                await self._requests.set_references(tx, request_id, [reference for reference, _ in stored])
                await self._requests.add_notes(tx, record, [note for _, notes in stored for note in notes])
                return await self._requests.get(tx, request_id)

            return await self._database.write(keep)

    async def keep(self, content: bytes, *, tag: str, filename: str) -> tuple[Reference, tuple[str, ...]]:
        """A reference from bytes at hand, ready at once, and keys of notes on what was changed about it.

        Raises:
            UnusableImage: the file cannot be used; the sentence names it.
        """
        try:
            picture = await asyncio.to_thread(imaging.clean, content)
        except UnusableImage as error:
            values: dict[str, Any] = {**error.values, "filename": filename}
            raise UnusableImage(error.key, detail=error.detail, **values) from None
        sha256 = await self._blobs.put(picture.content)
        reference = Reference(tag=tag, filename=filename).fetched(
            sha256=sha256, media_type=picture.media_type, width=picture.width, height=picture.height
        )
        return reference, picture.notes

    async def files(self, record: RequestRecord) -> list[ReferenceFile]:
        """The cleaned pictures of a request whose references are ready."""
        return [
            ReferenceFile(
                tag=reference.tag,
                content=await self._blobs.get(reference.sha256),
                media_type=reference.media_type or "image/png",
                sha256=reference.sha256,
                link=reference.source,
            )
            for reference in record.request.references
            if reference.sha256 is not None
        ]

    async def _stored(self, reference: Reference) -> tuple[Reference, tuple[str, ...]]:
        if reference.ready:
            return reference, ()
        if reference.source is None:
            raise UnusableImage("image.gone", filename=reference.filename)
        content = await self._fetched(reference.source, reference.filename)
        kept, notes = await self.keep(content, tag=reference.tag, filename=reference.filename)
        return replace(kept, source=reference.source), notes

    async def _fetched(self, source: str, filename: str) -> bytes:
        try:
            return await self._fetch(source)
        except UnusableImage as error:
            values: dict[str, Any] = {**error.values, "filename": filename}
            raise UnusableImage(error.key, detail=error.detail, **values) from None

    async def _load(self, request_id: RequestId) -> RequestRecord:
        async def load(tx: Transaction) -> RequestRecord:
            return await self._requests.get(tx, request_id)

        return await self._database.read(load)

    @asynccontextmanager
    async def _turn(self, request_id: RequestId) -> AsyncGenerator[None]:
        lock, users = self._locks.get(request_id, (asyncio.Lock(), 0))
        self._locks[request_id] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[request_id]
            if users == 1:
                del self._locks[request_id]
            else:
                self._locks[request_id] = (lock, users - 1)
