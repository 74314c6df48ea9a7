"""One process of the bot without Discord and image services: the real services on a real store, at a clock set by hand.

The test plays the worker: it claims jobs and says how they end.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from bot.domain.budget import Budget
from bot.domain.errors import ProviderError
from bot.domain.job import Job, JobState, Output, Place, PlaceKind, Requester, RequestId, RequestRecord
from bot.domain.money import Money
from bot.domain.quota import QuotaRule
from bot.domain.request import ImageRequest
from bot.providers.base import Provider
from bot.providers.runway_facts import RUNWAY
from bot.services.admission import Accepted, Admission
from bot.services.allowances import Allowances
from bot.services.budgets import BudgetService
from bot.services.callers import Caller
from bot.services.cancelling import Cancelling
from bot.services.changes import Changes
from bot.services.checkpoints import Checkpoints
from bot.services.deliveries import Deliveries
from bot.services.fleet import Fleet
from bot.services.limits import Limits
from bot.services.line import Line
from bot.services.moderation import Moderation
from bot.services.planning import Planning
from bot.services.ports import NoSteps, Posted, Presenter, Result
from bot.services.quotas import QuotaService
from bot.services.rules import Rules
from bot.services.server_log import ServerLog
from bot.services.submissions import Submissions
from bot.store.audit import AuditStore
from bot.store.blobs import open_blobs
from bot.store.blocks import BlockStore
from bot.store.database import Database
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.library import LibraryStore
from bot.store.quotas import QuotaStore
from bot.store.requests import RequestStore
from bot.store.server_log import ServerLogStore
from tests.support.png import small_png

GUILD = 10
LEASE = 60.0
PICTURE = small_png(64, 64)
SHA256 = hashlib.sha256(PICTURE).hexdigest()


@dataclass
class Now:
    """A clock that is set by hand, and remembers how far it has been."""

    at: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Wall:
    """Where results are shown: how many messages each request has."""

    posts: Counter[RequestId] = field(default_factory=Counter[RequestId])

    async def open_place(self, record: RequestRecord) -> int | None:
        return None

    async def find_result(self, record: RequestRecord, channel_id: int) -> Posted | None:
        return Posted(channel_id=channel_id, message_id=int(record.id)) if self.posts[record.id] else None

    async def post_result(self, result: Result, channel_id: int) -> Posted:
        self.posts[result.record.id] += 1
        return Posted(channel_id=channel_id, message_id=int(result.record.id))

    async def close_card(self, result: Result) -> None:
        return None

    def upload_limit(self, record: RequestRecord) -> int:
        return 2**31


class _Runway:
    facts = RUNWAY


@dataclass(kw_only=True)
class Process:
    """The services of one process; what is given here is shared with other processes or outlives it."""

    name: str
    database: Database
    clock: Now
    wall: Wall
    folder: Path
    default: QuotaRule
    cap: Sequence[Budget] = ()
    requests: RequestStore = field(default_factory=RequestStore)
    jobs: JobStore = field(default_factory=JobStore)
    ledger: Ledger = field(default_factory=Ledger)
    guilds: GuildStore = field(default_factory=GuildStore)

    @cached_property
    def fleet(self) -> Fleet:
        return Fleet(providers={"runway": cast(Provider, _Runway())}, clock=self.clock)

    @cached_property
    def server_log(self) -> ServerLog:
        return ServerLog(
            database=self.database,
            guilds=self.guilds,
            entries=ServerLogStore(),
            clock=self.clock,
            noted=asyncio.Event(),
        )

    @cached_property
    def changes(self) -> Changes:
        return Changes(audit=AuditStore(), guilds=self.guilds, server_log=self.server_log, clock=self.clock)

    @cached_property
    def limits(self) -> Limits:
        return Limits(cap=self.cap, server_log=self.server_log, clock=self.clock)

    @cached_property
    def allowances(self) -> Allowances:
        return Allowances(ledger=self.ledger, quotas=QuotaStore(), default=self.default, clock=self.clock)

    @cached_property
    def submissions(self) -> Submissions:
        admission = Admission(
            requests=self.requests,
            ledger=self.ledger,
            allowances=self.allowances,
            limits=self.limits,
            line=Line(jobs=self.jobs, fleet=self.fleet, clock=self.clock),
            planning=Planning(library=LibraryStore(), fleet=self.fleet, order=()),
            clock=self.clock,
        )
        return Submissions(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            ledger=self.ledger,
            guilds=self.guilds,
            admission=admission,
            rules=Rules(database=self.database, guilds=self.guilds, blocks=BlockStore()),
            fleet=self.fleet,
            clock=self.clock,
            randbelow=lambda _: 7,
            accepted=lambda _record, _place: None,
            steps=NoSteps(),
        )

    @cached_property
    def quotas(self) -> QuotaService:
        return QuotaService(
            database=self.database,
            quotas=QuotaStore(),
            ledger=self.ledger,
            guilds=self.guilds,
            changes=self.changes,
            allowances=self.allowances,
            clock=self.clock,
        )

    @cached_property
    def budgets(self) -> BudgetService:
        return BudgetService(database=self.database, guilds=self.guilds, changes=self.changes, limits=self.limits)

    @cached_property
    def moderation(self) -> Moderation:
        parts: dict[str, Any] = {"audit": AuditStore(), "changes": self.changes, "clock": self.clock}
        wanted = {name: part for name, part in parts.items() if name in Moderation.__dataclass_fields__}
        return Moderation(database=self.database, guilds=self.guilds, blocks=BlockStore(), **wanted)

    @cached_property
    def cancelling(self) -> Cancelling:
        return Cancelling(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            ledger=self.ledger,
            clock=self.clock,
            wish=lambda _: None,
            wake=lambda: None,
        )

    @cached_property
    def checkpoints(self) -> Checkpoints:
        return Checkpoints(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            ledger=self.ledger,
            guilds=self.guilds,
            clock=self.clock,
        )

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(
            database=self.database,
            requests=self.requests,
            blobs=open_blobs(f"file:{self.folder}"),
            presenter=cast(Presenter, self.wall),
            clock=self.clock,
            steps=NoSteps(),
            lease=LEASE,
        )

    async def ask(self, requester: Requester, interaction_id: int, *, count: int = 1, answer: bool = True) -> Accepted:
        """`/imagine`, and the card that answers it."""
        caller = Caller(
            requester=requester,
            place=Place(kind=PlaceKind.CHANNEL, channel_id=100),
            interaction_id=interaction_id,
            interaction_token="token",
        )
        request = ImageRequest(prompt="a lighthouse at dusk", seed=7, count=count)
        accepted = await self.submissions.submit(request, caller)
        if answer:
            await self.submissions.answered(accepted.record, card_message_id=interaction_id)
        return accepted

    async def claim(self) -> Job | None:
        """The next job to work on, up to the intent to submit it."""
        job = await self.database.write(
            lambda tx: self.jobs.claim(tx, now=self.clock(), owner=self.name, lease=LEASE, providers={"runway": 3})
        )
        if job is None or job.state is not JobState.PREPARING:
            return job
        return await self.checkpoints.intend(job, at_most=None)

    async def succeed(self, job: Job, cost: Money | None) -> Job:
        """The picture is there; `cost` is what the service said that it billed."""
        await self.deliveries.blobs.put(PICTURE)
        output = Output(
            job_id=job.id,
            position=0,
            sha256=SHA256,
            media_type="image/png",
            width=64,
            height=64,
            size_bytes=len(PICTURE),
        )
        return await self.checkpoints.succeed(job, await self.checkpoints.request_of(job), [output], cost)

    async def fail(self, job: Job, billed: Money | None, *, state: JobState = JobState.FAILED) -> Job:
        """It ended without a picture."""
        error = ProviderError(provider="runway", billed=billed)
        return await self.checkpoints.fail(job, await self.checkpoints.request_of(job), error, state=state)

    async def lose(self, job: Job) -> Job:
        """Nobody can tell whether it started."""
        error = ProviderError("provider.unknown", provider="runway")
        return await self.checkpoints.lose(job, await self.checkpoints.request_of(job), error)

    async def deliver(self) -> None:
        """Bring what is due to its place."""
        for record in await self.deliveries.take():
            await self.deliveries.deliver(record)
