"""Reports and deleted results as rows, on both databases."""

from __future__ import annotations

import pytest

from bot.domain.errors import NotFound
from bot.domain.job import RequestId
from bot.domain.report import Verdict
from bot.store.database import Database
from bot.store.deletions import DeletionStore
from bot.store.reports import ReportStore
from bot.store.requests import RequestStore
from tests.support.requests import admit, new_request

REPORTS, DELETIONS = ReportStore(), DeletionStore()


async def test_a_report_is_found_and_remembers_its_verdicts(database: Database) -> None:
    made = await database.write(
        lambda tx: REPORTS.insert(tx, guild_id=9, request_id=RequestId(3), user_id=7, reason="“no” 😀", at=5.5)
    )
    assert await database.read(lambda tx: REPORTS.get(tx, made.id)) == made
    await database.write(lambda tx: REPORTS.set_deeds(tx, made.id, [(Verdict.BLOCK, 2**62)]))
    held = await database.write(lambda tx: REPORTS.get(tx, made.id, hold=True))
    assert held.deeds == ((Verdict.BLOCK, 2**62),)
    assert await database.read(lambda tx: REPORTS.of_person(tx, RequestId(3), 7)) == held
    assert await database.read(lambda tx: REPORTS.count(tx, user_id=7, guild_id=9, since=5.0)) == 1
    assert await database.read(lambda tx: REPORTS.count(tx, user_id=7, guild_id=9, since=5.5)) == 0
    with pytest.raises(NotFound):
        await database.read(lambda tx: REPORTS.get(tx, made.id + 1))


async def test_a_result_is_deleted_once_and_shown_until_it_is_taken_down(database: Database) -> None:
    record = await admit(database, new_request())
    assert await database.write(lambda tx: DELETIONS.delete(tx, record, by=1, at=5.5)) == []
    assert await database.write(lambda tx: DELETIONS.delete(tx, record, by=2, at=6.5)) is None
    assert (await database.read(lambda tx: RequestStore().get(tx, record.id))).deleted_at == 5.5
    assert await database.read(DELETIONS.still_shown) == [record.id]
    await database.write(lambda tx: DELETIONS.mark_taken_down(tx, record.id, at=7.5))
    assert await database.read(DELETIONS.still_shown) == []
