"""One job from its turn in the line to its picture in the store, resumable after any of its steps."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.errors import (
    AtelierError,
    Moderated,
    PollFailed,
    ProviderError,
    ProviderMisconfigured,
    RateLimited,
    Refused,
    StaleAttempt,
    StorageUnavailable,
    SubmissionUnknown,
    TaskCancelled,
    TaskFailed,
    TaskVanished,
)
from bot.domain.job import Job, JobState, RequestRecord
from bot.domain.money import FREE
from bot.providers.base import Done, Pending, Provider, Providers, TaskState
from bot.services.checkpoints import Checkpoints, Postponed
from bot.services.fetching import Pictures
from bot.services.polling import Pace
from bot.services.ports import Clock, Steps
from bot.services.submitting import Submitter

log = logging.getLogger(__name__)

RETRY_DELAY = 2.0
GIVE_UP_AFTER = 24 * 3600.0
"""A task that is still unfinished after a day is taken for lost (providers keep outputs 24-48 h)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Runs claimed jobs. `run` never raises but for cancellation; what happens is in the store.

    `watch` gives a fresh pace for each job: how long to wait between polls, woken early by a wish to cancel.
    """

    checkpoints: Checkpoints
    providers: Providers
    submitter: Submitter
    pictures: Pictures
    watch: Callable[[Job, Provider], Pace]
    clock: Clock
    changed: Callable[[], None]
    steps: Steps
    deadline: float

    async def run(self, job: Job) -> None:
        """Carry the job on from the step that is recorded."""
        try:
            await self.steps.reached("claimed")
            await self._carry_on(job)
        except StaleAttempt:
            log.warning("job %s: another process carries on", job.id)
        except StorageUnavailable as error:
            log.error("job %s: %s; it is taken up again", job.id, error.detail)
            self.checkpoints.database.standing.failed(error)
        finally:
            self.changed()

    async def _carry_on(self, job: Job) -> None:
        record = await self.checkpoints.request_of(job)
        provider = self.providers.get(job.provider)
        if provider is None:
            await self._without_provider(job, record)
            return
        try:
            job, state = await self._submitted(job, record, provider)
            if job.task_id is not None:
                job, done = await self._wait(job, provider, state)
                await self._keep(job, record, provider, done)
        except Postponed:
            return
        except SubmissionUnknown as error:
            log.error("job %s: fate of the submission unknown: %s", job.id, error.detail)
            await self.checkpoints.lose(await self.checkpoints.confirm(job), record, error)
        except TaskVanished as error:
            log.error("job %s: the task is gone: %s", job.id, error.detail)
            await self.checkpoints.lose(await self.checkpoints.confirm(job), record, error)
        except TaskFailed as error:
            await self._task_failed(job, record, error)
        except TaskCancelled as error:
            await self._end(job, record, error, JobState.CANCELLED)
        except (ProviderError, Refused) as error:
            await self._end(job, record, error, JobState.FAILED)

    async def _submitted(self, job: Job, record: RequestRecord, provider: Provider) -> tuple[Job, TaskState | None]:
        """The job with a task: submitted now, or found again when nobody knows what became of the submission."""
        try:
            if job.state is JobState.SUBMITTING:
                # The process ended between the intent and the answer: sending again could pay twice.
                raise SubmissionUnknown(provider=job.provider, detail="interrupted while submitting")
            if job.state is JobState.PREPARING:
                return await self.submitter.submit(job, record, provider)
        except SubmissionUnknown as error:
            return await self.submitter.resolve(await self.checkpoints.confirm(job), record, provider, error)
        return job, None

    async def _wait(self, job: Job, provider: Provider, state: TaskState | None) -> tuple[Job, Done]:
        """Poll until there are pictures."""
        pace = self.watch(job, provider)
        task_id = job.task_id or ""
        while not isinstance(state, Done):
            if state is not None:
                job = await self._progressed(job, state)
                await self._too_late(job)
                await pace.rest(job)
            state = await self._ask(job, provider, task_id) or state or Pending(task_id=task_id)
            await self.steps.reached("polled")
        return job, state

    async def _ask(self, job: Job, provider: Provider, task_id: str) -> TaskState | None:
        try:
            if (await self.checkpoints.look(job)).cancel_requested_by is not None and provider.facts.cancels:
                return await provider.cancel(task_id)
            return await provider.poll(task_id)
        except (PollFailed, RateLimited, ProviderMisconfigured) as error:
            # A key that is refused now says nothing about the task: it is asked for again.
            log.warning("job %s: no answer about the task: %s", job.id, error.detail)
            return None

    async def _progressed(self, job: Job, state: Pending) -> Job:
        if state.progress is None or state.progress == job.progress:
            return job
        try:
            job = await self.checkpoints.note(job, progress=state.progress)
        except StorageUnavailable as error:
            # Nothing depends on it but the card, and the task does not wait.
            log.warning("job %s: its progress cannot be written down: %s", job.id, error.detail)
            return job
        self.changed()
        return job

    async def _too_late(self, job: Job) -> None:
        """Past the deadline the job gives its place back and is asked about once a minute; after a day it is lost."""
        since = self.clock() - (job.submitted_at or self.clock())
        if since > GIVE_UP_AFTER:
            raise TaskVanished(provider=job.provider, detail="unfinished after a day")
        if since > self.deadline:
            await self.checkpoints.postpone(job, 60.0)
            raise Postponed

    async def _keep(self, job: Job, record: RequestRecord, provider: Provider, done: Done) -> None:
        job = await self.checkpoints.note(job, state=JobState.FETCHING, progress=1.0)
        self.changed()
        try:
            fetched = await self.pictures.keep(job, provider, done)
        except ProviderError as error:
            # The picture was made and billed, but the person has nothing: the operator bears it.
            log.error("job %s: the picture could not be fetched: %s", job.id, error.detail)
            await self.checkpoints.lose(job, record, error)
            return
        await self.steps.reached("stored")
        await self.pictures.record(fetched, lambda made: self.checkpoints.succeed(job, record, made, done.cost))
        log.info("job %s: picture stored", job.id)
        await self.steps.reached("settled")

    async def _task_failed(self, job: Job, record: RequestRecord, error: TaskFailed) -> None:
        """Once more by itself when the provider reports that it cost nothing (product.md, section 7)."""
        if error.retryable and error.billed == FREE and job.retries == 0:
            log.warning("job %s: failed at no cost, tried once more: %s", job.id, error.detail)
            await self.checkpoints.postpone(
                await self.checkpoints.confirm(job), RETRY_DELAY, state=JobState.PREPARING, task_id=None, retries=1
            )
            return
        await self._end(job, record, error, JobState.FAILED)

    async def _end(self, job: Job, record: RequestRecord, error: AtelierError, state: JobState) -> None:
        provider = self.providers.get(job.provider)
        if isinstance(error, Moderated) and error.billed is None and provider and provider.facts.bills_moderated:
            error.billed = job.price
        log.info("job %s: ended %s: %s", job.id, state, error.detail)
        await self.checkpoints.fail(await self.checkpoints.confirm(job), record, error, state=state)

    async def _without_provider(self, job: Job, record: RequestRecord) -> None:
        error = ProviderError("provider.removed", provider=job.provider, detail="not configured any more")
        if job.state is JobState.PREPARING:
            await self._end(job, record, error, JobState.FAILED)
        else:
            await self.checkpoints.lose(job, record, error)
