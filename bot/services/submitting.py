"""Sending the paid request: once, in the provider's pace, elsewhere when one takes nothing, looked up when unknown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from bot.domain.errors import (
    InvalidRequest,
    NotStarted,
    OutOfCredits,
    PollFailed,
    ProviderError,
    ProviderMisconfigured,
    ReferenceRefused,
    RequestRefused,
    StorageUnavailable,
    SubmissionUnknown,
    TaskCancelled,
)
from bot.domain.guild import GuildSettings
from bot.domain.job import Job, JobState, RequestRecord
from bot.domain.money import FREE, Money
from bot.domain.plan import Plan, Wishes, plan
from bot.providers.base import Billing, History, Order, Provider, SentReference, TaskState
from bot.services.checkpoints import Checkpoints, Postponed
from bot.services.fleet import Fleet
from bot.services.ports import Clock, Steps
from bot.services.references import References
from bot.services.uploads import Uploads

log = logging.getLogger(__name__)

SUBMIT_PATIENCE = 10 * 60.0
"""Seconds in which a provider that takes nothing at all is asked again before the job gives up."""

SUBMIT_GRACE = 6.0
"""Seconds that a shutdown waits for the answer to a paid request (the process must end within 10 s)."""

RECORD_AGAIN = 1.0
"""Seconds until a submission that could not be written down is tried again."""

LOOK_UPS = (2.0, 8.0, 20.0)
"""Seconds before each look at a provider's history: a submission of unknown fate is settled within 60 s."""

_REFUSALS = (NotStarted, OutOfCredits, ProviderMisconfigured, ReferenceRefused, RequestRefused)

