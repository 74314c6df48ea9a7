"""The work behind the scenes, and with it the whole."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property

from bot.assembly.privacy import PrivacyParts
from bot.domain.job import Job
from bot.domain.server_log import LogKind
from bot.providers.base import Provider
from bot.services.board import Board
from bot.services.deliveries import Deliveries
from bot.services.fetching import Pictures
from bot.services.gallery import GalleryTeller
from bot.services.polling import Pace
from bot.services.recovery import Recovery
from bot.services.runner import Runner
from bot.services.scheduler import Scheduler, SchedulerParts
from bot.services.submitting import Submitter
from bot.services.telling import LogTeller, Teller, Telling
from bot.services.uploads import Uploads
from bot.store.uploads import UploadStore


@dataclass(frozen=True, kw_only=True)
class App(PrivacyParts):
    """Everything of one running bot."""

    @cached_property
    def submitter(self) -> Submitter:
        """Sending paid requests."""
        return Submitter(
            checkpoints=self.checkpoints,
            fleet=self.fleet,
            references=self.references,
            uploads=Uploads(database=self.database, uploads=UploadStore(), copies=self.copies, clock=self.clock),
            order=self.settings.providers.order,
            clock=self.clock,
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
            pictures=Pictures(blobs=self.blobs, steps=self.steps, turn=self.forgetting.turn),
            watch=self._pace,
            clock=self.clock,
            changed=self.signals.changed,
            steps=self.steps,
            deadline=self.settings.jobs.deadline,
        )

    def _pace(self, job: Job, provider: Provider) -> Pace:
        facts = provider.facts
        return Pace(
            interval=facts.poll_interval, typical=facts.typical_seconds, clock=self.clock, wishes=self.wishes.of
        )

    @cached_property
    def deliveries(self) -> Deliveries:
        """Bringing results to their place."""
        return Deliveries(
            database=self.database,
            requests=self.requests,
            blobs=self.blobs,
            presenter=self.presenter,
            server_log=self.server_log,
            clock=self.clock,
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
            clock=self.clock,
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
            entries=self.entries,
            submissions=self.submissions,
            presenter=self.presenter,
            clock=self.clock,
            alone=self.database.dialect == "sqlite",
        )

    @cached_property
    def telling(self) -> Telling | None:
        """Telling servers' channels; `None` where nothing can be posted from here."""
        if self.posters is None:
            return None
        in_log = LogTeller(database=self.database, guilds=self.guilds, requests=self.requests, poster=self.posters.log)
        in_gallery = GalleryTeller(
            database=self.database,
            guilds=self.guilds,
            requests=self.requests,
            gallery=self.gallery.gallery,
            blobs=self.blobs,
            server_log=self.server_log,
            poster=self.posters.gallery,
            steps=self.steps,
        )
        tellers: dict[LogKind, Teller] = {LogKind.GALLERY: in_gallery, LogKind.GALLERY_GONE: in_gallery}
        return Telling(
            database=self.database,
            entries=self.entries,
            tellers=dict.fromkeys(LogKind, in_log) | tellers,
            clock=self.clock,
            noted=self.signals.noted,
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
            telling=self.telling,
            deleting=self.deleting,
            forgetting=self.forgetting,
            keeping=self.keeping,
        )
        return Scheduler(
            parts=parts,
            signals=self.signals,
            clock=self.clock,
            owner=secrets.token_hex(8),
            lease=self.settings.jobs.lease,
            grace=self.settings.jobs.shutdown,
        )
