"""Puts the studio together: opens store, providers and services, hands them out by constructor, closes them."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.domain.errors import UnusableImage
from bot.domain.job import Job
from bot.domain.quota import QuotaRule
from bot.domain.references import MAX_UPLOAD_BYTES
from bot.providers.base import Provider
from bot.providers.fetching import FetchFailed, FetchFailure, HostRule
from bot.providers.http import HttpClient
from bot.provisioning import open_providers
from bot.services.allowances import Allowances
from bot.services.board import Board
from bot.services.cancelling import Cancelling
from bot.services.checkpoints import Checkpoints
from bot.services.deliveries import Deliveries
from bot.services.fetching import Pictures
from bot.services.fleet import Fleet
from bot.services.line import Line
from bot.services.polling import Pace, Wishes
from bot.services.ports import Fetch, Presenter, Steps
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
from bot.store.blobs import Blobs, open_blobs
from bot.store.database import Database, lock_sqlite
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.migrate import upgrade
from bot.store.quotas import QuotaStore
from bot.store.requests import RequestStore
from bot.store.uploads import UploadStore

FETCH_SECONDS = 12.0
"""Time to fetch one file of a person: a bad one must be told within 15 s (product.md, section 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything the outside needs of the inside."""

    database: Database
    submissions: Submissions
    cancelling: Cancelling
    quotas: QuotaService
    queue: QueueService
    references: References
    scheduler: Scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """What most services are made of."""

    settings: Settings
    database: Database
    blobs: Blobs
    providers: Mapping[str, Provider]
    presenter: Presenter
    steps: Steps
    rule: QuotaRule
    fetch: Fetch
    requests: RequestStore
    jobs: JobStore
    ledger: Ledger
    guilds: GuildStore
    quotas: QuotaStore


@asynccontextmanager
async def open_app(
    settings: Settings, *, presenter: Presenter, steps: Steps, rule: QuotaRule | None = None
) -> AsyncGenerator[App]:
    """Open everything and bring the database up to date. `rule` replaces the default quota of the settings.

    Raises:
        ConfigError: a setting cannot be used, or another process holds the SQLite file.
    """
    with lock_sqlite(settings.database.url):
        # SQLite gets one connection at a time from this process: versions before 3.51.3 can corrupt a WAL with two.
        await upgrade(settings.database.url)
        async with (
            Database.open(settings.database.url) as database,
            HttpClient() as http,
            open_providers(settings, http) as providers,
        ):
            yield _assemble(
                _Base(
                    settings=settings,
                    database=database,
                    blobs=open_blobs(settings.storage.url),
                    providers=providers,
                    presenter=presenter,
                    steps=steps,
                    rule=rule or settings.quota.default.rule(),
                    fetch=attachment_fetch(http, settings.discord.attachment_hosts),
                    requests=RequestStore(),
                    jobs=JobStore(),
                    ledger=Ledger(),
                    guilds=GuildStore(),
                    quotas=QuotaStore(),
                )
            )


def attachment_fetch(http: HttpClient, hosts: tuple[str, ...]) -> Fetch:
    """Fetching people's files: only from the configured hosts, without redirects, within size and time."""
    rule = HostRule.of_hosts(hosts)
    keys = {
        FetchFailure.GONE: "image.gone",
        FetchFailure.NOT_ALLOWED: "image.link",
        FetchFailure.TOO_LARGE: "image.too_large_bytes",
        FetchFailure.SLOW: "image.slow",
    }

    async def fetch(url: str) -> bytes:
        try:
            return await http.download(
                url, cap_bytes=MAX_UPLOAD_BYTES, limit_seconds=FETCH_SECONDS, allowed=rule, redirects=0
            )
        except FetchFailed as error:
            key = keys.get(error.reason, "image.gone")
            raise UnusableImage(key, limit=MAX_UPLOAD_BYTES, detail=str(error)) from None

    return fetch


def _assemble(base: _Base) -> App:
    signals, wishes = Signals(), Wishes()
    fleet = Fleet(providers=base.providers, clock=time.time)
    facts = {name: provider.facts for name, provider in base.providers.items()}
    line = Line(jobs=base.jobs, facts=facts, clock=time.time)
    allowances = Allowances(ledger=base.ledger, quotas=base.quotas, default=base.rule, clock=time.time)
    references = References(database=base.database, requests=base.requests, blobs=base.blobs, fetch=base.fetch)
    submissions = Submissions(
        database=base.database,
        requests=base.requests,
        jobs=base.jobs,
        ledger=base.ledger,
        guilds=base.guilds,
        allowances=allowances,
        line=line,
        fleet=fleet,
        order=base.settings.providers.order,
        clock=time.time,
        randbelow=secrets.randbelow,
        accepted=signals.accepted,
        steps=base.steps,
    )
    return App(
        database=base.database,
        submissions=submissions,
        cancelling=Cancelling(
            database=base.database,
            requests=base.requests,
            jobs=base.jobs,
            ledger=base.ledger,
            clock=time.time,
            wish=wishes.cancel,
            wake=signals.changed,
        ),
        quotas=QuotaService(
            database=base.database,
            quotas=base.quotas,
            ledger=base.ledger,
            jobs=base.jobs,
            audit=AuditStore(),
            allowances=allowances,
            clock=time.time,
        ),
        queue=QueueService(database=base.database, jobs=base.jobs, line=line, clock=time.time),
        references=references,
        scheduler=Scheduler(
            parts=_scheduler_parts(base, line, allowances, references, submissions, fleet, wishes, signals),
            signals=signals,
            clock=time.time,
            owner=secrets.token_hex(8),
            lease=base.settings.jobs.lease,
            grace=base.settings.jobs.shutdown,
        ),
    )


def _scheduler_parts(
    base: _Base,
    line: Line,
    allowances: Allowances,
    references: References,
    submissions: Submissions,
    fleet: Fleet,
    wishes: Wishes,
    signals: Signals,
) -> SchedulerParts:
    checkpoints = Checkpoints(
        database=base.database,
        requests=base.requests,
        jobs=base.jobs,
        ledger=base.ledger,
        guilds=base.guilds,
        clock=time.time,
    )
    return SchedulerParts(
        database=base.database,
        jobs=base.jobs,
        requests=base.requests,
        runner=_runner(base, checkpoints, references, fleet, wishes, signals),
        deliveries=Deliveries(
            database=base.database,
            requests=base.requests,
            blobs=base.blobs,
            presenter=base.presenter,
            clock=time.time,
            steps=base.steps,
            lease=base.settings.jobs.lease,
        ),
        board=Board(
            database=base.database,
            requests=base.requests,
            jobs=base.jobs,
            line=line,
            allowances=allowances,
            presenter=base.presenter,
            clock=time.time,
            deadline=base.settings.jobs.deadline,
        ),
        references=references,
        checkpoints=checkpoints,
        recovery=Recovery(
            database=base.database,
            requests=base.requests,
            jobs=base.jobs,
            submissions=submissions,
            presenter=base.presenter,
            clock=time.time,
            alone=base.database.dialect == "sqlite",
        ),
        wishes=wishes,
        fleet=fleet,
    )


def _runner(
    base: _Base,
    checkpoints: Checkpoints,
    references: References,
    fleet: Fleet,
    wishes: Wishes,
    signals: Signals,
) -> Runner:
    def pace(job: Job, provider: Provider) -> Pace:
        facts = provider.facts
        return Pace(interval=facts.poll_interval, typical=facts.typical_seconds, clock=time.time, wishes=wishes.of)

    submitter = Submitter(
        checkpoints=checkpoints,
        fleet=fleet,
        references=references,
        uploads=Uploads(database=base.database, uploads=UploadStore(), clock=time.time),
        order=base.settings.providers.order,
        clock=time.time,
        changed=signals.changed,
        steps=base.steps,
    )
    return Runner(
        checkpoints=checkpoints,
        providers=base.providers,
        submitter=submitter,
        pictures=Pictures(blobs=base.blobs, steps=base.steps),
        watch=pace,
        clock=time.time,
        changed=signals.changed,
        steps=base.steps,
        deadline=base.settings.jobs.deadline,
    )
