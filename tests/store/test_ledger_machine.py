"""Whatever people, moderators and providers do in whatever order, the books are right and nobody gets too much.

The machine keeps its own simple list of holds and compares it with the ledger after every step.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot.domain.errors import QuotaExceeded
from bot.domain.job import Job, JobId, JobState, Requester
from bot.domain.money import FREE, Money
from bot.domain.quota import Allowance, Per, QuotaRule, Source, Subject, SubjectKind, Unit, Usage, window_at
from bot.store.database import Database, Transaction
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore
from tests.support.postgres import PostgresServer
from tests.support.requests import PRICE, new_request

T = TypeVar("T")
Opener = Callable[[], AbstractAsyncContextManager[str]]

GUILD = 10
ROLES = {1: (21,), 2: (21, 22), 3: ()}
USERS = st.sampled_from(sorted(ROLES))
SUBJECTS = st.sampled_from(
    [
        Subject(),
        *(Subject(kind=SubjectKind.ROLE, id=role) for role in (21, 22)),
        *(Subject(kind=SubjectKind.USER, id=user) for user in ROLES),
    ]
)
RULES = {Unit.IMAGES: QuotaRule(amount=4, queue=6), Unit.CREDITS: QuotaRule(amount=12, unit=Unit.CREDITS, queue=6)}


@dataclass(slots=True)
class Held:
    """What the machine remembers of a hold: credits and pictures still taken."""

    user_id: int
    source: Source
    at: float
    images: int = 1
    micros: int = PRICE.micros
    units: int = 0


class LedgerMachine(RuleBasedStateMachine):
    """People ask, workers work, moderators give; `opener` makes a fresh database for each run."""

    opener: Opener
    unit: Unit

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.database: Database = self.runner.run(self._open())
        self.now = 1_700_000_000.0
        self.held: dict[JobId, Held] = {}
        self.running: list[Job] = []
        self.waiting: set[JobId] = set()
        self.given: list[tuple[Subject, int]] = []
        self.resets: list[tuple[Subject, float]] = []
        self.interactions = count(1)

    async def _open(self) -> Database:
        return await self.stack.enter_async_context(Database.open(await self.stack.enter_async_context(self.opener())))

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        self.now += 1.0
        return self.runner.run(self.database.write(work))

    def usage(self, user_id: int) -> Usage:
        window = window_at(Per.DAY, self.now)
        return self.runner.run(
            self.database.read(
                lambda tx: Ledger().usage(
                    tx, guild_id=GUILD, user_id=user_id, role_ids=ROLES[user_id], window=window, now=self.now
                )
            )
        )

    def allowance(self, user_id: int, usage: Usage) -> Allowance:
        return Allowance(rule=RULES[self.unit], usage=usage, window=window_at(Per.DAY, self.now))

    @rule(user_id=USERS, images=st.integers(1, 3))
    def ask(self, user_id: int, images: int) -> None:
        allowance = self.allowance(user_id, self.usage(user_id))
        try:
            sources = allowance.check(images=images, price=PRICE, now=self.now)
        except QuotaExceeded:
            return
        units = allowance.cost(PRICE)
        new = new_request(
            count=images,
            requester=Requester(user_id=user_id, guild_id=GUILD, role_ids=ROLES[user_id]),
            interaction_id=next(self.interactions),
            created_at=self.now,
        )

        async def admit(tx: Transaction) -> list[JobId]:
            record = await RequestStore().insert(tx, new)
            await Ledger().hold(tx, record, sources, units_per_job=units, at=new.created_at)
            await RequestStore().mark_answered(tx, record.id, at=new.created_at, card_message_id=None)
            return [job.id for job in record.jobs]

        for job_id, source in zip(self.write(admit), sources, strict=True):
            taken = units if source is Source.GRANT else 0
            self.held[job_id] = Held(user_id=user_id, source=source, at=new.created_at, units=taken)
            self.waiting.add(job_id)

    @precondition(lambda self: self.waiting)
    @rule()
    def start(self) -> None:
        for job in self.write(
            lambda tx: JobStore().claim(tx, now=self.now, owner="me", lease=1e9, providers={"sketch": 4})
        ):
            self.waiting.remove(job.id)
            self.running.append(job)

    @precondition(lambda self: self.running)
    @rule(
        data=st.data(),
        state=st.sampled_from([JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED]),
        charged=st.sampled_from([None, FREE, Money(20_001), PRICE, PRICE + Money(1)]),
    )
    def end(self, data: st.DataObject, state: JobState, charged: Money | None) -> None:
        job = self._some_running(data)
        kept = PRICE if state is JobState.SUCCEEDED and charged is None else charged

        async def work(tx: Transaction) -> None:
            await JobStore().finish(tx, job, state=state, at=self.now, charged=kept or FREE, billed=kept is not None)
            await Ledger().settle(tx, job, charged=kept, at=self.now)
            await Ledger().settle(tx, job, charged=None, at=self.now)

        self.write(work)
        if kept is None:
            del self.held[job.id]
        else:
            held = self.held[job.id]
            held.micros = min(PRICE.micros, kept.micros)
            if self.unit is Unit.CREDITS:
                held.units = min(held.units, max(1, -(-held.micros // 10_000)))

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        job = self._some_running(data)

        async def work(tx: Transaction) -> None:
            await JobStore().finish(tx, job, state=JobState.LOST, at=self.now)
            await Ledger().lose(tx, job, cost=PRICE, at=self.now)

        self.write(work)
        del self.held[job.id]

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.waiting)))

        async def work(tx: Transaction) -> None:
            job = await JobStore().request_cancel(tx, job_id, by=1, at=self.now)
            assert job is not None
            assert job.state is JobState.CANCELLED
            await Ledger().settle(tx, job, charged=None, at=self.now)

        self.write(work)
        self.waiting.remove(job_id)
        del self.held[job_id]

    @rule(subject=SUBJECTS, units=st.integers(1, 7))
    def grant(self, subject: Subject, units: int) -> None:
        self.write(lambda tx: Ledger().grant(tx, guild_id=GUILD, subject=subject, units=units, actor_id=9, at=self.now))
        self.given.append((subject, units))

    @rule(subject=SUBJECTS)
    def reset(self, subject: Subject) -> None:
        self.write(lambda tx: Ledger().reset(tx, guild_id=GUILD, subject=subject, actor_id=9, at=self.now))
        self.resets.append((subject, self.now))

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += hours * 3600.0

    def _some_running(self, data: st.DataObject) -> Job:
        return self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))

    @invariant()
    def books_are_right(self) -> None:
        assert self.runner.run(self.database.read(Ledger().verify)) == []

    @invariant()
    def usage_is_what_was_held_and_never_above_the_rule(self) -> None:
        for user_id in ROLES:
            usage = self.usage(user_id)
            mine = [held for held in self.held.values() if held.user_id == user_id]
            start = max([window_at(Per.DAY, self.now).start, *self._mine(user_id, self.resets)])
            window = [held for held in mine if held.source is Source.WINDOW and held.at >= start]
            granted = sum(self._mine(user_id, self.given)) - sum(held.units for held in mine)
            assert usage.images == sum(held.images for held in window)
            assert usage.spent == Money(sum(held.micros for held in window))
            assert usage.granted == granted >= 0
            assert self.allowance(user_id, usage).used <= RULES[self.unit].amount

    def _mine(self, user_id: int, given: list[tuple[Subject, Any]]) -> Iterator[Any]:
        mine = {Subject(), Subject(kind=SubjectKind.USER, id=user_id)}
        mine |= {Subject(kind=SubjectKind.ROLE, id=role) for role in ROLES[user_id]}
        return (value for subject, value in given if subject in mine)


def _run(opener: Opener, unit: Unit, *, examples: int) -> None:
    machine = type("Machine", (LedgerMachine,), {"opener": staticmethod(opener), "unit": unit})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
            database=None,
        ),
    )


def _sqlite_opener(template: Path, folder: Path) -> Opener:
    numbers = count()

    @asynccontextmanager
    async def opener():
        yield f"sqlite:///{shutil.copy(template, folder / f'{next(numbers)}.db')}"

    return opener


def test_the_books_hold_on_sqlite_when_pictures_are_counted(migrated_sqlite: Path, tmp_path: Path) -> None:
    _run(_sqlite_opener(migrated_sqlite, tmp_path), Unit.IMAGES, examples=12)
    assert any(tmp_path.iterdir())


def test_the_books_hold_on_sqlite_when_credits_are_counted(migrated_sqlite: Path, tmp_path: Path) -> None:
    _run(_sqlite_opener(migrated_sqlite, tmp_path), Unit.CREDITS, examples=12)
    assert any(tmp_path.iterdir())


def test_the_books_hold_on_postgresql(postgres: PostgresServer) -> None:
    _run(postgres.database, Unit.IMAGES, examples=4)
    _run(postgres.database, Unit.CREDITS, examples=4)
    assert next(postgres.names) > 8
