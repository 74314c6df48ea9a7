"""Who runs what, now: asyncio tasks over the jobs table, woken by an event, in one process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Coroutine
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import Refused, StorageUnavailable
from bot.domain.job import Job, JobId, RequestId, RequestRecord
from bot.services.board import Board
from bot.services.checkpoints import Checkpoints
from bot.services.deleting import Deleting
from bot.services.deliveries import Deliveries
from bot.services.fleet import Fleet
from bot.services.forgetting import Forgetting
from bot.services.keeping import Keeping
from bot.services.polling import Wishes
from bot.services.ports import Clock
from bot.services.rates import Pacer, Rate
from bot.services.recovery import Recovery
from bot.services.references import References
from bot.services.runner import Runner
from bot.services.signals import Signals
from bot.services.telling import Telling
from bot.services.waiting import guarded, until
from bot.store.database import Database, Transaction
from bot.store.jobs import JobStore
from bot.store.requests import RequestStore

log = logging.getLogger(__name__)

LONGEST_SLEEP = 5.0
BOARD_REST = 0.2
POST_GRACE = 5.0
"""Seconds that a shutdown waits for results that are being posted."""

JOBS_A_SECOND, RESUMED_WITHIN = 25.0, 2.5
"""Jobs that are begun or resumed in a second, as each asks its service; more, when all that were claimed together would
not be under way within so many seconds. After a restart that may be hundreds."""

CLAIMED_AT_ONCE = 200

DELIVERIES_A_SECOND, DELIVERIES_BEGUN, DELIVERIES_AT_ONCE = 8.0, 2.0, 50
"""Results: each takes two to four of the 50 calls that Discord allows in a second ("Global Rate Limit"), so at most two
are begun together, and ten in any second."""

DELIVERIES_REST = 0.25

LONGEST_REST = 1.0
"""Seconds between two looks for work at most; a look that took long is followed by a rest that is as long."""

ACCOUNT_INTERVAL = 600.0
"""Seconds between two looks at the operator's accounts: limits and balances."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerParts:
    """What the scheduler drives. Without `telling` nobody here can tell servers' channels anything."""

    database: Database
    jobs: JobStore
    requests: RequestStore
    runner: Runner
    deliveries: Deliveries
    board: Board
    references: References
    checkpoints: Checkpoints
    recovery: Recovery
    wishes: Wishes
    fleet: Fleet
    deleting: Deleting
    forgetting: Forgetting
    telling: Telling | None
    keeping: Keeping


