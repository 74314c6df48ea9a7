"""Clean copies of people's files: each file is opened once, however often it comes and by whatever link."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from bot.domain.capabilities import ReferenceLimits
from bot.domain.references import Copy
from bot.imaging.decoder import Decoder
from bot.imaging.values import Picture
from bot.providers.base import ReferenceFile
from bot.services.ports import Clock
from bot.services.turns import Turns
from bot.store.blobs import Blobs
from bot.store.copies import CopyStore
from bot.store.database import Database, Transaction

CLEAN: Final = "clean"
"""The form of copies that were checked and re-written; other forms are made of these."""
_PART: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Makes copies, and knows those that were made before: by anybody, before a restart, at this moment."""

    database: Database
    copies: CopyStore
    blobs: Blobs
    decoder: Decoder
    clock: Clock
    turns: Turns = field(default_factory=Turns)

    async def of(self, file: BinaryIO, *, filename: str) -> Copy:
        """The clean copy of a person's file, which is read from its start.

        Raises:
            UnusableImage: the file cannot be used; the sentence names it.
        """
        source = await asyncio.to_thread(_hash, file)
        return await self._made(source, CLEAN, lambda: self.decoder.clean(file, filename=filename))

    async def fitted(self, reference: ReferenceFile, wanted: ReferenceLimits) -> tuple[ReferenceFile, tuple[str, ...]]:
        """A clean reference as a service takes it, and keys of notes on what was changed for that.

        Raises:
            UnusableImage: it cannot be made what is wanted.
        """
        if _fits(reference, wanted):
            return reference, ()

        async def fit() -> Picture:
            with tempfile.TemporaryFile() as file:
                await asyncio.to_thread(_fill, file, reference.content)
                return await self.decoder.fit(file, wanted)

        form = f"{wanted.min_aspect:g} {wanted.max_aspect:g} {wanted.max_bytes}"
        copy = await self._made(reference.sha256, form, fit)
        content = await self.blobs.get(copy.sha256)
        return reference.changed(content=content, copy=copy), copy.notes

    async def _made(self, source: str, form: str, make: Callable[[], Awaitable[Picture]]) -> Copy:
        async with self.turns.of((source, form)):

            async def known(tx: Transaction) -> Copy | None:
                await self.copies.touch(tx, source=source, form=form, at=self.clock())
                return await self.copies.get(tx, source=source, form=form)

            copy = await self.database.write(known)
            if copy is not None and await self.blobs.exists(copy.sha256):
                return copy
            picture = await make()
            copy = Copy(
                sha256=await self.blobs.put(picture.content),
                media_type=picture.media_type,
                width=picture.width,
                height=picture.height,
                notes=picture.notes,
                look=picture.look,
                bare=picture.bare,
            )

            async def keep(tx: Transaction, made: Copy = copy) -> None:
                await self.copies.put(tx, made, source=source, form=form, at=self.clock())

            await self.database.write(keep)
            return copy


def _fits(reference: ReferenceFile, wanted: ReferenceLimits) -> bool:
    small = wanted.max_bytes is None or len(reference.content) <= wanted.max_bytes
    width, height = reference.width, reference.height
    return small and height > 0 and wanted.min_aspect <= width / height <= wanted.max_aspect


def _fill(file: BinaryIO, content: bytes) -> None:
    file.write(content)
    file.flush()


def _hash(file: BinaryIO) -> str:
    file.flush()
    file.seek(0)
    found = hashlib.sha256()
    while part := file.read(_PART):
        found.update(part)
    return found.hexdigest()
