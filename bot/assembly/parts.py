"""What the use-cases are made of."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property

from bot.domain.quota import QuotaRule
from bot.imaging.decoder import Decoder
from bot.providers.base import Providers
from bot.services.allowances import Allowances
from bot.services.changes import Changes
from bot.services.checkpoints import Checkpoints
from bot.services.copies import Copies
from bot.services.enhancer import Enhancer
from bot.services.fleet import Fleet
from bot.services.gallery import Gallery
from bot.services.limits import Limits
from bot.services.line import Line
from bot.services.polling import Wishes
from bot.services.ports import Clock, Fetch, Presenter, Refresh, Steps
from bot.services.references import References
from bot.services.server_log import ServerLog
from bot.services.signals import Signals
from bot.services.telling import Posters
from bot.services.tips import Tips
from bot.settings import Settings
from bot.store.audit import AuditStore
from bot.store.blobs import Blobs
from bot.store.blocks import BlockStore
from bot.store.copies import CopyStore
from bot.store.database import Database
from bot.store.gallery import GalleryStore
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.quotas import QuotaStore
from bot.store.requests import RequestStore
from bot.store.server_log import ServerLogStore


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Given from outside, and built for several use-cases. One recipe for each part; who asks gets the same one."""

    settings: Settings
    database: Database
    blobs: Blobs
    providers: Providers
    presenter: Presenter
    steps: Steps
    rule: QuotaRule
    fetch: Fetch
    refresh: Refresh
    decoder: Decoder
    clock: Clock = time.time
    posters: Posters | None = None
    enhancer: Enhancer = field(default_factory=Enhancer)
    requests: RequestStore = field(default_factory=RequestStore)
    jobs: JobStore = field(default_factory=JobStore)
    ledger: Ledger = field(default_factory=Ledger)
    guilds: GuildStore = field(default_factory=GuildStore)
    quota_rules: QuotaStore = field(default_factory=QuotaStore)
    blocks: BlockStore = field(default_factory=BlockStore)
    entries: ServerLogStore = field(default_factory=ServerLogStore)
    signals: Signals = field(default_factory=Signals)
    wishes: Wishes = field(default_factory=Wishes)

    @cached_property
    def fleet(self) -> Fleet:
        """The image services with their breakers."""
        return Fleet(providers=self.providers, clock=self.clock)

    @cached_property
    def line(self) -> Line:
        """Places in line and times."""
        return Line(jobs=self.jobs, fleet=self.fleet, clock=self.clock)

    @cached_property
    def allowances(self) -> Allowances:
        """What people may still spend."""
        return Allowances(ledger=self.ledger, quotas=self.quota_rules, default=self.rule, clock=self.clock)

    @cached_property
    def copies(self) -> Copies:
        """Clean copies of people's files."""
        return Copies(
            database=self.database, copies=CopyStore(), blobs=self.blobs, decoder=self.decoder, clock=self.clock
        )

    @cached_property
    def references(self) -> References:
        """People's pictures, fetched and cleaned."""
        return References(
            database=self.database,
            requests=self.requests,
            blobs=self.blobs,
            copies=self.copies,
            tips=Tips(copies=CopyStore(), requests=self.requests),
            fetch=self.fetch,
            refresh=self.refresh,
            clock=self.clock,
        )

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """Writing down what happens to jobs."""
        return Checkpoints(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            ledger=self.ledger,
            guilds=self.guilds,
            clock=self.clock,
        )

    @cached_property
    def server_log(self) -> ServerLog:
        """What the log channels are told."""
        return ServerLog(
            guilds=self.guilds,
            entries=self.entries,
            clock=self.clock,
            noted=self.signals.noted,
        )

    @cached_property
    def gallery(self) -> Gallery:
        """What enters the galleries."""
        return Gallery(
            guilds=self.guilds,
            gallery=GalleryStore(),
            entries=self.entries,
            clock=self.clock,
            noted=self.signals.noted,
        )

    @cached_property
    def changes(self) -> Changes:
        """Where moderators' changes are written down."""
        return Changes(audit=AuditStore(), guilds=self.guilds, server_log=self.server_log, clock=self.clock)

    @cached_property
    def limits(self) -> Limits:
        """Money that may be spent at all."""
        return Limits(cap=self.settings.budget.budgets(), server_log=self.server_log, clock=self.clock)
