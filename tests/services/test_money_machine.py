"""Whatever people, moderators, workers, clocks and processes do in whatever order, every invariant of the money holds.

The invariants are those of the reliability rules, I1 to I12; each has its own check, made after every step.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from bot.domain.errors import Refused, StaleAttempt
from bot.domain.job import Job, JobId, JobState, Requester, RequestId
from bot.domain.ledger import EntryKind
from bot.domain.money import FREE, Money
from bot.domain.quota import Per, QuotaRule, Subject, SubjectKind, Unit, window_at
from bot.services.admission import Accepted
from bot.settings import BudgetSettings
from bot.store.blocks import BlockStore
from bot.store.database import Database, Transaction
from bot.store.ledger import Ledger
from bot.store.tables import jobs as job_rows
from bot.store.tables import ledger as ledger_rows
from bot.store.tables import requests as request_rows
from bot.store.tables import spending as spending_rows
from tests.support.house import GUILD, LEASE, Now, Process, Wall
from tests.support.postgres import PostgresServer

T = TypeVar("T")
Opener = Callable[[], AbstractAsyncContextManager[str]]

EXAMPLES = int(os.environ.get("ATELIER_EXAMPLES", "4"))
"""How many histories each database gets: more for a longer search, which then also looks for the shortest failure."""

PHASES = tuple(Phase) if "ATELIER_EXAMPLES" in os.environ else (Phase.generate,)

PRICE = Money.dollars("0.05")
DEFAULT = QuotaRule(amount=4, at_once=3, queue=9)
CAP = BudgetSettings(per_day=Decimal("0.45"))
YEARS = 10 * 365 * 86_400.0
ROLES = {1: (21,), 2: (21, 22), 3: ()}
USERS = st.sampled_from(sorted(ROLES))
SUBJECTS = st.sampled_from(
    [
        Subject(),
        Subject(kind=SubjectKind.ROLE, id=21),
        Subject(kind=SubjectKind.ROLE, id=22),
        *(Subject(kind=SubjectKind.USER, id=user) for user in ROLES),
    ]
)
RULES = st.builds(
    QuotaRule,
    subject=SUBJECTS,
    amount=st.integers(0, 12),
    unit=st.sampled_from(Unit),
    per=st.sampled_from(Per),
    at_once=st.integers(1, 3),
    cooldown=st.sampled_from([0, 0, 90]),
)
COSTS = st.sampled_from([None, FREE, Money(20_001), PRICE, PRICE + Money(1)])
MODERATOR = Requester(user_id=9, guild_id=GUILD, moderator=True)


class MoneyMachine(RuleBasedStateMachine):
    """Two processes on PostgreSQL; on SQLite, which only one process may use, the same one twice."""

    opener: Opener
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.clock, self.wall = Now(), Wall()
        self.url: str = self.runner.run(self.stack.enter_async_context(self.opener()))
        self.stacks = [AsyncExitStack(), AsyncExitStack()]
        self.processes: list[Process] = []
        self.running: list[tuple[Process, Job]] = []
        self.asked: dict[int, RequestId] = {}
        self.interactions = count(1)
        self.billed = self.booked = self.excess = FREE
        self.latest = self.clock.at

    @property
    def on_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @initialize()
    def start(self) -> None:
        self.processes = [self.runner.run(self._open(0))]
        self.processes.append(self.processes[0] if self.on_sqlite else self.runner.run(self._open(1)))

    async def _open(self, number: int) -> Process:
        database = await self.stacks[number].enter_async_context(Database.open(self.url))
        return Process.of(
            name=f"process {number}",
            database=database,
            clock=self.clock,
            wall=self.wall,
            folder=self.folder,
            rule=DEFAULT,
            cap=CAP,
        )

    def run(self, work: Awaitable[T]) -> T | None:
        """What the work gives, `None` when it is refused."""

        async def tried() -> T | None:
            self.clock.at += 1.0
            try:
                return await work
            except Refused:
                return None

        return self.runner.run(tried())

    # What people do.

    def _keep(self, interaction: int, accepted: Accepted | None) -> None:
        if accepted is not None:
            # I7: one request for each interaction, however often and wherever it is asked.
            assert self.asked.setdefault(interaction, accepted.record.id) == accepted.record.id

    @rule(process=st.integers(0, 1), user=USERS, images=st.integers(1, 4), answer=st.booleans())
    def request(self, process: int, user: int, images: int, answer: bool) -> None:
        interaction = next(self.interactions)
        ask = self.processes[process].ask(self.person(user), interaction, count=images, answer=answer)
        self._keep(interaction, self.run(ask))

    @rule(first=USERS, second=USERS, same=st.booleans(), images=st.integers(1, 3))
    def two_processes_at_once(self, first: int, second: int, same: bool, images: int) -> None:
        one = next(self.interactions)
        two, second = (one, first) if same else (next(self.interactions), second)

        async def race() -> list[Any]:
            asks = (
                process.ask(self.person(user), interaction, count=images)
                for process, user, interaction in zip(self.processes, (first, second), (one, two), strict=True)
            )
            return await asyncio.gather(*asks, return_exceptions=True)

        for interaction, outcome in zip((one, two), self.run(race()) or [], strict=True):
            if isinstance(outcome, Accepted):
                self._keep(interaction, outcome)
            else:
                assert isinstance(outcome, Refused), outcome

    @precondition(lambda self: self.asked)
    @rule(process=st.integers(0, 1), data=st.data(), user=USERS)
    def cancel(self, process: int, data: st.DataObject, user: int) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.asked.values())))
        self.run(self.processes[process].cancelling.cancel(request_id, self.person(user)))

    @rule(process=st.integers(0, 1), user=USERS)
    def be_forgotten(self, process: int, user: int) -> None:
        # I12: a deletion changes no sum, and gives back neither quota nor leave.
        before = self.standing(user)
        with suppress(Refused):
            self.runner.run(self.processes[process].erasing.erase(user))
        assert self.standing(user) == before

    def standing(self, user: int) -> tuple[object, ...]:
        """Every sum, and what holds for a person at this moment."""
        view = self.runner.run(self.processes[-1].quotas.show(self.person(user)))
        block = self.read(lambda tx: BlockStore().get(tx, GUILD, user))
        return self.read(Ledger().totals), self.read(spent_by_server), view, block is not None

    def person(self, user: int) -> Requester:
        return Requester(user_id=user, guild_id=GUILD, role_ids=ROLES[user])

    # What workers do.

    @rule(process=st.integers(0, 1))
    def claim(self, process: int) -> None:
        job = self.run(self.processes[process].claim())
        if job is not None:
            self.running.append((self.processes[process], job))

    @precondition(lambda self: self.running)
    @rule(data=st.data(), how=st.sampled_from(["finish", "fail", "stop", "unknown"]), cost=COSTS)
    def end(self, data: st.DataObject, how: str, cost: Money | None) -> None:
        process, job = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        self._end(process, job, how, cost)

    def _end(self, process: Process, job: Job, how: str, cost: Money | None) -> None:
        states = {"fail": JobState.FAILED, "stop": JobState.CANCELLED}
        match how:
            case "finish":
                work = process.succeed(job, cost)
                billed = PRICE if cost is None else cost
            case "unknown":
                work, billed = process.lose(job), FREE
            case _:
                work = process.fail(job, cost, state=states[how])
                billed = cost or FREE
        try:
            self.runner.run(work)
        except StaleAttempt:
            return  # another process had taken it over
        self.billed += billed
        self.booked += PRICE if how == "unknown" else FREE
        self.excess += max(FREE, billed - PRICE)

    @rule(process=st.integers(0, 1))
    def deliver(self, process: int) -> None:
        self.run(self.processes[process].deliver())

    # What moderators do.

    @rule(process=st.integers(0, 1), new=RULES)
    def set(self, process: int, new: QuotaRule) -> None:
        self.run(self.processes[process].quotas.set(MODERATOR, new))

    @rule(process=st.integers(0, 1), subject=SUBJECTS, units=st.integers(1, 7))
    def grant(self, process: int, subject: Subject, units: int) -> None:
        self.run(self.processes[process].quotas.grant(MODERATOR, subject, units))

    @rule(process=st.integers(0, 1), subject=SUBJECTS)
    def reset(self, process: int, subject: Subject) -> None:
        self.run(self.processes[process].quotas.reset(MODERATOR, subject))

    @rule(process=st.integers(0, 1), user=USERS, blocked=st.booleans())
    def block(self, process: int, user: int, blocked: bool) -> None:
        moderation = self.processes[process].moderation
        self.run(moderation.block(MODERATOR, user, "") if blocked else moderation.unblock(MODERATOR, user))

    @rule(process=st.integers(0, 1), pictures=st.integers(0, 8), per=st.sampled_from([Per.DAY, Per.MONTH]))
    def budget(self, process: int, pictures: int, per: Per) -> None:
        self.run(self.processes[process].budgets.set(MODERATOR, PRICE * pictures, per))

    # What happens to machines.

    @rule(jump=st.sampled_from([-3600.0, 40_000.0, -90_000.0, 3 * 86_400.0, YEARS, -YEARS]))
    def clock_jump(self, jump: float) -> None:
        self.clock.at = max(1_500_000_000.0, self.clock.at + jump)

    @rule(number=st.integers(0, 1))
    def restart(self, number: int) -> None:
        number = 0 if self.on_sqlite else number
        old = self.processes[number]
        self.runner.run(self.stacks[number].aclose())
        new = self.runner.run(self._open(number))
        self.processes = [new if process is old else process for process in self.processes]
        # What it worked on is carried on by others once its leases are over; on SQLite they end with the process.
        self.running = [(process, job) for process, job in self.running if process is not old]
        if self.on_sqlite:
            self.runner.run(new.database.write(lambda tx: new.jobs.free_leases(tx, owner_not="")))

    # The invariants.

    def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return self.runner.run(self.processes[0].database.read(work))

    def entries(self) -> list[Any]:
        return self.read(lambda tx: tx.rows(select(ledger_rows).order_by(ledger_rows.c.id)))

    @invariant()
    def books(self) -> None:
        if not self.processes:
            return
        self.latest = max(self.latest, self.clock.at)
        # I1: every hold is charged, released or open, to the micro-dollar. I11: the sums kept beside it are its replay.
        assert self.read(Ledger().verify) == []
        found = self.entries()
        of_job: defaultdict[JobId, dict[str, Any]] = defaultdict(dict)
        for entry in found:
            if entry.job_id is not None:
                assert entry.kind not in of_job[entry.job_id]
                of_job[entry.job_id][entry.kind] = entry
        for of in of_job.values():
            charge, release, hold = of.get("charge"), of.get("release"), of["hold"]
            # I3: a picture is posted or voided, never both.
            assert (charge.images if charge else 0) + (release.images if release else 0) <= hold.images
            # I4: nobody pays more than was held.
            assert charge is None or charge.amount <= hold.amount
        self._totals(found)
        self._windows(found)
        self._jobs(of_job)

    def _totals(self, found: list[Any]) -> None:
        sums = Counter[str]()
        for entry in found:
            sums[entry.kind] += entry.amount
        # I5: what people and the operator paid is what the service billed, and what nobody could tell.
        assert sums[EntryKind.CHARGE] + sums[EntryKind.LOSS] == (self.billed + self.booked).micros

    def _windows(self, found: list[Any]) -> None:
        spent = Counter[float]()
        who = {each: user for user in ROLES for each in self.read(lambda tx, user=user: tx.ids_of(user))}
        grants = Counter[int]()
        for entry in found:
            sign = {"hold": 1, "release": -1}.get(entry.kind, 0)
            spent[window_at(Per.DAY, entry.held_at).start] += entry.amount * (1 if entry.kind == "loss" else sign)
            grants[who.get(entry.user_id, 0)] += entry.units * sign
        # I10: charges, holds and losses of a day stay below the cap, but for what a service billed beyond its price.
        assert all(micros <= (PRICE * 9 + self.excess).micros for micros in spent.values())
        for user, roles in ROLES.items():
            mine = {(SubjectKind.EVERYONE, 0), *((SubjectKind.ROLE, each) for each in roles)}
            mine |= {(SubjectKind.USER, each) for each, known in who.items() if known == user}
            given = sum(e.units for e in found if e.kind == "grant" and (e.subject_kind, e.subject_id) in mine)
            # I2: nobody takes more from grants than they were given; windows are checked where they are used up.
            assert grants[user] <= given

    def _jobs(self, of_job: dict[JobId, dict[str, Any]]) -> None:
        rows = self.read(lambda tx: tx.rows(select(job_rows)))
        # I6: nothing is submitted that is not held.
        assert all("hold" in of_job[row.id] for row in rows if row.submit_started_at is not None)
        # I8: no result is shown twice.
        assert all(times == 1 for times in self.wall.posts.values())

    @invariant()
    def nobody_is_promised_what_is_not_there(self) -> None:
        # I2: what the next picture would take is there: the very sum that a request is held against.
        for user in ROLES if self.processes else ():
            view = self.runner.run(self.processes[-1].quotas.show(self.person(user)))
            assert view.allowance.usage.granted >= 0
            assert view.allowance.usage.images >= 0
            assert view.allowance.usage.spent >= FREE

    def teardown(self) -> None:
        if self.processes:
            self._wind_up()
        for stack in (*self.stacks, self.stack):
            self.runner.run(stack.aclose())
        self.runner.close()

    def _wind_up(self) -> None:
        """Let everything come to its end, as it does when nobody asks for anything any more."""
        self.clock.at = self.latest + LEASE
        process = self.processes[0]
        for _ in range(200):
            self.clock.at += LEASE
            job = self.runner.run(process.claim())
            if job is None:
                break
            self._end(process, job, "finish", None)
        self.runner.run(process.deliver())
        waiting = self.read(
            lambda tx: tx.rows(
                select(job_rows.c.id, request_rows.c.answered_at)
                .join_from(job_rows, request_rows)
                .where(job_rows.c.ended_at.is_(None))
            )
        )
        # I9: no job stays behind, but for those whose card nobody saw; those are withdrawn at the next start.
        assert all(row.answered_at is None for row in waiting)
        made = self.read(lambda tx: tx.rows(select(job_rows.c.request_id).where(job_rows.c.state == "succeeded")))
        open_ones = self.read(lambda tx: tx.rows(select(request_rows.c.id).where(request_rows.c.delivery == "pending")))
        # I8: and every picture has been shown.
        assert {row.request_id for row in made} - {row.id for row in open_ones} <= set(self.wall.posts)
        self.books()


async def spent_by_server(tx: Transaction) -> list[Any]:
    """The sums beside the ledger."""
    rows = await tx.rows(select(spending_rows).order_by(spending_rows.c.guild_id, spending_rows.c.quarter))
    return [tuple(row) for row in rows]


def _run(opener: Opener, folder: Path) -> None:
    machine = type("Machine", (MoneyMachine,), {"opener": staticmethod(opener), "folder": folder})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            phases=PHASES,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
            database=None,
        ),
    )


def test_every_invariant_holds_on_sqlite(migrated_sqlite: Path, tmp_path: Path) -> None:
    numbers = count()

    @asynccontextmanager
    async def opener():
        yield f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / f'{next(numbers)}.db')}"

    _run(opener, tmp_path / "blobs")
    assert next(numbers) >= EXAMPLES


def test_every_invariant_holds_for_two_processes_on_postgresql(postgres: PostgresServer, tmp_path: Path) -> None:
    before = next(postgres.names)
    _run(postgres.database, tmp_path / "blobs")
    assert next(postgres.names) - before > EXAMPLES
