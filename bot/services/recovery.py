"""Finding what a killed process left behind: its leases, and requests whose answer was not recorded."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.domain.errors import DeliveryFailed
from bot.domain.job import INTERACTION_LIFE, RequestRecord
from bot.services.ports import Clock, Presenter
from bot.services.submissions import Submissions
from bot.store.database import Database, Transaction
from bot.store.jobs import JobStore
from bot.store.requests import RequestStore
from bot.store.server_log import ServerLogStore

log = logging.getLogger(__name__)

ANSWER_TIME = 5.0
"""Seconds after which no answer can come any more, not even one that a killed process sent (Discord allows 3)."""

MESSAGE_ANSWER_TIME = 60.0
"""The same for requests by message: Discord sets no limit, but a process sends no answer longer than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Puts things right at the start and once in a while. `alone` tells that no other process uses the store."""

    database: Database
    requests: RequestStore
    jobs: JobStore
    entries: ServerLogStore
    submissions: Submissions
    presenter: Presenter
    clock: Clock
    alone: bool

    async def start(self, *, owner: str) -> None:
        """At the start: take over at once what the last process held, if nobody else can be holding it.

        Nothing here waits for Discord.
        """
        if self.alone:

            async def free(tx: Transaction) -> int:
                await self.requests.free_posts(tx)
                await self.entries.free(tx)
                return await self.jobs.free_leases(tx, owner_not=owner)

            freed = await self.database.write(free)
            if freed:
                log.info("%s unfinished job(s) are carried on", freed)

    async def sweep(self, *, started_at: float) -> None:
        """Once in a while: requests whose handler died without a word, or with the process before this one."""
        before = self.clock() - ANSWER_TIME
        if self.alone:
            before = max(before, started_at)

        async def look(tx: Transaction) -> list[RequestRecord]:
            return await self.requests.unanswered(tx, before=before)

        for record in await self.database.read(look):
            await self._settle(record)

    async def _settle(self, record: RequestRecord) -> None:
        """Carried on when the person saw the card, given back when not."""
        try:
            card_id = await self.presenter.find_card(record)
        except DeliveryFailed as error:
            if self.clock() - record.created_at < INTERACTION_LIFE:
                log.warning("request %s: cannot tell yet whether it was answered: %s", record.id, error.detail)
                return
            card_id = None
        if card_id is not None:
            await self.submissions.answered(record, card_message_id=card_id)
        elif self.clock() - record.created_at >= (MESSAGE_ANSWER_TIME if record.by_message else ANSWER_TIME):
            log.info("request %s was never answered; its hold is released", record.id)
            await self.submissions.withdraw(record)
