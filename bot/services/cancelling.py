"""Stopping a request: free while it waits, by the provider's leave once it runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.errors import NotAllowed, NotFound
from bot.domain.job import JobId, Requester, RequestId, RequestRecord
from bot.services.ports import Clock
from bot.store.database import Database, Transaction
from bot.store.jobs import JobStore
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelling:
    """Cancels for the requester or a moderator of the same server."""

    database: Database
    requests: RequestStore
    jobs: JobStore
    ledger: Ledger
    clock: Clock
    wish: Callable[[JobId], None]
    wake: Callable[[], None]

    async def cancel(self, request_id: RequestId, requester: Requester) -> RequestRecord:
        """Jobs that wait end at once and cost nothing; for those that run the provider is asked. Safe to repeat.

        Raises:
            NotFound: no such request in this server, or it is over.
            NotAllowed: neither the requester nor a moderator asks.
        """

        async def stop(tx: Transaction) -> RequestRecord:
            record = await self.requests.get(tx, request_id)
            if record.requester.guild_id != requester.guild_id:
                raise NotFound
            if record.requester.user_id != requester.user_id and not requester.moderator:
                raise NotAllowed("refused.cancel_not_yours")
            if record.ended:
                raise NotFound("refused.already_over")
            for job in record.jobs:
                changed = await self.jobs.request_cancel(tx, job.id, by=requester.user_id, at=self.clock())
                if changed is not None and changed.state.ended:
                    await self.ledger.settle(tx, changed, charged=None, at=self.clock())
            return await self.requests.get(tx, request_id)

        record = await self.database.write(stop, lock=requester.user_id)
        log.info("request %s: cancelled by %s", request_id, requester.user_id)
        for job in record.jobs:
            self.wish(job.id)
        self.wake()
        return record
