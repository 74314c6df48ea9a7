"""Favourites and votes: each is set or taken back, however often and from wherever it is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.domain.errors import InvalidRequest, NotAllowed, NotFound
from bot.domain.job import NO_GUILD, JobId, RequestId, RequestRecord
from bot.domain.opinion import Seen
from bot.services.callers import Caller
from bot.services.gallery import Gallery
from bot.services.ports import Clock
from bot.services.submissions import Submissions
from bot.store.blocks import BlockStore
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.opinions import OpinionStore
from bot.store.requests import RequestStore

Change = Callable[[Transaction, RequestRecord], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """For whoever may press a result's buttons; `caller` is as if they had pressed one of the result itself.

    All methods raise `NotFound` and `NotAllowed` as `Submissions.pressed`.
    """

    database: Database
    requests: RequestStore
    jobs: JobStore
    opinions: OpinionStore
    blocks: BlockStore
    guilds: GuildStore
    gallery: Gallery
    submissions: Submissions
    clock: Clock

    async def see(self, request_id: RequestId, caller: Caller, *, words: bool = True) -> Seen:
        """What is thought of each picture of a result; `words` as of `Submissions.pressed`."""
        record = await self.submissions.pressed(request_id, caller, words=words)
        return await self.of(record, caller.requester.user_id)

    async def of(self, record: RequestRecord, user_id: int) -> Seen:
        """The same of a result that the person may see."""
        return await self.database.read(lambda tx: self._seen(tx, record, user_id))

    async def _seen(self, tx: Transaction, record: RequestRecord, user_id: int) -> Seen:
        settings = await self.guilds.get(tx, record.requester.guild_id)
        return Seen(
            record=record,
            opinions=await self.opinions.of(tx, record, user_id),
            gallery=settings.gallery_channel,
            needed=settings.gallery_votes,
        )

    async def favour(self, job_id: JobId, caller: Caller, *, wanted: bool) -> Seen:
        """Make a picture one's favourite, or no more. A moderator's enters the gallery.

        Raises:
            NotAllowed: the person is blocked.
        """

        async def change(tx: Transaction, record: RequestRecord) -> None:
            await self.opinions.favour(tx, job_id, caller.requester.user_id, wanted=wanted, at=self.clock())
            if wanted and caller.requester.moderator:
                await self.gallery.chosen(tx, record, job_id)

        return await self._change(job_id, caller, change)

    async def vote(self, job_id: JobId, caller: Caller, *, wanted: bool) -> Seen:
        """Vote for a picture of somebody else, or take the vote back.

        Raises:
            NotAllowed: the person is blocked.
            InvalidRequest: it is their own picture.
        """
        user_id = caller.requester.user_id

        async def change(tx: Transaction, record: RequestRecord) -> None:
            if record.requester.user_id == user_id:
                raise InvalidRequest("refused.own_vote")
            await self.opinions.vote(tx, record, job_id, user_id, wanted=wanted, at=self.clock())
            if wanted:
                await self.gallery.voted(tx, record, job_id, await self.opinions.votes(tx, job_id))

        return await self._change(job_id, caller, change)

    async def _change(self, job_id: JobId, caller: Caller, change: Change) -> Seen:
        job = await self.database.read(lambda tx: self.jobs.get(tx, job_id))
        await self.submissions.pressed(job.request_id, caller)
        user_id, guild_id = caller.requester.user_id, caller.requester.guild_id

        async def write(tx: Transaction) -> Seen:
            # Votes for one result take turns, and so does whoever deletes it: what is counted is what will be kept.
            record = await self.requests.get(tx, job.request_id, hold=True)
            if record.deleted_at is not None:
                raise NotFound("refused.deleted")
            if all(output.job_id != job_id for output in record.outputs):
                raise NotFound(detail=f"job {job_id} has no picture")
            if guild_id != NO_GUILD and await self.blocks.get(tx, guild_id, user_id) is not None:
                raise NotAllowed("refused.blocked")
            await change(tx, record)
            return await self._seen(tx, record, user_id)

        return await self.database.write(write, lock=user_id)
