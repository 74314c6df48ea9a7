"""Bringing references into the form a provider takes, reusing what it already holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.errors import ReferenceRefused, UnusableImage
from bot.providers.base import Provider, ReferenceFile, SentReference
from bot.services.copies import Copies
from bot.services.ports import Clock
from bot.services.turns import Turns
from bot.store.database import Database, Transaction
from bot.store.uploads import UploadStore

MARGIN = 15 * 60.0
"""Seconds that an upload must still be good for: the task reads it some time after it was submitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """References as a provider takes them, and keys of notes on what was changed about the pictures for that."""

    references: tuple[SentReference, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """Each picture is uploaded once per provider and used again until the upload expires."""

    database: Database
    uploads: UploadStore
    copies: Copies
    clock: Clock
    turns: Turns = field(default_factory=Turns)

    async def prepare(self, provider: Provider, files: Sequence[ReferenceFile]) -> Prepared:
        """The references as the provider takes them. Safe to repeat. Raises as `Provider.prepare`."""
        prepared = [await self._prepare(provider, file) for file in files]
        notes = dict.fromkeys(note for _, some in prepared for note in some)
        return Prepared(references=tuple(sent for sent, _ in prepared), notes=tuple(notes))

    async def _prepare(self, provider: Provider, file: ReferenceFile) -> tuple[SentReference, tuple[str, ...]]:
        file, notes = await self._fitted(provider, file)
        # Jobs that start at the same moment wait for the first one's upload.
        async with self.turns.of((provider.facts.name, file.sha256)):
            return await self._sent(provider, file), notes

    async def _fitted(self, provider: Provider, file: ReferenceFile) -> tuple[ReferenceFile, tuple[str, ...]]:
        wanted = provider.facts.reference_limits
        if wanted is None:
            return file, ()
        try:
            return await self.copies.fitted(file, wanted)
        except UnusableImage as error:
            raise ReferenceRefused(provider=provider.facts.name, detail=error.detail or error.key) from None

    async def _sent(self, provider: Provider, file: ReferenceFile) -> SentReference:
        name = provider.facts.name

        async def look(tx: Transaction) -> str | None:
            return await self.uploads.get(tx, provider=name, sha256=file.sha256, now=self.clock() + MARGIN)

        known = await self.database.read(look)
        if known is not None:
            return SentReference(tag=file.tag, uri=known)
        sent = await provider.prepare(file)
        expires_at = sent.expires_at
        if expires_at is not None:

            async def keep(tx: Transaction) -> None:
                await self.uploads.put(tx, provider=name, sha256=file.sha256, uri=sent.uri, expires_at=expires_at)

            await self.database.write(keep)
        return sent
