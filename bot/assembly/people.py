"""The use-cases that people reach."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cached_property

from bot.assembly.parts import Parts
from bot.domain.library import Scope
from bot.services.admission import Admission
from bot.services.budgets import BudgetService
from bot.services.cancelling import Cancelling
from bot.services.choices import ServerChoices
from bot.services.deleting import Deleting
from bot.services.drafting import Drafting
from bot.services.forgetting import Forgetting
from bot.services.forms import Forms
from bot.services.leaderboard import LeaderboardService
from bot.services.library import LibraryService
from bot.services.lookup import Lookup
from bot.services.moderation import Moderation
from bot.services.opinions import Opinions
from bot.services.planning import Planning
from bot.services.providers import ProviderService
from bot.services.queue import QueueService
from bot.services.quotas import QuotaService
from bot.services.reporting import Reporting
from bot.services.results import Results
from bot.services.rules import Rules
from bot.services.submissions import Submissions
from bot.services.trail import Trail
from bot.services.usage import UsageService
from bot.store.audit import AuditStore
from bot.store.deletions import DeletionStore
from bot.store.drafts import DraftStore
from bot.store.forms import FormStore
from bot.store.leaderboard import LeaderboardStore
from bot.store.library import LibraryStore
from bot.store.opinions import OpinionStore
from bot.store.reports import ReportStore
from bot.store.usage import UsageStore

HOUR = 3600.0


@dataclass(frozen=True, kw_only=True)
class PeopleParts(Parts):
    """What commands and buttons call."""

    saved: LibraryStore = field(default_factory=LibraryStore)

    @cached_property
    def forgetting(self) -> Forgetting:
        """Deleting pictures for good."""
        return Forgetting(
            database=self.database,
            library=self.saved,
            blobs=self.blobs,
            clock=self.clock,
            keep=self.settings.references.keep_hours * HOUR,
        )

    @cached_property
    def library(self) -> LibraryService:
        """Saved references."""
        limits = self.settings.references
        return LibraryService(
            database=self.database,
            library=self.saved,
            blobs=self.blobs,
            references=self.references,
            forgetting=self.forgetting,
            changes=self.changes,
            clock=self.clock,
            limits={Scope.ME: limits.per_person, Scope.SERVER: limits.per_server},
        )

    @cached_property
    def deleting(self) -> Deleting:
        """Deleting results."""
        return Deleting(
            database=self.database,
            requests=self.requests,
            deletions=DeletionStore(),
            library=self.saved,
            forgetting=self.forgetting,
            gallery=self.gallery,
            changes=self.changes,
            presenter=self.presenter,
            clock=self.clock,
        )

    @cached_property
    def planning(self) -> Planning:
        """What requests become, and where they go."""
        return Planning(library=self.saved, fleet=self.fleet, order=self.settings.providers.order)

    @cached_property
    def admission(self) -> Admission:
        """What a request has to pass."""
        return Admission(
            requests=self.requests,
            ledger=self.ledger,
            allowances=self.allowances,
            limits=self.limits,
            line=self.line,
            planning=self.planning,
            clock=self.clock,
        )

    @cached_property
    def submissions(self) -> Submissions:
        """Where every request comes in."""
        return Submissions(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            ledger=self.ledger,
            guilds=self.guilds,
            admission=self.admission,
            rules=Rules(database=self.database, guilds=self.guilds, blocks=self.blocks),
            fleet=self.fleet,
            clock=self.clock,
            randbelow=secrets.randbelow,
            accepted=self.signals.accepted,
            steps=self.steps,
        )

    @cached_property
    def results(self) -> Results:
        """Results given once more."""
        return Results(submissions=self.submissions, blobs=self.blobs)

    @cached_property
    def opinions(self) -> Opinions:
        """Favourites and votes."""
        return Opinions(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            opinions=OpinionStore(),
            blocks=self.blocks,
            guilds=self.guilds,
            gallery=self.gallery,
            submissions=self.submissions,
            clock=self.clock,
        )

    @cached_property
    def leaderboard(self) -> LeaderboardService:
        """Who leads in a server."""
        return LeaderboardService(
            database=self.database,
            guilds=self.guilds,
            blocks=self.blocks,
            leaderboard=LeaderboardStore(),
            clock=self.clock,
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
            clock=self.clock,
        )

    @cached_property
    def forms(self) -> Forms:
        """Requests by form."""
        return Forms(
            database=self.database,
            forms=FormStore(),
            requests=self.requests,
            submissions=self.submissions,
            clock=self.clock,
        )

    @cached_property
    def lookup(self) -> Lookup:
        """The requests behind messages."""
        return Lookup(database=self.database, requests=self.requests)

    @cached_property
    def services(self) -> ProviderService:
        """The image services as servers see and choose them."""
        return ProviderService(
            database=self.database,
            jobs=self.jobs,
            guilds=self.guilds,
            changes=self.changes,
            line=self.line,
            fleet=self.fleet,
            order=self.settings.providers.order,
        )

    @cached_property
    def moderation(self) -> Moderation:
        """Who may ask for pictures, where, and in which words."""
        return Moderation(
            database=self.database, guilds=self.guilds, blocks=self.blocks, changes=self.changes, clock=self.clock
        )

    @cached_property
    def reporting(self) -> Reporting:
        """What people report of results."""
        return Reporting(
            database=self.database,
            requests=self.requests,
            reports=ReportStore(),
            submissions=self.submissions,
            deleting=self.deleting,
            moderation=self.moderation,
            changes=self.changes,
            clock=self.clock,
        )

    @cached_property
    def trail(self) -> Trail:
        """What moderators changed."""
        return Trail(database=self.database, audit=AuditStore())

    @cached_property
    def usage(self) -> UsageService:
        """What servers made and spent."""
        return UsageService(database=self.database, guilds=self.guilds, usage=UsageStore(), clock=self.clock)

    @cached_property
    def cancelling(self) -> Cancelling:
        """Stopping requests."""
        return Cancelling(
            database=self.database,
            requests=self.requests,
            jobs=self.jobs,
            ledger=self.ledger,
            clock=self.clock,
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
            guilds=self.guilds,
            changes=self.changes,
            allowances=self.allowances,
            clock=self.clock,
        )

    @cached_property
    def budgets(self) -> BudgetService:
        """Budgets and the pause."""
        return BudgetService(
            database=self.database,
            guilds=self.guilds,
            changes=self.changes,
            limits=self.limits,
        )

    @cached_property
    def choices(self) -> ServerChoices:
        """What servers choose for themselves."""
        return ServerChoices(database=self.database, guilds=self.guilds, changes=self.changes, clock=self.clock)

    @cached_property
    def queue(self) -> QueueService:
        """The line as people see it."""
        return QueueService(database=self.database, jobs=self.jobs, line=self.line, clock=self.clock)
