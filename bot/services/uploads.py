"""Bringing references into the form a provider takes, reusing what it already holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.providers.base import Provider, ReferenceFile, SentReference
from bot.services.ports import Clock
from bot.store.database import Database, Transaction
from bot.store.uploads import UploadStore

MARGIN = 15 * 60.0
"""Seconds that an upload must still be good for: the task reads it some time after it was submitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """Each picture is uploaded once per provider and used again until the upload expires."""

    database: Database
    uploads: UploadStore
    clock: Clock

    async def prepare(self, provider: Provider, files: Sequence[ReferenceFile]) -> tuple[SentReference, ...]:
        """The references as the provider takes them. Safe to repeat. Raises as `Provider.prepare`."""
        return tuple([await self._prepare(provider, file) for file in files])

    async def _prepare(self, provider: Provider, file: ReferenceFile) -> SentReference:
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
