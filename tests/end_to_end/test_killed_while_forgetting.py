"""The bot is killed in the middle of deleting somebody's data: the next one finishes it, and the books stay right."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.store.ledger import Ledger
from tests.support.bench import text_of
from tests.support.doomed import LIMIT, DoomedStudio, open_doomed
from tests.support.people import dump, texts

WORDS = "a lighthouse of quartz"


async def left(studio: DoomedStudio, *marks: str) -> list[str]:
    """What stands in the database of a person, and which pictures are kept."""
    rows = await studio.archive.read(dump)
    found = [text for some in rows.values() for text in texts(some) if any(mark in text for mark in marks)]
    pictures = [str(path) for path in (studio.folder / "blobs").rglob("*") if path.is_file()]
    return found + pictures


@pytest.mark.parametrize(("step", "number"), [("erasing", 1), ("erased_part", 1), ("renamed", 1), ("renamed", 5)])
async def test_what_a_killed_bot_began_to_delete_is_gone_after_the_next_start(
    tmp_path: Path, step: str, number: int
) -> None:
    async with open_doomed(tmp_path) as studio:
        await studio.closed(await studio.imagine(WORDS))
        mia, quota = studio.person("Mia"), await studio.quota()
        question = await mia.slash("studio", "mydata delete")
        assert question.message_id is not None
        totals = await studio.archive.read(Ledger().totals)
        studio.doom(step, number)
        pressing = asyncio.create_task(mia.press(question.message_id, label="Delete"))
        await studio.killed()
        pressing.cancel()
        await studio.restart()
        async with asyncio.timeout(LIMIT):
            while await left(studio, mia.id, "quartz", "model.png"):  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.05)
        assert await studio.archive.read(Ledger().totals) == totals
        assert await studio.archive.read(Ledger().verify) == []
        assert await studio.quota() == quota
        # Pressed once more, the button finds nothing left to do, and says so.
        await mia.press(question.message_id, label="Delete")
        await studio.until(lambda: "Deleted" in text_of(studio.card(question)))
