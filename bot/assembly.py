"""Builds every service once from the stores, the providers and the presenter, and hands them to each other."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from functools import cached_property

from bot.domain.job import Job
from bot.domain.quota import QuotaRule
from bot.providers.base import Provider, Providers
from bot.services.allowances import Allowances
from bot.services.board import Board
from bot.services.cancelling import Cancelling
from bot.services.checkpoints import Checkpoints
from bot.services.deliveries import Deliveries
from bot.services.drafting import Drafting
from bot.services.enhancer import Enhancer
from bot.services.fetching import Pictures
from bot.services.fleet import Fleet
from bot.services.line import Line
from bot.services.polling import Pace, Wishes
from bot.services.ports import Fetch, Presenter, Steps
from bot.services.providers import ProviderService
from bot.services.queue import QueueService
from bot.services.quotas import QuotaService
from bot.services.recovery import Recovery
from bot.services.references import References
from bot.services.runner import Runner
from bot.services.scheduler import Scheduler, SchedulerParts
from bot.services.signals import Signals
from bot.services.submissions import Submissions
from bot.services.submitting import Submitter
from bot.services.uploads import Uploads
from bot.settings import Settings
from bot.store.audit import AuditStore
from bot.store.blobs import Blobs
from bot.store.database import Database
from bot.store.drafts import DraftStore
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.quotas import QuotaStore
from bot.store.requests import RequestStore
from bot.store.uploads import UploadStore


@dataclass(frozen=True, kw_only=True)
class App:
    """One short recipe for each part; whatever asks for a part gets the same one."""

    settings: Settings
    database: Database
    blobs: Blobs
    providers: Providers
    presenter: Presenter
    steps: Steps
    rule: QuotaRule
    fetch: Fetch
    enhancer: Enhancer = field(default_factory=Enhancer)
    requests: RequestStore = field(default_factory=RequestStore)
    jobs: JobStore = field(default_factory=JobStore)
    ledger: Ledger = field(default_factory=Ledger)
    guilds: GuildStore = field(default_factory=GuildStore)
    quota_rules: QuotaStore = field(default_factory=QuotaStore)
    signals: Signals = field(default_factory=Signals)
    wishes: Wishes = field(default_factory=Wishes)

    @cached_property
    def fleet(self) -> Fleet:
        """The image services with their breakers."""
        return Fleet(providers=self.providers, clock=time.time)

    @cached_property
    def line(self) -> Line:
        """Places in line and times."""
        facts = {name: provider.facts for name, provider in self.providers.items()}
        return Line(jobs=self.jobs, facts=facts, clock=time.time)

    @cached_property
    def allowances(self) -> Allowances:
        """What people may still spend."""
        return Allowances(ledger=self.ledger, quotas=self.quota_rules, default=self.rule, clock=time.time)

    @cached_property
    def references(self) -> References:
        """People's pictures, fetched and cleaned."""
        return References(database=self.database, requests=self.requests, blobs=self.blobs, fetch=self.fetch)

    @cached_property
    def submissions(self) -> Submissions:
        """Where every request comes in."""
        return Submissions(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            ledger=self.ledger,
            guilds=self.guilds,
            allowances=self.allowances,
            line=self.line,
            fleet=self.fleet,
            order=self.settings.providers.order,
            clock=time.time,
            randbelow=secrets.randbelow,
            accepted=self.signals.accepted,
            steps=self.steps,
        )

    @cached_property
    def drafting(self) -> Drafting:
        """Prompts enhanced before anything is held."""
        return Drafting(
            database=self.database,
            drafts=DraftStore(),
            requests=self.requests,
            guilds=self.guilds,
            submissions=self.submissions,
            enhancer=self.enhancer,
            clock=time.time,
        )

    @cached_property
    def services(self) -> ProviderService:
        """The image services as servers see and choose them."""
        return ProviderService(
            database=self.database,
            jobs=self.jobs,
            guilds=self.guilds,
            audit=AuditStore(),
            line=self.line,
            fleet=self.fleet,
            order=self.settings.providers.order,
            clock=time.time,
        )

    @cached_property
    def cancelling(self) -> Cancelling:
        """Stopping requests."""
        return Cancelling(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            ledger=self.ledger,
            clock=time.time,
            wish=self.wishes.cancel,
            wake=self.signals.changed,
        )

    @cached_property
    def quotas(self) -> QuotaService:
        """Quotas as people and moderators see them."""
        return QuotaService(
            database=self.database,
            quotas=self.quota_rules,
            ledger=self.ledger,
            jobs=self.jobs,
            audit=AuditStore(),
            allowances=self.allowances,
            clock=time.time,
        )

    @cached_property
    def queue(self) -> QueueService:
        """The line as people see it."""
        return QueueService(database=self.database, jobs=self.jobs, line=self.line, clock=time.time)

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """Writing down what happens to jobs."""
        return Checkpoints(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            ledger=self.ledger,
            guilds=self.guilds,
            clock=time.time,
        )

    @cached_property
    def submitter(self) -> Submitter:
        """Sending paid requests."""
        return Submitter(
            checkpoints=self.checkpoints,
            fleet=self.fleet,
            references=self.references,
            uploads=Uploads(database=self.database, uploads=UploadStore(), clock=time.time),
            order=self.settings.providers.order,
            clock=time.time,
            changed=self.signals.changed,
            steps=self.steps,
        )

    @cached_property
    def runner(self) -> Runner:
        """Carrying jobs on."""
        return Runner(
            checkpoints=self.checkpoints,
            providers=self.providers,
            submitter=self.submitter,
            pictures=Pictures(blobs=self.blobs, steps=self.steps),
            watch=self._pace,
            clock=time.time,
            changed=self.signals.changed,
            steps=self.steps,
            deadline=self.settings.jobs.deadline,
        )

    def _pace(self, job: Job, provider: Provider) -> Pace:
        facts = provider.facts
        return Pace(interval=facts.poll_interval, typical=facts.typical_seconds, clock=time.time, wishes=self.wishes.of)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Bringing results to their place."""
        return Deliveries(
            database=self.database,
            requests=self.requests,
            blobs=self.blobs,
            presenter=self.presenter,
            clock=time.time,
            steps=self.steps,
            lease=self.settings.jobs.lease,
        )

    @cached_property
    def board(self) -> Board:
        """Keeping cards true."""
        return Board(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            line=self.line,
            allowances=self.allowances,
            presenter=self.presenter,
            clock=time.time,
            deadline=self.settings.jobs.deadline,
            told=self.signals.told,
        )

    @cached_property
    def recovery(self) -> Recovery:
        """What a killed process left behind."""
        return Recovery(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            submissions=self.submissions,
            presenter=self.presenter,
            clock=time.time,
            alone=self.database.dialect == "sqlite",
        )

    @cached_property
    def scheduler(self) -> Scheduler:
        """Who runs what, now."""
        parts = SchedulerParts(
            database=self.database,
            jobs=self.jobs,
            requests=self.requests,
            runner=self.runner,
            deliveries=self.deliveries,
            board=self.board,
            references=self.references,
            checkpoints=self.checkpoints,
            recovery=self.recovery,
            wishes=self.wishes,
            fleet=self.fleet,
        )
        return Scheduler(
            parts=parts,
            signals=self.signals,
            clock=time.time,
            owner=secrets.token_hex(8),
            lease=self.settings.jobs.lease,
            grace=self.settings.jobs.shutdown,
        )
