"""Jobs as rows: claimed under a lease, changed only by whoever holds the attempt, ended once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from statistics import median
from typing import Any, TypedDict, Unpack

from sqlalchemy import case, func, insert, select, update

from bot.domain.errors import NotFound, StaleAttempt
from bot.domain.job import Job, JobId, JobState, LineEntry, Output, RequestId
from bot.domain.money import FREE, Money
from bot.domain.plan import Plan
from bot.domain.shapes import Model, Resolution
from bot.store.claims import next_jobs, open_providers, running_by_provider, take, within_limits
from bot.store.database import Transaction
from bot.store.line import started_jobs, waiting_jobs
from bot.store.rows import job_of, line_entry_of, output_values, to_json
from bot.store.tables import ACTIVE, MADE, jobs
from bot.store.tables import outputs as output_rows

_CLAIMS = 1
"""The advisory lock under which processes choose jobs one after the other, so that limits hold among them."""

_CLAIM_TRIES = 10


class JobChanges(TypedDict, total=False):
    """What a checkpoint may change; what is absent stays, `None` clears."""

    state: JobState
    task_id: str | None
    progress: float | None
    last_progress_at: float | None
    retries: int
    submit_started_at: float | None
    submitted_at: float | None
    run_after: float | None


class JobStore:
    """The table of jobs."""

    async def claim(
        self,
        tx: Transaction,
        *,
        now: float,
        owner: str,
        lease: float,
        providers: Mapping[str, int],
        exclude: Collection[JobId] = (),
        limit: int = 1,
    ) -> list[Job]:
        """Take the next jobs to work on, with new attempt numbers and a lease of `lease` seconds; none: nothing now.

        Jobs of dead workers come first, then waiting jobs of answered requests: of the person with the fewest jobs
        running, then of the one whose last start is longest ago, then the oldest. `providers` is how many jobs may run
        at each provider (none at others); how many a person may run in a server was fixed when the job was made.
        There may be more to take than come at a time, whatever the limit.
        """
        await tx.lock(_CLAIMS)
        for _ in range(_CLAIM_TRIES):
            running = {row.provider: row.running for row in await tx.rows(running_by_provider(now))}
            if not (free := open_providers(providers, running)):
                return []
            wanted = min(limit, sum(free.values()))
            ids = within_limits(await tx.rows(next_jobs(now=now, providers=free, exclude=exclude, limit=wanted)), free)
            if not ids:
                return []
            if taken := (await tx.execute(take(ids, now=now, owner=owner, lease=lease))).all():
                return sorted(map(job_of, taken), key=lambda job: ids.index(job.id))
        return []

    async def renew(self, tx: Transaction, ids: Collection[JobId], *, owner: str, until: float) -> int:
        """Extend the leases of these jobs as far as they are this owner's; the number of them."""
        held = update(jobs).where(ACTIVE, jobs.c.owner == owner, jobs.c.id.in_(ids))
        return (await tx.execute(held.values(leased_until=until))).rowcount

    async def free_leases(self, tx: Transaction, *, owner_not: str) -> int:
        """End the leases of everybody else, when it is known that nobody else lives; the number of them."""
        others = update(jobs).where(ACTIVE, jobs.c.owner != owner_not)
        return (await tx.execute(others.values(owner=None, leased_until=None))).rowcount

    async def checkpoint(self, tx: Transaction, job: Job, **changes: Unpack[JobChanges]) -> Job:
        """Change a job that this attempt still holds; the job as it is now (with a wish to cancel, for example).

        Raises:
            StaleAttempt: somebody else took the job over, or it has ended.
        """
        return await self._change(tx, job, **changes)

    async def tell(self, tx: Transaction, job: Job, notes: Sequence[str]) -> Job:
        """Note what else its service changes.

        Raises:
            StaleAttempt: somebody else took the job over, or it has ended.
        """
        return await self._change(tx, job, notes=to_json(dict.fromkeys([*job.notes, *notes])))

    async def reassign(self, tx: Transaction, job: Job, chosen: Plan) -> Job:
        """Put the job back in line for another provider, with what that changes, at the price that is held.

        Raises:
            StaleAttempt: somebody else took the job over, or it has ended.
        """
        return await self._change(
            tx,
            job,
            provider=chosen.provider,
            size=str(chosen.size),
            seed_sent=int(chosen.seed_sent),
            notes=to_json(chosen.notes),
            state=JobState.WAITING,
            owner=None,
            leased_until=None,
            run_after=None,
        )

    async def has_task(self, tx: Transaction, provider: str, task_id: str) -> bool:
        """Whether some job is known to be this task of the provider."""
        owner = select(jobs.c.id).where(jobs.c.provider == provider, jobs.c.task_id == task_id).limit(1)
        return await tx.first(owner) is not None

    async def submitted_since(self, tx: Transaction, provider: str, since: float) -> int:
        """How many submissions were sent to a provider since then, by all processes."""
        return await tx.scalar(
            select(func.count()).select_from(jobs).where(jobs.c.provider == provider, jobs.c.submit_started_at > since)
        )

    async def postpone(self, tx: Transaction, job: Job, *, until: float, state: JobState | None = None) -> Job:
        """Give the lease back; nobody takes the job up before `until`.

        One that somebody wished to cancel meanwhile, before it was sent, is taken up at once, to end.

        Raises:
            StaleAttempt: somebody else took the job over, or it has ended.
        """
        kept = {} if state is None else {"state": state}
        wished = jobs.c.cancel_requested_by.is_not(None)
        unsent = (state or job.state) is JobState.PREPARING
        due = case((wished, None), else_=until) if unsent else until
        return await self._change(tx, job, owner=None, leased_until=None, run_after=due, **kept)

    async def finish(
        self,
        tx: Transaction,
        job: Job,
        *,
        state: JobState,
        at: float,
        charged: Money = FREE,
        billed: bool = False,
        failure_key: str | None = None,
        failure_values: Mapping[str, object] | None = None,
        outputs: Sequence[Output] = (),
    ) -> Job:
        """End the job with its pictures; the ledger is settled by the caller in the same transaction.

        Raises:
            StaleAttempt: somebody else took the job over, or it has ended.
        """
        if not state.ended:
            raise ValueError(f"a job cannot end as {state}")
        ended = await self._change(
            tx,
            job,
            state=state,
            ended_at=at,
            charged=charged.micros,
            billed_by_provider=int(billed),
            failure_key=failure_key,
            failure_values=to_json(failure_values or {}),
            owner=None,
            leased_until=None,
            run_after=None,
        )
        if outputs:
            await tx.execute(insert(output_rows), [output_values(output) for output in outputs])
        return ended

    async def request_cancel(self, tx: Transaction, job_id: JobId, *, by: int, at: float) -> Job | None:
        """A waiting job is cancelled at once; a running one gets the wish noted for its worker (the first one counts).

        `None` when the job has ended already.

        Raises:
            NotFound: there is no such job.
        """
        wish = update(jobs).where(jobs.c.id == job_id, ACTIVE).returning(jobs)
        wished_by = func.coalesce(jobs.c.cancel_requested_by, by)
        row = await tx.first(
            wish.where(jobs.c.state == JobState.WAITING).values(
                state=JobState.CANCELLED, ended_at=at, cancel_requested_by=wished_by, run_after=None
            )
        )
        # One that waits for its service has its turn now, to end at once.
        turn = case((jobs.c.state == JobState.PREPARING, None), else_=jobs.c.run_after)
        row = row or await tx.first(wish.values(cancel_requested_by=wished_by, run_after=turn))
        if row is None:
            await self.get(tx, job_id)
            return None
        return job_of(row)

    async def get(self, tx: Transaction, job_id: JobId) -> Job:
        """The job.

        Raises:
            NotFound: there is none with this id.
        """
        row = await tx.first(select(jobs).where(jobs.c.id == job_id))
        if row is None:
            raise NotFound(detail=f"job {job_id}")
        return job_of(row)

    async def line(
        self,
        tx: Transaction,
        *,
        provider: str | None = None,
        depth: int | None = None,
        request_id: RequestId | None = None,
    ) -> list[LineEntry]:
        """Running jobs, oldest start first, then waiting ones in the order in which they will run.

        With `depth` only so many that wait at each provider, and those of the request.
        """
        running = await tx.rows(started_jobs(provider))
        waiting = await tx.rows(waiting_jobs(provider, depth=depth, request_id=request_id))
        return [line_entry_of(row) for row in running] + [line_entry_of(row, place=row.place) for row in waiting]

    async def busy(self, tx: Transaction) -> dict[str, tuple[int, int]]:
        """How many jobs run and wait at each provider."""
        waits = jobs.c.state == JobState.WAITING
        waiting = func.sum(case((waits, 1), else_=0)).label("waiting")
        every = func.count().label("every")
        rows = await tx.rows(select(jobs.c.provider, every, waiting).where(ACTIVE).group_by(jobs.c.provider))
        return {row.provider: (row.every - int(row.waiting), int(row.waiting)) for row in rows}

    async def typical_seconds(
        self, tx: Transaction, *, provider: str, model: Model, resolution: Resolution, last: int = 50
    ) -> float | None:
        """The median time from start to end of the last pictures of this kind; `None` without experience."""
        rows = await tx.rows(
            select(jobs.c.started_at, jobs.c.ended_at)
            .where(MADE, jobs.c.provider == provider, jobs.c.model == model, jobs.c.resolution == resolution)
            .order_by(jobs.c.ended_at.desc())
            .limit(last)
        )
        return median(row.ended_at - row.started_at for row in rows) if rows else None

    async def unfinished(self, tx: Transaction, *, user_id: int, guild_id: int) -> int:
        """How many jobs of the person wait or run in this server."""
        return await tx.scalar(
            select(func.count()).select_from(jobs).where(ACTIVE, jobs.c.user_id == user_id, jobs.c.guild_id == guild_id)
        )

    async def next_due(self, tx: Transaction, *, now: float) -> float | None:
        """The next time after `now` at which a postponed job is due or a lease ends."""
        due = case((jobs.c.leased_until > now, jobs.c.leased_until), (jobs.c.run_after > now, jobs.c.run_after))
        return await tx.scalar(select(func.min(due)).where(ACTIVE))

    async def _change(self, tx: Transaction, job: Job, **values: Any) -> Job:
        row = await tx.first(
            update(jobs)
            .where(jobs.c.id == job.id, jobs.c.attempt == job.attempt, ACTIVE)
            .values(**values)
            .returning(jobs)
        )
        if row is None:
            raise StaleAttempt(detail=f"job {job.id}, attempt {job.attempt}")
        return job_of(row)
