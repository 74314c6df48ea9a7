"""Showing people what their requests came to: posted once, tried again while Discord is away."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from bot.domain.errors import DeliveryFailed, StaleAttempt, StorageUnavailable
from bot.domain.job import Delivery, RequestId, RequestRecord
from bot.services.placing import NoPlace, Placing
from bot.services.ports import Clock, Detour, Presenter, Result, Steps
from bot.services.results import result_of
from bot.services.server_log import ServerLog
from bot.store.blobs import Blobs
from bot.store.database import Database, Transaction
from bot.store.requests import RequestStore

log = logging.getLogger(__name__)

DELIVERY_LOCK = 1
"""Advisory lock under which processes take deliveries; no Discord id is this small."""

GIVE_UP_AFTER = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """Takes requests whose jobs have all ended and brings the result to its place."""

    database: Database
    requests: RequestStore
    blobs: Blobs
    presenter: Presenter
    server_log: ServerLog
    clock: Clock
    steps: Steps
    lease: float

    async def take(self, *, exclude: Collection[RequestId] = (), limit: int = 100) -> list[RequestRecord]:
        """The first requests that are due now; each is this process's for the time of a lease."""

        async def claim(tx: Transaction) -> list[RequestRecord]:
            now = self.clock()
            due = await self.requests.undelivered(tx, now=now, exclude=exclude, limit=limit)
            await self.requests.postpone_post(tx, *(record.id for record in due), until=now + self.lease)
            return [replace(record, post_attempts=record.post_attempts + 1) for record in due]

        async def any_due(tx: Transaction) -> bool:
            return await self.requests.any_undelivered(tx, now=self.clock(), exclude=exclude)

        if not await self.database.read(any_due):
            return []
        return await self.database.write(claim, lock=DELIVERY_LOCK)

    async def renew(self, records: Iterable[RequestRecord], *, until: float) -> None:
        """Keep the requests that are being delivered here until then."""

        async def renew(tx: Transaction) -> None:
            for record in kept:
                await self.requests.renew_post(tx, record, until=until)

        if kept := list(records):
            await self.database.write(renew)

    async def deliver(self, record: RequestRecord) -> None:
        """Bring one request to its end. Safe to repeat from any step."""
        try:
            await self._deliver(record)
        except StaleAttempt:
            log.warning("request %s: another process carries on", record.id)
        except StorageUnavailable as error:
            log.error("request %s: %s; it is taken up again", record.id, error.detail)
            self.database.standing.failed(error)

    async def _deliver(self, record: RequestRecord) -> None:
        result = None
        try:
            result = await result_of(record, self.blobs, self.presenter.upload_limit(record))
            if result.pictures:
                result = await self._post(result)
                record = result.record
            await self._close(result)
            await self._mark(record, Delivery.DELIVERED)
            log.info("request %s delivered", record.id)
            await self.steps.reached("delivered")
        except DeliveryFailed as error:
            await self._failed(record, result, error)

    async def _post(self, result: Result) -> Result:
        if result.record.result_message_id is not None:
            return result
        result = await self._opened(result)
        record, placing = result.record, Placing(presenter=self.presenter, begin=self._about_to_post)
        posted = await placing.find(record)
        if posted is None:
            record, posted = await placing.post(result, patient=self._waited(record) < GIVE_UP_AFTER)
        await self.steps.reached("posted")
        stands = posted

        async def keep(tx: Transaction) -> RequestRecord:
            await self.requests.hold_post(tx, record)
            if record.result_channel_id not in {None, stands.channel_id}:
                await self.requests.set_thread(tx, record.id, stands.channel_id)
            await self.requests.mark_posted(
                tx, record.id, channel_id=stands.channel_id, message_id=stands.message_id, at=self.clock()
            )
            kept = await self.requests.get(tx, record.id)
            await self.server_log.note_result(tx, kept)
            return kept

        result = replace(result, record=await self.database.write(keep))
        await self.steps.reached("post_recorded")
        return result

    async def _opened(self, result: Result) -> Result:
        record = result.record
        if record.place.in_place or record.thread_id is not None or record.post_started_at is not None:
            return result
        try:
            thread_id = await self.presenter.open_place(record)
        except DeliveryFailed as error:
            if error.retry and self._waited(record) < GIVE_UP_AFTER:
                raise
            log.warning("request %s: no thread, so posted in the channel: %s", record.id, error.detail)
            where = Detour(channel_id=record.place.channel_id, key=error.key, values=error.values)
            return replace(result, detour=where)
        await self.steps.reached("thread_opened")
        if thread_id is None:
            return result

        async def keep(tx: Transaction) -> RequestRecord:
            await self.requests.hold_post(tx, record)
            await self.requests.set_thread(tx, record.id, thread_id)
            return await self.requests.get(tx, record.id)

        result = replace(result, record=await self.database.write(keep))
        await self.steps.reached("thread_recorded")
        return result

    async def _about_to_post(self, record: RequestRecord, channel_id: int) -> RequestRecord:
        record = await self._begin(record, channel_id)
        await self.steps.reached("posting")
        await self._confirm(record)
        return record

    async def _begin(self, record: RequestRecord, channel_id: int) -> RequestRecord:
        async def keep(tx: Transaction) -> RequestRecord:
            await self.requests.hold_post(tx, record)
            await self.requests.begin_post(tx, record.id, channel_id=channel_id, at=self.clock())
            return await self.requests.get(tx, record.id)

        return await self.database.write(keep)

    async def _confirm(self, record: RequestRecord) -> None:
        """Right before the post: who stood still for longer than Discord remembers a nonce would post it again.

        Raises:
            StaleAttempt: another process has taken the request over.
        """

        async def look(tx: Transaction) -> RequestRecord:
            return await self.requests.get(tx, record.id)

        if (await self.database.read(look)).post_attempts != record.post_attempts:
            raise StaleAttempt(detail=f"request {record.id}, attempt {record.post_attempts} at posting")

    async def _close(self, result: Result) -> None:
        try:
            await self.presenter.close_card(result)
        except DeliveryFailed as error:
            # The pictures are there; a card that stays behind is no reason to hold the request open.
            if not result.pictures and error.retry:
                raise
            log.warning("request %s: the card could not be closed: %s", result.record.id, error.detail)
        await self.steps.reached("card_closed")

    def _waited(self, record: RequestRecord) -> float:
        """Seconds since there was something to deliver."""
        return self.clock() - max((job.ended_at or record.created_at for job in record.jobs), default=0.0)

    async def _failed(self, record: RequestRecord, result: Result | None, error: DeliveryFailed) -> None:
        waited = self._waited(record)
        if error.retry and waited < GIVE_UP_AFTER:
            delay = min(60.0, max(1.0, waited))
            log.warning("request %s: not delivered, again in %.0f s: %s", record.id, delay, error.detail)

            async def later(tx: Transaction) -> None:
                await self.requests.hold_post(tx, record)
                await self.requests.postpone_post(tx, record.id, until=self.clock() + delay)

            await self.database.write(later)
            return
        log.error("request %s: cannot be delivered, kept for later: %s", record.id, error.detail)
        if result is not None and isinstance(error, NoPlace):
            await self._close(replace(result, detour=error.detour))
        await self._mark(record, Delivery.UNDELIVERABLE)

    async def _mark(self, record: RequestRecord, delivery: Delivery) -> None:
        async def mark(tx: Transaction) -> None:
            await self.requests.hold_post(tx, record)
            await self.requests.mark_delivery(tx, record.id, delivery)

        await self.database.write(mark)
