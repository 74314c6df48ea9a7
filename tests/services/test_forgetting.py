"""Pictures that nobody saved go for good after their time, but never from under a job."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.library import Library, SavedPicture, Scope
from bot.domain.references import Copy
from bot.imaging.decoder import Decoder
from bot.services.copies import Copies
from bot.services.forgetting import Forgetting
from bot.store.blobs import FolderBlobs
from bot.store.copies import CopyStore
from bot.store.database import Database, Transaction
from bot.store.library import LibraryStore
from bot.store.migrate import upgrade
from tests.corpus.files import encoded, photo

KEEP = 3600.0


@dataclass
class Bench:
    """Copies and what deletes them, with a clock that the test turns."""

    copies: Copies
    forgetting: Forgetting
    blobs: FolderBlobs
    now: list[float]

    async def hand_over(self, width: int) -> Copy:
        """Somebody sends a picture of this width."""
        with tempfile.TemporaryFile() as file:
            file.write(encoded(photo(width), "PNG"))
            return await self.copies.of(file, filename="a.png")


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    url = f"sqlite+aiosqlite:///{tmp_path}/atelier.db"
    await upgrade(url)
    now, decoder, blobs, library = [1e9], Decoder(), FolderBlobs(tmp_path / "blobs"), LibraryStore()
    async with Database.open(url) as database:
        copies = Copies(database=database, copies=CopyStore(), blobs=blobs, decoder=decoder, clock=lambda: now[0])
        forgetting = Forgetting(database=database, library=library, blobs=blobs, clock=lambda: now[0], keep=KEEP)
        yield Bench(copies, forgetting, blobs, now)
    await decoder.aclose()


async def test_what_nobody_saved_or_sent_again_is_deleted_after_its_time(bench: Bench) -> None:
    old, again, saved = [(await bench.hand_over(width)).sha256 for width in (300, 320, 340)]

    async def save(tx: Transaction) -> None:
        picture = SavedPicture(sha256=saved, preview=saved, media_type="image/png", width=340, height=520)
        owner = Library(scope=Scope.ME, id=5)
        await bench.forgetting.library.insert(tx, owner, name="cat", picture=picture, by=5, at=0.0)

    await bench.forgetting.database.write(save)
    await bench.forgetting.sweep()
    assert [await bench.blobs.exists(sha256) for sha256 in (old, again, saved)] == [True] * 3
    bench.now[0] += KEEP - 10
    await bench.hand_over(320)
    bench.now[0] += 20
    await bench.forgetting.sweep()
    assert [await bench.blobs.exists(sha256) for sha256 in (old, again, saved)] == [False, True, True]
    assert (await bench.hand_over(300)).sha256 == old, "who sends it again has it again"
    assert await bench.blobs.exists(old)
