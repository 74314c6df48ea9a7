"""Every kind of damage to the books is found and named."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Executable, delete, insert, text, update

from bot.domain.job import JobState
from bot.domain.ledger import EntryKind
from bot.store.database import Database, Transaction
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.tables import jobs, ledger
from tests.support.requests import PRICE, admit, new_request

ENTRY: dict[str, Any] = {
    "guild_id": 10,
    "user_id": 1,
    "source": "window",
    "images": 1,
    "amount": PRICE.micros,
    "units": 0,
    "held_at": 1000.0,
    "at": 2000.0,
    "subject_kind": "user",
    "subject_id": 1,
}


def entry(kind: EntryKind, job_id: int, **changes: Any) -> Executable:
    return insert(ledger).values(**ENTRY | {"kind": kind, "job_id": job_id} | changes)


def of(kind: EntryKind, job_id: int) -> Any:
    return (ledger.c.kind == kind) & (ledger.c.job_id == job_id)


DAMAGE: dict[str, Executable] = {
    "job 3 (waiting) has no hold": delete(ledger).where(of(EntryKind.HOLD, 3)),
    "job 2 (succeeded) ended, but its hold is not all charged or released": update(ledger)
    .where(of(EntryKind.CHARGE, 2))
    .values(amount=1),
    "job 1 (lost) ended, but its hold is not all charged or released": delete(ledger).where(of(EntryKind.RELEASE, 1)),
    "job 3 (waiting) has not ended, but was charged, released or lost": entry(EntryKind.LOSS, 3, images=0),
    "job 2 (succeeded) succeeded without a charge": update(ledger)
    .where(of(EntryKind.CHARGE, 2))
    .values(kind=EntryKind.RELEASE),
    "job 1 (lost) is lost, but the person was charged": update(ledger)
    .where(of(EntryKind.RELEASE, 1))
    .values(kind=EntryKind.CHARGE),
    "job 2 has 2 entries of kind charge": entry(EntryKind.CHARGE, 2),
    "entry 4 (charge) of job 2 has a negative amount": update(ledger)
    .where(of(EntryKind.CHARGE, 2))
    .values(amount=-1, images=-1),
    "entry 7 (hold) belongs to job 404, which does not exist": entry(EntryKind.HOLD, 404),
    "entry 3 (hold) is not like job 3": update(ledger).where(of(EntryKind.HOLD, 3)).values(amount=1),
    "entry 4 (charge) is not of the same person and window as the hold of job 2": update(ledger)
    .where(of(EntryKind.CHARGE, 2))
    .values(held_at=1.0),
}


async def _keep_books(tx: Transaction) -> None:
    """Job 1 is lost and given back, job 2 succeeded and is charged, job 3 waits."""
    store, books = JobStore(), Ledger()
    lost, made = [await store.get(tx, job.id) for job in [await _claim(tx), await _claim(tx)]]
    await store.finish(tx, made, state=JobState.SUCCEEDED, at=2000.0, charged=PRICE, billed=True)
    await books.settle(tx, made, charged=PRICE, at=2000.0)
    await store.finish(tx, lost, state=JobState.LOST, at=2000.0)
    await books.lose(tx, lost, cost=PRICE, at=2000.0)


async def _claim(tx: Transaction) -> Any:
    return (await JobStore().claim(tx, now=1500.0, owner="me", lease=60.0, providers={"sketch": 9}))[0]


async def _allow_damage(tx: Transaction) -> None:
    """Take away the last line, which would refuse most of the damage."""
    await tx.execute(text("DROP INDEX uq_ledger_job_kind"))
    if tx.dialect == "postgresql":
        for name in ("ck_ledger_images", "ck_ledger_amount", "fk_ledger_job_id"):
            await tx.execute(text(f"ALTER TABLE ledger DROP CONSTRAINT {name}"))


async def _without_checks(database: Database) -> None:
    if database.dialect == "sqlite":
        # Foreign keys cannot be switched inside a transaction, so the one that opens this is ended first.
        await database.read(lambda tx: tx.execute(text("PRAGMA ignore_check_constraints=ON")))
        await database.read(_no_foreign_keys)


async def _no_foreign_keys(tx: Transaction) -> None:
    await tx.execute(text("ROLLBACK"))
    await tx.execute(text("PRAGMA foreign_keys=OFF"))
    await tx.execute(text("BEGIN"))


@pytest.mark.parametrize("line", DAMAGE)
async def test_damage_is_found_and_named(database: Database, line: str) -> None:
    await admit(database, new_request(count=3))
    await database.write(_keep_books)
    assert await database.read(Ledger().verify) == []
    await _without_checks(database)
    await database.write(_allow_damage)

    await database.write(lambda tx: tx.execute(DAMAGE[line]))

    assert line in await database.read(Ledger().verify)


async def test_the_database_itself_refuses_what_must_never_be(database: Database) -> None:
    await admit(database, new_request(count=3))
    impossible = [
        entry(EntryKind.HOLD, 3),
        entry(EntryKind.CHARGE, 3, amount=-1),
        entry(EntryKind.CHARGE, 404),
        insert(ledger).values(**ENTRY | {"kind": "gift", "job_id": 3}),
        insert(ledger).values(**ENTRY | {"kind": EntryKind.CHARGE, "job_id": 3, "images": "many"}),
        update(jobs).values(state="asleep"),
        update(jobs).values(state=JobState.SUCCEEDED),
        update(jobs).values(ended_at=1.0),
        update(jobs).values(owner="me"),
        update(jobs).values(owner="me", leased_until=1.0),
        update(jobs).values(attempt=-1),
        update(jobs).values(price=-1),
    ]
    for statement in impossible:
        with pytest.raises(Exception, match=r"(?i)constraint|violates|cannot store|invalid input|expected"):
            await database.write(lambda tx, statement=statement: tx.execute(statement))
    assert await database.read(Ledger().verify) == []
