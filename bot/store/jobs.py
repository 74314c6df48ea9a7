"""Jobs as rows: claimed under a lease, changed only by whoever holds the attempt, ended once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypedDict, Unpack

from bot.domain.job import Job, JobId, JobState, LineEntry, Output, RequestId
from bot.domain.money import Money
from bot.domain.shapes import Model, Resolution
from bot.store.database import Transaction


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
    ) -> Job | None:
        """Take the next job to work on, with a new attempt number and a lease of `lease` seconds; `None`: nothing now.

        Jobs of dead workers come first, then waiting jobs of answered requests: of the person with the fewest jobs
        running, then of the one whose last start is longest ago, then the oldest. `providers` is how many jobs may run
        at each provider (none at others); how many a person may run in a server was fixed when the job was made.
        """
        raise NotImplementedError

    async def renew(self, tx: Transaction, *, owner: str, until: float) -> int:
        """Extend all leases of this owner; the number of them."""
        raise NotImplementedError

    async def free_leases(self, tx: Transaction, *, owner_not: str) -> int:
        """End the leases of everybody else, when it is known that nobody else lives; the number of them."""
        raise NotImplementedError

    async def checkpoint(self, tx: Transaction, job: Job, **changes: Unpack[JobChanges]) -> Job:
        """Change a job that this attempt still holds; the job as it is now (with a wish to cancel, for example).

        Raises:
            StaleAttempt: somebody else took the job over, or it has ended.
        """
        raise NotImplementedError

    async def postpone(self, tx: Transaction, job: Job, *, until: float, state: JobState | None = None) -> Job:
        """Give the lease back; nobody takes the job up before `until`.

        Raises:
            StaleAttempt: somebody else took the job over, or it has ended.
        """
        raise NotImplementedError

    async def finish(
        self,
        tx: Transaction,
        job: Job,
        *,
        state: JobState,
        at: float,
        charged: Money,
        billed: bool,
        failure_key: str | None = None,
        failure_values: Mapping[str, object] | None = None,
        outputs: Sequence[Output] = (),
    ) -> Job:
        """End the job with its pictures; the ledger is settled by the caller in the same transaction.

        Raises:
            StaleAttempt: somebody else took the job over, or it has ended.
        """
        raise NotImplementedError

    async def request_cancel(self, tx: Transaction, job_id: JobId, *, by: int, at: float) -> Job | None:
        """A waiting job is cancelled at once; a running one gets the wish noted for its worker (the first one counts).

        `None` when the job has ended already.

        Raises:
            NotFound: there is no such job.
        """
        raise NotImplementedError

    async def get(self, tx: Transaction, job_id: JobId) -> Job:
        """The job.

        Raises:
            NotFound: there is none with this id.
        """
        raise NotImplementedError

    async def line(self, tx: Transaction, *, provider: str | None = None) -> list[LineEntry]:
        """Running jobs, oldest start first, then waiting ones in the order in which they will run."""
        raise NotImplementedError

    async def position(self, tx: Transaction, request_id: RequestId) -> int:
        """Where the request's first waiting job stands in its provider's line: 1 runs next.

        0 when one of its jobs runs, or none is left.
        """
        raise NotImplementedError

    async def typical_seconds(
        self, tx: Transaction, *, provider: str, model: Model, resolution: Resolution, last: int = 50
    ) -> float | None:
        """The median time from start to end of the last pictures of this kind; `None` without experience."""
        raise NotImplementedError

    async def unfinished(self, tx: Transaction, *, user_id: int, guild_id: int) -> int:
        """How many jobs of the person wait or run in this server."""
        raise NotImplementedError

    async def next_due(self, tx: Transaction, *, now: float) -> float | None:
        """The next time after `now` at which a postponed job is due or a lease ends."""
        raise NotImplementedError
