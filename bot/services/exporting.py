"""Handing out everything of a person: one archive with a file for each table, and their pictures."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from bot.domain.errors import NotFound
from bot.store.blobs import Blobs
from bot.store.database import Database
from bot.store.holdings import Held, HoldingStore, Rows

_EXTENSIONS = ((b"\x89PNG", "png"), (b"\xff\xd8", "jpg"), (b"RIFF", "webp"))

AT_ONCE = 2

ENTRY = 512
"""Bytes of an archive that an entry takes besides its content, at most."""

About = Callable[[int], str]
"""The text that goes with the archive, by how many pictures did not fit into it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What a ZIP file holds: `pictures` are in it, `missing` did not fit, `rows` are of all tables together."""

    rows: int
    pictures: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """Reads one state of the database; nothing is changed. At most a few archives are made at the same time."""

    database: Database
    holdings: HoldingStore
    blobs: Blobs
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def export(self, file: BinaryIO, user_id: int, *, limit: int, about: About) -> Archive:
        """Write what is kept of a person to an empty file, of about `limit` bytes at most.

        All rows are in it, and the latest pictures; those that do not fit are counted.
        """
        async with self.room:
            found = await self.database.read(lambda tx: self.holdings.of(tx, user_id))
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, rows in found.tables.items():
                    await _add(archive, f"data/{name}.json", _json(rows))
                pictures, missing = await self._add_pictures(archive, found, limit - file.tell() - 40 * ENTRY)
                await _add(archive, "README.txt", about(missing).encode())
        return Archive(rows=sum(map(len, found.tables.values())), pictures=pictures, missing=missing)

    async def _add_pictures(self, archive: zipfile.ZipFile, found: Held, room: int) -> tuple[int, int]:
        """How many pictures were added, and how many had no room."""
        added = missing = 0
        for sha256 in found.pictures:
            content = await self._content(sha256)
            if content is None:
                continue
            if len(content) + ENTRY > room:
                missing += 1
                continue
            await _add(archive, f"pictures/{sha256}.{_extension(content)}", content)
            room -= len(content) + ENTRY
            added += 1
        return added, missing

    async def _content(self, sha256: str) -> bytes | None:
        try:
            return await self.blobs.get(sha256)
        except NotFound:
            return None


async def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    await asyncio.to_thread(archive.writestr, name, content)


def _json(rows: Rows) -> bytes:
    return json.dumps(rows, indent=1, ensure_ascii=False, default=str).encode()


def _extension(content: bytes) -> str:
    return next((extension for start, extension in _EXTENSIONS if content.startswith(start)), "bin")
