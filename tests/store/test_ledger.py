"""What is held, kept, given back and lost adds up, and usage is exactly what the window says."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.domain.job import Job, JobId, JobState, RequestRecord
from bot.domain.ledger import EntryKind
from bot.domain.money import FREE, Money
from bot.domain.quota import Source, Subject, SubjectKind, Usage, Window
from bot.store import tables
from bot.store.database import Database, Transaction
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore
from tests.support.requests import PRICE, admit, new_request

ledger = Ledger()
ALWAYS = Window(start=0.0, end=1e12)
ME = Subject(kind=SubjectKind.USER, id=1)

Entries = dict[EntryKind, tuple[int, int, int]]


async def entries(database: Database, job: Job) -> Entries:
    """The job's entries by kind: images, micro-dollars, units."""
    rows = await database.read(lambda tx: tx.rows(select(tables.ledger).where(tables.ledger.c.job_id == job.id)))
    return {EntryKind(row.kind): (row.images, row.amount, row.units) for row in rows}


async def usage(
    database: Database,
    *,
    user_id: int = 1,
    guild_id: int = 10,
    role_ids: tuple[int, ...] = (),
    window: Window = ALWAYS,
) -> Usage:
    return await database.read(
        lambda tx: ledger.usage(
            tx, guild_id=guild_id, user_id=user_id, role_ids=role_ids, window=window, now=window.end
        )
    )


async def end(database: Database, job: Job, charged: Money | None) -> None:
    state = JobState.FAILED if charged is None else JobState.SUCCEEDED

    async def work(tx: Transaction) -> None:
        await JobStore().finish(tx, job, state=state, at=2000.0, charged=charged or FREE, billed=charged is not None)
        await ledger.settle(tx, job, charged=charged, at=2000.0)

    await database.write(work)


async def one_job(database: Database, *, source: Source = Source.WINDOW, units: int = 1, user_id: int = 1) -> Job:
    record = await admit(database, new_request(user_id=user_id), source=source, units=units)
    return record.jobs[0]


FULL = PRICE.micros


@pytest.mark.parametrize(
    ("charged", "expected"),
    [
        (PRICE, {EntryKind.CHARGE: (1, FULL, 0)}),
        (Money(20_000), {EntryKind.CHARGE: (1, 20_000, 0), EntryKind.RELEASE: (0, FULL - 20_000, 0)}),
        (FREE, {EntryKind.CHARGE: (1, 0, 0), EntryKind.RELEASE: (0, FULL, 0)}),
        (Money(FULL + 5), {EntryKind.CHARGE: (1, FULL, 0), EntryKind.LOSS: (0, 5, 0)}),
        (None, {EntryKind.RELEASE: (1, FULL, 0)}),
    ],
)
async def test_settling_keeps_the_cost_and_gives_back_the_rest(
    database: Database, charged: Money | None, expected: Entries
) -> None:
    job = await one_job(database)
    await end(database, job, charged)
    await database.write(lambda tx: ledger.settle(tx, job, charged=PRICE, at=3000.0))
    await database.write(lambda tx: ledger.lose(tx, job, cost=PRICE, at=3000.0))

    assert await entries(database, job) == {EntryKind.HOLD: (1, FULL, 0)} | expected
    assert await database.read(ledger.verify) == []


async def test_a_lost_job_costs_the_operator_and_not_the_person(database: Database) -> None:
    job = await one_job(database)

    async def work(tx: Transaction) -> None:
        await JobStore().finish(tx, job, state=JobState.LOST, at=2000.0, charged=FREE, billed=False)
        await ledger.lose(tx, job, cost=PRICE, at=2000.0)
        await ledger.lose(tx, job, cost=PRICE, at=2001.0)

    await database.write(work)
    assert (await usage(database)).images == 0
    totals = await database.read(ledger.totals)
    assert totals[EntryKind.LOSS] == (1, PRICE)
    assert totals[EntryKind.RELEASE] == (1, PRICE)
    assert totals[EntryKind.CHARGE] == (0, FREE)
    assert await database.read(ledger.verify) == []


@pytest.mark.parametrize(("charged", "left"), [(PRICE, 5), (Money(20_000), 8), (Money(25_000), 7), (None, 10)])
async def test_units_not_needed_go_back_to_the_grant(database: Database, charged: Money | None, left: int) -> None:
    await database.write(lambda tx: ledger.grant(tx, guild_id=10, subject=ME, units=10, actor_id=9, at=900.0))
    job = await one_job(database, source=Source.GRANT, units=5)
    assert await usage(database) == Usage(granted=5, unfinished=1, last_at=1000.0)

    await end(database, job, charged)

    assert await usage(database) == Usage(granted=left, unfinished=0, last_at=1000.0)
    assert await database.read(ledger.verify) == []


