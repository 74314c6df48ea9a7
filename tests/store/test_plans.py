"""What runs often reads through indexes, so that ten thousand finished jobs cost nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CursorResult, Executable, Row, insert, text

from bot.domain.job import Action, Delivery, JobId, JobState, RequestId
from bot.domain.quota import Window
from bot.domain.references import Reference
from bot.domain.shapes import Model, Resolution, Shape
from bot.store.database import Database, Transaction
from bot.store.forgetting import ForgettingStore
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.library import LibraryStore
from bot.store.quotas import QuotaStore
from bot.store.requests import RequestStore
from bot.store.rows import job_values, reference_values, request_values
from bot.store.spending import spent_since
from bot.store.tables import EVERYWHERE
from bot.store.tables import favourites as favourite_rows
from bot.store.tables import guild_settings as settings_rows
from bot.store.tables import jobs as job_rows
from bot.store.tables import ledger as ledger_rows
from bot.store.tables import outputs as output_rows
from bot.store.tables import quota_rules as rule_rows
from bot.store.tables import request_references as reference_rows
from bot.store.tables import requests as request_rows
from bot.store.tables import spending as spending_rows
from tests.support.requests import admit, new_request

FINISHED = 10_000
PICTURE = {"media_type": "image/png", "width": 8, "height": 8, "size_bytes": 9}
WINDOW = Window(start=900.0, end=2000.0)
# What these indexes hold does not grow with history.
SMALL = ("ix_jobs_active", "ix_jobs_leased", "ix_requests_unsettled")


class ExplainingTransaction(Transaction):
    """Runs statements and keeps the plan of each."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx._connection, tx.dialect)
        self.plans: list[str] = []

    async def execute(self, statement: Executable, parameters: list[dict[str, Any]] | None = None) -> CursorResult[Any]:
        await self._explain(statement)
        return await super().execute(statement, parameters)

    async def rows(self, statement: Executable) -> list[Row[Any]]:
        await self._explain(statement)
        return await super().rows(statement)

    async def first(self, statement: Executable) -> Row[Any] | None:
        await self._explain(statement)
        return await super().first(statement)

    async def scalar(self, statement: Executable) -> Any:
        await self._explain(statement)
        return await super().scalar(statement)

    async def _explain(self, statement: Any) -> None:
        written = statement.compile(dialect=self._connection.dialect, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN " if self.dialect == "sqlite" else "EXPLAIN "
        rows = await self._connection.exec_driver_sql(f"{explain}{written}")
        self.plans.append("\n".join(str(row[-1]) for row in rows))


async def bury(tx: Transaction) -> None:
    """Ten thousand requests of the past, of fifty people, each with a reference, a picture and its entries."""
    requests, references, jobs, outputs, entries = [], [], [], [], []
    for number in range(1, FINISHED + 1):
        new = new_request(user_id=number % 50, created_at=1.0, provider="sketch")
        requests.append(request_values(new) | {"id": number, "answered_at": 1.0, "delivery": Delivery.DELIVERED})
        ended = {"id": number, "state": JobState.SUCCEEDED, "started_at": 1.0, "ended_at": 2.0}
        jobs.append(job_values(new, RequestId(number), 0) | ended)
        references.append(reference_values(RequestId(number), 0, Reference(tag="image1")))
        outputs.append({"job_id": number, "position": 0, "sha256": "aa", **PICTURE})
        entry = {"job_id": number, "guild_id": 10, "user_id": number % 50, "source": "window", "images": 1}
        amounts = {"amount": 1, "units": 0, "held_at": 1.0, "at": 1.0, "subject_kind": "user", "subject_id": 1}
        entries += [entry | amounts | {"kind": kind} for kind in ("hold", "charge")]
    rule = {"amount": 1, "unit": "images", "per": "day", "at_once": 1, "queue": 1, "cooldown": 0}
    rules = [{"guild_id": 10, "subject_kind": "user", "subject_id": number, **rule} for number in range(FINISHED)]
    chosen = [{"guild_id": number, "settings": "{}", "updated_by": 1, "updated_at": 1.0} for number in range(2000)]
    spent = [{"guild_id": 10 + number % 50, "quarter": number // 50, "amount": 1} for number in range(FINISHED)]
    marked = [{"user_id": 1, "job_id": number, "marked_at": 1.0} for number in range(1, FINISHED, 5)]
    for table, rows in (
        (rule_rows, rules),
        (settings_rows, chosen),
        (spending_rows, spent),
        (request_rows, requests),
        (reference_rows, references),
        (job_rows, jobs),
        (output_rows, outputs),
        (ledger_rows, entries),
        (favourite_rows, marked),
    ):
        for start in range(0, len(rows), 500):
            await tx.execute(insert(table), rows[start : start + 500])
    if tx.dialect == "postgresql":
        for table in (request_rows, job_rows, ledger_rows):
            await tx.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), 30000)"))
    await tx.execute(text("ANALYZE"))


async def use_all(tx: Transaction) -> None:
    jobs, requests = JobStore(), RequestStore()
    assert await jobs.claim(tx, now=2000.0, owner="me", lease=60.0, providers={"sketch": 9}, limit=5)
    await jobs.renew(tx, [JobId(5), JobId(6)], owner="me", until=2100.0)
    await jobs.line(tx, provider="sketch", depth=9, request_id=RequestId(5))
    await jobs.busy(tx)
    await jobs.next_due(tx, now=2000.0)
    await jobs.submitted_since(tx, "sketch", 1900.0)
    await jobs.unfinished(tx, user_id=1, guild_id=10)
    await jobs.typical_seconds(tx, provider="sketch", model=Model.GEN4_IMAGE, resolution=Resolution.P720)
    await requests.undelivered(tx, now=2000.0)
    await requests.unanswered(tx, before=2000.0)
    await requests.by_interaction(tx, 5)
    await requests.recent(tx, user_id=1, limit=5)
    await requests.twin(
        tx, parent_id=RequestId(5), action=Action.REROLL, user_id=1, since=1.0, shape=Shape(), prompt=""
    )
    await QuotaStore().terms(tx, 10, user_id=1, role_ids=(21, 22))
    await spent_since(tx, [(10, 180 * 900.0), (EVERYWHERE, 180 * 900.0)])
    await ForgettingStore(LibraryStore()).worded(tx, before=1.0)
    await Ledger().usage(tx, guild_id=10, user_id=1, role_ids=(21,), window=WINDOW, now=2000.0)


def scans(plan: str) -> list[str]:
    """Lines that say that a whole table, or an index as large as one, is read."""
    lines = [line for line in plan.splitlines() if line.lstrip(" ->").startswith(("SCAN", "Seq Scan"))]
    derived = ("subquery", "anon_", "SCAN here", "SCAN turns", "SCAN ranked")
    harmless = (*SMALL, *derived, "CONSTANT ROW", "on secrets")
    return [line for line in lines if not any(name in line for name in harmless)]


async def test_nothing_that_runs_often_reads_the_past(database: Database) -> None:
    await database.write(bury)
    for user in range(30):
        await admit(database, new_request(user_id=user, count=2))

    async def explained(tx: Transaction) -> list[str]:
        explaining = ExplainingTransaction(tx)
        await use_all(explaining)
        return explaining.plans

    plans = await database.write(explained)

    assert len(plans) > 12
    assert [line for plan in plans for line in scans(plan)] == []
