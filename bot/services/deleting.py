"""Deleting results: the pictures' bytes and the message go, the request and what it cost stay."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.domain.audit import Change
from bot.domain.errors import DeliveryFailed, InvalidRequest, NotAllowed, NotFound
from bot.domain.job import NO_GUILD, Delivery, Requester, RequestId, RequestRecord
from bot.services.changes import Changes, check_moderator
from bot.services.forgetting import Forgetting
from bot.services.gallery import Gallery
from bot.services.ports import Clock, Presenter
from bot.store.database import Database, Transaction
from bot.store.deletions import DeletionStore
from bot.store.library import LibraryStore
from bot.store.requests import RequestStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A result that the books have forgotten, with the hashes of its pictures whose bytes are to go."""

    record: RequestRecord
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleting:
    """Deletes for the requester or a moderator of the same server; quota and money stay as they are.

    What is left to do is kept with the deletion, so that a process that ends in between leaves nothing behind:
    `sweep` takes it up.
    """

    database: Database
    requests: RequestStore
    deletions: DeletionStore
    library: LibraryStore
    forgetting: Forgetting
    gallery: Gallery
    changes: Changes
    presenter: Presenter
    clock: Clock

    async def latest(self, moderator: Requester, containing: str, *, limit: int) -> list[tuple[RequestId, str]]:
        """The server's newest results with their prompts; those that contain a text only.

        Raises:
            NotAllowed: no moderator asks.
        """
        check_moderator(moderator)
        return await self.database.read(
            lambda tx: self.deletions.latest(
                tx, guild_id=moderator.guild_id, containing=containing.strip(), limit=limit
            )
        )

    async def delete(self, request_id: RequestId, requester: Requester) -> bool:
        """Delete a result. Safe to repeat: the second time finds nothing left to do.

        Returns:
            Whether its message is gone already; otherwise it goes as soon as Discord can be reached.

        Raises:
            NotFound: no such result in this server.
            NotAllowed: neither the requester nor a moderator asks.
            InvalidRequest: the result is still being made or posted.
        """

        return await self.finish(await self.database.write(lambda tx: self.begin(tx, request_id, requester)))

    async def begin(self, tx: Transaction, request_id: RequestId, requester: Requester) -> Deleted:
        """Let the books forget the result. Raises as `delete`; `finish` has to follow once the transaction is kept."""
        record = await self.requests.get(tx, request_id)
        own = _check(record, requester)
        pictures = await self.deletions.delete(tx, record, by=requester.user_id, at=self.clock())
        if pictures is None:
            return Deleted(record=record)
        for sha256 in pictures:
            await self.library.mark(tx, sha256, at=self.clock())
        await self.gallery.drop(tx, record)
        if not own:
            before = {"requester": record.requester.user_id, "pictures": len(record.outputs)}
            subject = f"request:{request_id}"
            await self.changes.note(tx, requester, Change.RESULT_DELETE, subject=subject, before=before, after=None)
        log.info("request %s: its result is deleted by %s", request_id, requester.user_id)
        return Deleted(record=record, pictures=tuple(pictures))

    async def finish(self, deleted: Deleted) -> bool:
        """Let bytes and message go; whether the message is gone already."""
        await self.forgetting.forget(deleted.pictures)
        return await self._take_down(deleted.record)

    async def sweep(self) -> None:
        """Take down what was deleted while Discord was away, or by a process that ended too early."""
        for request_id in await self.database.read(self.deletions.still_shown):
            await self._take_down(await self._load(request_id))

    async def _load(self, request_id: RequestId) -> RequestRecord:
        return await self.database.read(lambda tx: self.requests.get(tx, request_id))

    async def _take_down(self, record: RequestRecord) -> bool:
        try:
            await self.presenter.delete_result(record)
        except DeliveryFailed as error:
            log.warning("request %s: its message was not taken down: %s", record.id, error.detail)
            if error.retry:
                return False

        async def mark(tx: Transaction) -> None:
            await self.deletions.mark_taken_down(tx, record.id, at=self.clock())

        await self.database.write(mark)
        return True


def _check(record: RequestRecord, requester: Requester) -> bool:
    """Whether the result is the person's own."""
    own = record.requester.user_id == requester.user_id
    if record.requester.guild_id != requester.guild_id or (requester.guild_id == NO_GUILD and not own):
        raise NotFound
    if record.erased:
        raise NotFound("refused.erased")
    if not own and not requester.moderator:
        raise NotAllowed("refused.delete_not_yours")
    if record.delivery is Delivery.PENDING:
        raise InvalidRequest("refused.delete_too_early")
    return own