async def test_a_granted_picture_is_one_unit_whatever_it_cost(database: Database) -> None:
    await database.write(lambda tx: ledger.grant(tx, guild_id=10, subject=ME, units=3, actor_id=9, at=900.0))
    for charged in (PRICE, Money(1), FREE):
        await end(database, await one_job(database, source=Source.GRANT), charged)
    assert (await usage(database)).granted == 0


async def test_usage_counts_what_is_held_or_charged_in_the_window(database: Database) -> None:
    for at in (999.0, 1000.0, 1001.0, 5000.0):
        await admit(database, new_request(created_at=at, count=2))
    await admit(database, new_request(user_id=2))
    await admit(database, new_request(guild_id=11))
    used = await usage(database, window=Window(start=1000.0, end=2000.0))

    # A hold later than the window's end counts too: the clock may have gone back. The cooldown looks back only.
    assert (used.images, used.spent, used.unfinished, used.last_at) == (6, PRICE * 6, 8, 1001.0)


async def test_a_release_goes_back_to_the_window_of_its_hold(database: Database) -> None:
    old = (await admit(database, new_request(created_at=1000.0))).jobs[0]
    await admit(database, new_request(created_at=2500.0))
    await end(database, old, None)

    assert (await usage(database, window=Window(start=2000.0, end=3000.0))).images == 1
    assert (await usage(database, window=Window(start=0.0, end=3000.0))).images == 1


@pytest.mark.parametrize(
    ("subject", "images"),
    [
        (Subject(), 1),
        (ME, 1),
        (Subject(kind=SubjectKind.ROLE, id=21), 1),
        (Subject(kind=SubjectKind.ROLE, id=99), 3),
        (Subject(kind=SubjectKind.USER, id=2), 3),
    ],
)
async def test_a_reset_of_me_my_role_or_everyone_starts_the_window_anew(
    database: Database, subject: Subject, images: int
) -> None:
    early = await admit(database, new_request(created_at=1000.0))
    await admit(database, new_request(created_at=1100.0))
    await database.write(lambda tx: ledger.reset(tx, guild_id=10, subject=subject, actor_id=9, at=1200.0))
    # What comes after the reset counts, also when the clock has gone back meanwhile.
    await admit(database, new_request(created_at=1050.0))
    await database.write(lambda tx: ledger.reset(tx, guild_id=11, subject=Subject(), actor_id=9, at=1400.0))
    assert (await usage(database, role_ids=(21, 22))).images == images

    await database.write(lambda tx: ledger.settle(tx, early.jobs[0], charged=None, at=1300.0))
    assert (await usage(database, role_ids=(21, 22))).images == min(images, 2)


async def test_grants_are_for_me_for_each_of_my_role_and_for_everyone(database: Database) -> None:
    async def grant(subject: Subject, units: int, guild_id: int = 10) -> None:
        await database.write(
            lambda tx: ledger.grant(tx, guild_id=guild_id, subject=subject, units=units, actor_id=9, at=1.0)
        )

    await grant(ME, 1)
    await grant(Subject(kind=SubjectKind.ROLE, id=21), 10)
    await grant(Subject(), 100)
    await grant(Subject(), 1000, guild_id=11)
    await one_job(database, source=Source.GRANT, user_id=2)

    assert (await usage(database, role_ids=(21,))).granted == 111
    assert (await usage(database)).granted == 101
    assert (await usage(database, user_id=2, role_ids=(21,))).granted == 109
    assert (await usage(database, user_id=1, guild_id=11)).granted == 1000


async def test_a_withdrawn_request_starts_no_cooldown(database: Database) -> None:
    await admit(database, new_request(created_at=1000.0))
    gone = await admit(database, new_request(created_at=1100.0))
    await database.write(lambda tx: RequestStore().withdraw(tx, gone.id))
    assert (await usage(database)).last_at == 1000.0
    assert (await usage(database, user_id=3)).last_at is None


async def test_a_job_without_a_hold_cannot_be_settled(database: Database) -> None:
    record: RequestRecord = await database.write(lambda tx: RequestStore().insert(tx, new_request()))
    with pytest.raises(LookupError):
        await database.write(lambda tx: ledger.settle(tx, record.jobs[0], charged=None, at=1.0))
    assert record.jobs[0].id == JobId(1)
