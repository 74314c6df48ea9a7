"""Handing out everything of a person: one archive with a file for each table, and their pictures."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.domain.errors import NotFound
from bot.store.blobs import Blobs
from bot.store.database import Database
from bot.store.holdings import Held, HoldingStore

_EXTENSIONS = ((b"\x89PNG", "png"), (b"\xff\xd8", "jpg"), (b"RIFF", "webp"))

ENTRY = 512
"""Bytes of an archive that an entry takes besides its content, at most."""

About = Callable[[int], str]
"""The text that goes with the archive, by how many pictures did not fit into it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A ZIP file; `pictures` are in it, `missing` did not fit, `rows` are of all tables together."""

    content: bytes = field(repr=False)
    rows: int
    pictures: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """Reads one state of the database; nothing is changed."""

    database: Database
    holdings: HoldingStore
    blobs: Blobs

    async def export(self, user_id: int, *, limit: int, about: About) -> Archive:
        """What is kept of a person, as an archive of at most about `limit` bytes: all rows, then the latest pictures.

        Pictures that do not fit are counted.
        """
        found = await self.database.read(lambda tx: self.holdings.of(tx, user_id))
        tables = await asyncio.to_thread(_packed, _files(found))
        room, missing = limit - len(tables) - 4 * ENTRY, 0
        pictures: list[tuple[str, bytes]] = []
        for sha256 in found.pictures:
            content = await self._content(sha256)
            if content is None:
                continue
            if len(content) + ENTRY > room:
                missing += 1
                continue
            room -= len(content) + ENTRY
            pictures.append((f"pictures/{sha256}.{_extension(content)}", content))
        files = [("README.txt", about(missing).encode()), *_files(found), *pictures]
        content = await asyncio.to_thread(_packed, files)
        rows = sum(map(len, found.tables.values()))
        return Archive(content=content, rows=rows, pictures=len(pictures), missing=missing)

    async def _content(self, sha256: str) -> bytes | None:
        try:
            return await self.blobs.get(sha256)
        except NotFound:
            return None


def _files(found: Held) -> list[tuple[str, bytes]]:
    return [
        (f"data/{name}.json", json.dumps(rows, indent=1, ensure_ascii=False, default=str).encode())
        for name, rows in found.tables.items()
    ]


def _packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


def _extension(content: bytes) -> str:
    return next((extension for start, extension in _EXTENSIONS if content.startswith(start)), "bin")