LINK_REFUSED = "provider.reference_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitter:
    """Brings a prepared job to a task at a provider. Raises `Postponed` when the job went back to the line."""

    checkpoints: Checkpoints
    fleet: Fleet
    references: References
    uploads: Uploads
    order: Sequence[str]
    clock: Clock
    changed: Callable[[], None]
    steps: Steps

    async def submit(self, job: Job, record: RequestRecord, provider: Provider) -> tuple[Job, TaskState]:
        """Prepare the references, record the intent, send, record the task.

        Raises:
            Refused: a reference cannot be used.
            SubmissionUnknown: it may have started; it was looked up where there is a history.
            ProviderError: no service takes it.
        """
        record = await self.references.ready(record.id)
        await self._unless_cancelled(job)
        await self._in_pace(job)
        with self.fleet.attempt(job.provider):
            return await self._attempt(job, record, provider)

    async def _attempt(self, job: Job, record: RequestRecord, provider: Provider) -> tuple[Job, TaskState]:
        sent = await self._prepared(job, record, provider)
        await self.steps.reached("references_ready")
        await self._unless_cancelled(job)
        order = _order(job, record, sent, await self.checkpoints.settings_of(record))
        sending = asyncio.create_task(self._intend_and_send(job, provider, order), name=f"submit-{job.id}")
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            # Shutting down in the one second that matters: the answer is worth waiting for. It begins with the
            # intent: recorded and not followed by the request, it would look like a request of unknown fate.
            await asyncio.wait({sending}, timeout=SUBMIT_GRACE)
            raise

    async def _intend_and_send(self, job: Job, provider: Provider, order: Order) -> tuple[Job, TaskState]:
        limit = self.fleet.submits_per_minute(job.provider)
        intended = await self.checkpoints.intend(job, at_most=limit)
        if intended is None:
            await self._postpone(job, _turn(limit))
        await self.steps.reached("submitting")
        await self.checkpoints.confirm(intended)
        return await self._send_and_record(intended, provider, order)

    async def resolve(
        self, job: Job, record: RequestRecord, provider: Provider, error: SubmissionUnknown
    ) -> tuple[Job, TaskState]:
        """Find out in the provider's history what became of a submission.

        Raises:
            SubmissionUnknown: there is no history, or nothing in it that can only be this job.
        """
        if not isinstance(provider, History):
            raise error
        log.warning("job %s: looking the submission up at %s", job.id, job.provider)
        since = job.submit_started_at or job.started_at or self.clock()
        for delay in LOOK_UPS:
            await asyncio.sleep(delay)
            try:
                state = await provider.find(_order(job, record), since=since)
            except ProviderError as failure:
                log.warning("job %s: the history does not tell: %s", job.id, failure.detail)
                continue
            if state is not None and not await self.checkpoints.is_taken(job.provider, state.task_id):
                return await self._record(job, state), state
        error.billed = await self._most_billed(job, record, provider, since)
        raise error

    async def _most_billed(self, job: Job, record: RequestRecord, provider: Provider, since: float) -> Money | None:
        if not isinstance(provider, Billing):
            return None
        try:
            return await provider.most_billed(_order(job, record), since=since)
        except ProviderError as failure:
            log.warning("job %s: the bills do not tell: %s", job.id, failure.detail)
            return None

    async def _unless_cancelled(self, job: Job) -> None:
        if (await self.checkpoints.look(job)).cancel_requested_by is not None:
            raise TaskCancelled(provider=job.provider, billed=FREE)

    async def _in_pace(self, job: Job) -> None:
        """Wait in line while the service rests, or the account's submissions of this minute are used up."""
        limit = self.fleet.submits_per_minute(job.provider)
        if self.fleet.may_try(job.provider) and await self.checkpoints.used_up(job.provider, at_most=limit):
            await self._postpone(job, _turn(limit))
        if not self.fleet.may_try(job.provider):
            error = self.fleet.refusal(job.provider)
            await self._elsewhere(job, error)
            if isinstance(error, NotStarted):
                await self._again(job, error)
            raise error

    async def _prepared(self, job: Job, record: RequestRecord, provider: Provider) -> tuple[SentReference, ...]:
        try:
            prepared = await self.uploads.prepare(provider, await self.references.files(record))
            await self.checkpoints.tell(job, prepared.notes)
            return prepared.references
        except PollFailed as error:
            await self._again(job, error)
            raise
        except ProviderError as error:
            await self._not_taken(job, error)
            raise

    async def _send_and_record(self, job: Job, provider: Provider, order: Order) -> tuple[Job, TaskState]:
        try:
            state = await provider.submit(order)
        except ProviderError as error:
            await self._not_taken(job, error)
            if isinstance(error, _REFUSALS):
                # Nothing started: a process that ends right here must not leave a submission of unknown fate.
                await self.checkpoints.note(job, state=JobState.PREPARING)
            raise
        except Exception as error:
            # A fault of ours after the request may have left: whether it started is unknown.
            log.exception("job %s: submitting broke", job.id)
            raise SubmissionUnknown(provider=job.provider, detail=type(error).__name__) from error
        self.fleet.succeeded(job.provider)
        await self.steps.reached("submitted")
        return await self._record(job, state), state

    async def _record(self, job: Job, state: TaskState) -> Job:
        now = self.clock()
        while True:
            try:
                job = await self.checkpoints.note(
                    job, state=JobState.RUNNING, task_id=state.task_id, submitted_at=now, progress=0.0
                )
                break
            except StorageUnavailable as error:
                # Paid for and known to nobody else: it is kept in mind for as long as this process lives.
                log.error("job %s: submitted, which cannot be written down yet: %s", job.id, error.detail)
            await asyncio.sleep(RECORD_AGAIN)
        log.info("job %s: submitted to %s", job.id, job.provider)
        await self.steps.reached("task_recorded")
        self.changed()
        return job

    async def _not_taken(self, job: Job, error: ProviderError) -> None:
        """What proves that nothing started is tried elsewhere, then again here; the rest is the caller's to raise."""
        self.fleet.failed(job.provider, error)
        if isinstance(error, NotStarted | OutOfCredits | ProviderMisconfigured) or _wants_link(error):
            await self._elsewhere(job, error)
        if isinstance(error, NotStarted):
            await self._again(job, error)

    async def _elsewhere(self, job: Job, error: ProviderError) -> None:
        """Give the job to another service that costs no more than what is held."""
        record = await self.checkpoints.request_of(job)
        chosen = await self._other(job, record)
        if chosen is None:
            return
        log.warning("job %s: goes to %s instead of %s: %s", job.id, chosen.provider, job.provider, error.detail)
        await self.checkpoints.reassign(job, chosen)
        self.changed()
        raise Postponed

    async def _other(self, job: Job, record: RequestRecord) -> Plan | None:
        if record.provider_chosen:
            return None
        settings = await self.checkpoints.settings_of(record)
        wishes = Wishes(
            order=settings.provider_order or self.order,
            disabled=(*settings.providers_off, job.provider),
            at_most=job.price,
        )
        try:
            return plan(replace(record.request, seed=job.seed, count=1), self.fleet.working(), wishes)
        except InvalidRequest:
            return None

    async def _again(self, job: Job, error: ProviderError) -> None:
        """Wait and try again here, until patience ends (then the caller's error stands)."""
        since = self.clock() - (job.started_at or self.clock())
        if since > SUBMIT_PATIENCE:
            return
        wait = error.retry_in if error.retry_in is not None else min(30.0, max(1.0, since))
        log.warning("job %s: %s takes nothing now, again in %.0f s: %s", job.id, job.provider, wait, error.detail)
        await self._postpone(job, wait)

    async def _postpone(self, job: Job, seconds: float) -> NoReturn:
        await self.checkpoints.postpone(job, seconds, state=JobState.PREPARING)
        raise Postponed


def _order(
    job: Job, record: RequestRecord, sent: tuple[SentReference, ...] = (), settings: GuildSettings | None = None
) -> Order:
    return Order(
        prompt=record.request.prompt,
        model=record.request.model,
        size=job.size,
        seed=job.seed if job.seed_sent else None,
        references=sent,
        moderation=settings.moderation.value if settings and settings.moderation else None,
    )


def _turn(limit: int | None) -> float:
    """Seconds after which the account's next submission is due."""
    return 60.0 / (limit or 60)


def _wants_link(error: ProviderError) -> bool:
    return isinstance(error, ReferenceRefused) and error.key == LINK_REFUSED
