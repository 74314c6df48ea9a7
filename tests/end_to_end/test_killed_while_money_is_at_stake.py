"""The bot is killed around the paid request to Runway, whose bill says what was really bought."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.job import JobState
from bot.domain.ledger import EntryKind
from bot.domain.money import FREE, Money
from tests.support.doomed import QUOTA, open_doomed
from tests.support.runway import LocalRunway

PRICE = Money.dollars("0.05")


@pytest.mark.parametrize(
    ("step", "bought"),
    [("references_ready", 1), ("submitting", 0), ("submitted", 1), ("task_recorded", 1), ("downloaded", 1)],
)
async def test_a_picture_is_bought_once_at_most(tmp_path: Path, step: str, bought: int) -> None:
    async with LocalRunway.open() as runway, open_doomed(tmp_path, runway=runway) as studio:
        studio.doom(step)
        asked = await studio.imagine("@model in a red coat")
        await studio.killed()
        await studio.restart()

        words = await studio.closed(asked)
        lost = step in {"submitting", "submitted"}
        assert ("did not say whether it started" in words) is lost
        assert await studio.quota() == QUOTA - (not lost)
        books = await studio.reckoning()
        assert books.states == [JobState.LOST if lost else JobState.SUCCEEDED]
        assert len(runway.tasks) == runway.submissions == bought
        assert books.totals[EntryKind.CHARGE][1] == (FREE if lost else PRICE)
        assert books.totals[EntryKind.LOSS][1] == (PRICE if lost else FREE), "the operator bears what nobody knows"
