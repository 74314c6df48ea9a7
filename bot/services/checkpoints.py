"""Writing down what happened to a job: each change is one fenced transaction together with its ledger entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import AtelierError, ProviderError, Refused, StaleAttempt
from bot.domain.guild import GuildSettings
from bot.domain.job import Job, JobState, Output, RequestId, RequestRecord
from bot.domain.money import FREE, Money
from bot.domain.plan import Plan
from bot.services.ports import Clock
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore

MINUTE = 60.0

_PACE = 2
"""The advisory lock under which intents to submit are recorded one after the other, so that limits hold among them."""


class Postponed(Exception):
    """No failure: the job went back to the line and is carried on later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoints:
    """Every method raises `StaleAttempt` when another process has taken the job over."""

    database: Database
    requests: RequestStore
    jobs: JobStore
    ledger: Ledger
    guilds: GuildStore
    clock: Clock

    async def request_of(self, job: Job) -> RequestRecord:
        """The request a job belongs to."""

        async def load(tx: Transaction) -> RequestRecord:
            return await self.requests.get(tx, job.request_id)

        return await self.database.read(load)

    async def look(self, job: Job) -> Job:
        """The job as it stands now."""

        async def load(tx: Transaction) -> Job:
            return await self.jobs.get(tx, job.id)

        return await self.database.read(load)

    async def confirm(self, job: Job) -> Job:
        """The job as it stands now, still held by this attempt and not ended.

        Right before what cannot be taken back: a process that stood still may wake up long after its turn.
        """
        current = await self.look(job)
        if current.attempt != job.attempt or current.state.ended:
            raise StaleAttempt(detail=f"job {job.id}, attempt {job.attempt}")
        return current

    async def note(self, job: Job, **changes: Any) -> Job:
        """Change columns of the job."""

        async def write(tx: Transaction) -> Job:
            return await self.jobs.checkpoint(tx, job, **changes)

        return await self.database.write(write)

    async def postpone(self, job: Job, seconds: float, *, state: JobState | None = None, **changes: Any) -> Job:
        """Give the job back to the line for a while."""

        async def write(tx: Transaction) -> Job:
            changed = await self.jobs.checkpoint(tx, job, **changes) if changes else job
            return await self.jobs.postpone(tx, changed, until=self.clock() + seconds, state=state)

        return await self.database.write(write)

    async def reassign(self, job: Job, chosen: Plan) -> None:
        """Put the job back in line for another provider."""

        async def write(tx: Transaction) -> None:
            await self.jobs.reassign(tx, job, chosen)

        await self.database.write(write)

    async def tell(self, job: Job, notes: Sequence[str]) -> None:
        """Note what was changed about the references for the job's service."""
        if set(notes) <= set(job.notes):
            return

        async def write(tx: Transaction) -> None:
            await self.jobs.tell(tx, job, notes)

        await self.database.write(write)

    async def used_up(self, provider: str, *, at_most: int | None) -> bool:
        """Whether all processes together have sent `at_most` submissions to a provider within a minute."""

        async def count(tx: Transaction) -> bool:
            return await self._used_up(tx, provider, at_most)

        return await self.database.read(count)

    async def intend(self, job: Job, *, at_most: int | None) -> Job | None:
        """Record that the paid request is about to be sent; `None` when others have used the minute up meanwhile.

        Raises:
            StorageUnavailable: the storage is only read at the moment, so that the picture could not be kept.
        """
        self.database.standing.require()

        async def write(tx: Transaction) -> Job | None:
            if at_most is not None:
                await tx.lock(_PACE)
            if await self._used_up(tx, job.provider, at_most):
                return None
            return await self.jobs.checkpoint(tx, job, state=JobState.SUBMITTING, submit_started_at=self.clock())

        return await self.database.write(write)

    async def _used_up(self, tx: Transaction, provider: str, at_most: int | None) -> bool:
        if at_most is None:
            return False
        return await self.jobs.submitted_since(tx, provider, self.clock() - MINUTE) >= at_most

    async def is_taken(self, provider: str, task_id: str) -> bool:
        """Whether a task found in a provider's history is another job's."""

        async def look(tx: Transaction) -> bool:
            return await self.jobs.has_task(tx, provider, task_id)

        return await self.database.read(look)

    async def settings_of(self, record: RequestRecord) -> GuildSettings:
        """The choices of the server a request was made in."""

        async def load(tx: Transaction) -> GuildSettings:
            return await self.guilds.get(tx, record.requester.guild_id)

        return await self.database.read(load)

    async def succeed(self, job: Job, record: RequestRecord, outputs: Sequence[Output], cost: Money | None) -> Job:
        """Keep the pictures and charge what they cost, never more than was held."""
        charged = min(job.price, cost) if cost is not None else job.price

        async def write(tx: Transaction) -> Job:
            ended = await self.jobs.finish(
                tx,
                job,
                state=JobState.SUCCEEDED,
                at=self.clock(),
                charged=charged,
                billed=True,
                outputs=outputs,
            )
            await self.ledger.settle(tx, ended, charged=cost if cost is not None else job.price, at=self.clock())
            return ended

        return await self.database.write(write, lock=record.requester.user_id)

    async def fail(self, job: Job, record: RequestRecord, error: AtelierError, *, state: JobState) -> Job:
        """End the job without a picture; quota comes back unless the provider billed it.

        A server may give it back all the same when a declined prompt was billed: then it is the operator's loss.
        """
        billed = error.billed if isinstance(error, ProviderError) and error.billed else FREE

        async def write(tx: Transaction) -> Job:
            settings = await self.guilds.get(tx, record.requester.guild_id)
            forgiven = billed > FREE and settings.return_moderated
            charged = FREE if forgiven else min(job.price, billed)
            ended = await self.jobs.finish(
                tx,
                job,
                state=state,
                at=self.clock(),
                charged=charged,
                billed=billed > FREE,
                failure_key=error.key,
                failure_values=error.values,
            )
            if forgiven:
                await self.ledger.lose(tx, ended, cost=billed, at=self.clock())
            else:
                await self.ledger.settle(tx, ended, charged=billed if billed > FREE else None, at=self.clock())
            return ended

        return await self.database.write(write, lock=record.requester.user_id)

    async def lose(self, job: Job, record: RequestRecord, error: AtelierError) -> Job:
        """The fate of the submission is unknown: quota comes back, and the operator bears what it cost.

        That is what the service says it billed at most, or else the price.
        """
        known = error.billed if isinstance(error, ProviderError) else None
        cost = job.price if known is None else known

        async def write(tx: Transaction) -> Job:
            ended = await self.jobs.finish(
                tx,
                job,
                state=JobState.LOST,
                at=self.clock(),
                failure_key=error.key,
                failure_values=error.values,
            )
            await self.ledger.lose(tx, ended, cost=cost, at=self.clock())
            return ended

        return await self.database.write(write, lock=record.requester.user_id)

    async def refuse_waiting(self, request_id: RequestId, error: Refused) -> None:
        """A file of the request cannot be used: its jobs that wait end here, those that run find out themselves."""

        async def write(tx: Transaction) -> None:
            for job in (await self.requests.get(tx, request_id)).jobs:
                if job.state is JobState.WAITING:
                    ended = await self.jobs.finish(
                        tx,
                        job,
                        state=JobState.FAILED,
                        at=self.clock(),
                        failure_key=error.key,
                        failure_values=error.values,
                    )
                    await self.ledger.settle(tx, ended, charged=None, at=self.clock())

        await self.database.write(write)