class Scheduler:
    """Claims due jobs and deliveries and runs each as a task; every decision is made from the table."""

    def __init__(
        self, *, parts: SchedulerParts, signals: Signals, clock: Clock, owner: str, lease: float, grace: float
    ) -> None:
        self._parts = parts
        self._signals = signals
        self._clock = clock
        self._owner = owner
        self._lease = lease
        self._grace = grace
        self._tasks: set[asyncio.Task[None]] = set()
        self._posting: set[asyncio.Task[None]] = set()
        # What is at work here stays here, even if this process slept past its lease and nobody took it over.
        self._jobs: set[JobId] = set()
        self._deliveries: dict[RequestId, RequestRecord] = {}
        self._turns = Pacer(time.monotonic)
        self._posts = Rate(DELIVERIES_A_SECOND, DELIVERIES_BEGUN, time.monotonic)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then running jobs are left at their last checkpoint, to be resumed."""
        await self._parts.recovery.start(owner=self._owner)
        helpers = [
            asyncio.create_task(self._keep_leases(), name="leases"),
            asyncio.create_task(self._keep_tidy(), name="tidying"),
            asyncio.create_task(self._keep_board(), name="board"),
            asyncio.create_task(self._keep_accounts(), name="accounts"),
            asyncio.create_task(self._keep_telling(), name="telling"),
            asyncio.create_task(self._keep_no_longer(), name="retention"),
            asyncio.create_task(self._wake_on(stop), name="stop"),
        ]
        try:
            while not stop.is_set():
                self._signals.work.clear()
                for record in self._signals.arrived():
                    self._prefetch_soon(record)
                began = time.monotonic()
                delay = await self._start_due()
                # A long line takes long to look through: others need the store too.
                await until(stop, min(LONGEST_REST, time.monotonic() - began))
                await until(self._signals.work, delay)
        finally:
            await self._wind_up(helpers)

    async def _wind_up(self, helpers: list[asyncio.Task[None]]) -> None:
        """Stop everything at its last checkpoint; what is better finished gets the time it needs, within limits.

        That is a paid request on its way, and a result that is being posted.
        """
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self._grace
        running, posting, delivering = tuple(self._jobs), set(self._posting), tuple(self._deliveries.values())
        leaving = {*helpers, *self._tasks} - posting
        for task in leaving:
            task.cancel()
        if posting:
            await asyncio.wait(posting, timeout=min(POST_GRACE, self._grace))
        for task in posting:
            task.cancel()
        if ending := leaving | posting:
            await asyncio.wait(ending, timeout=max(0.0, give_up - loop.time()))
        await self._renew(running, delivering, until=self._clock())

    def _prefetch_soon(self, record: RequestRecord) -> None:
        """Fetch a request's files now, while their links are good, and say at once when one cannot be used."""
        if any(not reference.ready for reference in record.request.references):
            self._spawn(self._prefetch(record.id), f"prefetch-{record.id}")

    async def _prefetch(self, request_id: RequestId) -> None:
        try:
            await self._parts.references.ready(request_id)
        except Refused as error:
            await self._parts.checkpoints.refuse_waiting(request_id, error)

    async def _start_due(self) -> float:
        """Start all that is due; returns the seconds until something is due by the clock."""
        try:
            await self._start_jobs()
            more = await self._start_deliveries()
            due = await self._next_due()
        except StorageUnavailable as error:
            log.debug("the store cannot be used now: %s", error.detail)  # the store has told the operator
            return 1.0
        self._signals.cards.set()
        return min(more, LONGEST_SLEEP if due is None else max(0.01, due - self._clock()))

    async def _start_jobs(self) -> None:
        """Start all that may run, spread over a while. What was claimed is started even if claiming more fails."""
        claimed: list[Job] = []
        try:
            while jobs := await self._claim():
                claimed += jobs
        finally:
            per_second = max(JOBS_A_SECOND, len(claimed) / RESUMED_WITHIN)
            for job in claimed:
                self._spawn(self._run(job, self._turns.delay(per_second)), f"job-{job.id}")

    async def _start_deliveries(self) -> float:
        """Start as many as may be now; returns the seconds until there may be more."""
        free = DELIVERIES_AT_ONCE - len(self._deliveries)
        if free <= 0:
            return LONGEST_SLEEP  # whichever ends makes room and says so
        room = min(self._posts.room(), free)
        records = await self._parts.deliveries.take(exclude=self._deliveries, limit=room) if room > 0 else []
        for record in records:
            self._deliveries[record.id] = record
            task = self._spawn(self._deliver(record), f"delivery-{record.id}")
            self._posting.add(task)
            task.add_done_callback(self._posting.discard)
        self._posts.spend(len(records))
        return LONGEST_SLEEP if len(records) < room else max(DELIVERIES_REST, self._posts.wait)

    async def _claim(self) -> list[Job]:
        async def claim(tx: Transaction) -> list[Job]:
            return await self._parts.jobs.claim(
                tx,
                now=self._clock(),
                owner=self._owner,
                lease=self._lease,
                providers=self._parts.fleet.slots(),
                exclude=self._jobs,
                limit=CLAIMED_AT_ONCE,
            )

        taken = await self._parts.database.write(claim)
        self._jobs.update(job.id for job in taken)
        return taken

    async def _next_due(self) -> float | None:
        async def look(tx: Transaction) -> list[float | None]:
            now = self._clock()
            return [await self._parts.jobs.next_due(tx, now=now), await self._parts.requests.next_post(tx, now=now)]

        return min((due for due in await self._parts.database.read(look) if due is not None), default=None)

    async def _run(self, job: Job, delay: float) -> None:
        try:
            await asyncio.sleep(delay)
            await self._parts.runner.run(job)
        finally:
            self._parts.wishes.forget(job.id)
            self._jobs.discard(job.id)

    async def _deliver(self, record: RequestRecord) -> None:
        try:
            await self._parts.deliveries.deliver(record)
        finally:
            del self._deliveries[record.id]

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(guarded(work, name), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: self._signals.changed())
        return task

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            # Only what is at work here: what was left after a fault is taken up again when its lease is over.
            working, delivering = tuple(self._jobs), tuple(self._deliveries.values())
            await self._renew(working, delivering, until=self._clock() + self._lease)

    async def _keep_tidy(self) -> None:
        """What waits for Discord or looks through much: leases must not wait for it."""
        started_at = self._clock()
        while True:
            await guarded(self._parts.recovery.sweep(started_at=started_at), "sweep")
            await guarded(self._parts.deleting.sweep(), "delete")
            await guarded(self._parts.forgetting.sweep(), "forget")
            await asyncio.sleep(self._lease / 3)

    async def _renew(self, ids: Collection[JobId], posts: Collection[RequestRecord], *, until: float) -> None:
        async def renew(tx: Transaction) -> None:
            await self._parts.jobs.renew(tx, ids, owner=self._owner, until=until)

        await guarded(self._parts.database.write(renew), "renew")
        await guarded(self._parts.deliveries.renew(posts, until=until), "renew")

    async def _keep_accounts(self) -> None:
        while True:
            await guarded(self._parts.fleet.refresh(), "accounts")
            await asyncio.sleep(ACCOUNT_INTERVAL)

    async def _keep_telling(self) -> None:
        if self._parts.telling is not None:
            await self._parts.telling.keep()

    async def _keep_no_longer(self) -> None:
        while True:
            await guarded(self._parts.keeping.sweep(), "retention")
            await asyncio.sleep(self._lease / 3)

    async def _keep_board(self) -> None:
        while True:
            delay: float | None = None
            self._signals.cards.clear()
            began = time.monotonic()
            try:
                delay = await self._parts.board.refresh()
            except Exception:
                log.exception("refreshing the cards failed")
            took = time.monotonic() - began
            await until(self._signals.cards, LONGEST_SLEEP if delay is None else max(0.05, delay))
            # Many changes at once need one look, not one each; a long line takes long to look at.
            await asyncio.sleep(max(BOARD_REST, min(LONGEST_REST, took)))

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._signals.work.set()
