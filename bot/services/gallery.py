"""The gallery of a server: pictures enter it once, by votes or as a moderator's favourite, and go with their result."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.domain.errors import DeliveryFailed, NotFound
from bot.domain.guild import GuildSettings
from bot.domain.job import JobId, RequestRecord
from bot.domain.opinion import Entered
from bot.domain.rules import must_cover
from bot.domain.server_log import LogEntry, LogKind
from bot.services.placing import fitted
from bot.services.ports import Clock, Picture, Steps
from bot.services.server_log import ServerLog
from bot.store.blobs import Blobs
from bot.store.database import Database, Transaction
from bot.store.gallery import GalleryStore
from bot.store.guilds import GuildStore
from bot.store.requests import RequestStore
from bot.store.server_log import ServerLogStore

log = logging.getLogger(__name__)

DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """For the transactions of votes and deletions; `GalleryTeller` posts what entered and takes down what goes."""

    guilds: GuildStore
    gallery: GalleryStore
    entries: ServerLogStore
    clock: Clock
    noted: asyncio.Event

    async def voted(self, tx: Transaction, record: RequestRecord, job_id: JobId, votes: int) -> None:
        """A picture has so many votes now: it enters when they are enough."""
        settings = await self.guilds.get(tx, record.requester.guild_id)
        if votes >= settings.gallery_votes:
            await self._enter(tx, record, job_id, settings, votes=votes)

    async def chosen(self, tx: Transaction, record: RequestRecord, job_id: JobId) -> None:
        """A picture is a moderator's favourite: it enters."""
        settings = await self.guilds.get(tx, record.requester.guild_id)
        await self._enter(tx, record, job_id, settings, votes=0)

    async def _enter(
        self, tx: Transaction, record: RequestRecord, job_id: JobId, settings: GuildSettings, *, votes: int
    ) -> None:
        # What went to its requester alone stays theirs.
        if settings.gallery_channel is None or record.result_message_id is None or record.went_direct:
            return
        entered = Entered(job_id=job_id, request_id=record.id, votes=votes)
        if await self.gallery.enter(tx, entered, at=self.clock()):
            await self._note(tx, record, LogKind.GALLERY, job_id)

    async def drop(self, tx: Transaction, record: RequestRecord) -> None:
        """A result is deleted: its pictures go from the gallery too."""
        for job_id in await self.gallery.drop(tx, record.id, at=self.clock()):
            await self._note(tx, record, LogKind.GALLERY_GONE, job_id)

    async def _note(self, tx: Transaction, record: RequestRecord, kind: LogKind, job_id: JobId) -> None:
        values, guild_id = {"job": job_id}, record.requester.guild_id
        await self.entries.add(tx, guild_id=guild_id, kind=kind, values=values, at=self.clock())
        self.noted.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A picture as the gallery shows it; `votes` as in `Entered`."""

    record: RequestRecord
    picture: Picture = field(repr=False)
    votes: int
    covered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A gallery as seen from where a result stands: `fits` when everybody who sees the one may see the other."""

    fits: bool
    age_restricted: bool


class GalleryPoster(Protocol):
    """Shows pictures in one chat system's galleries. All methods are safe to repeat.

    All raise `DeliveryFailed`: the channel is gone or closed, or Discord cannot be reached now (`retry`).
    """

    async def room(self, record: RequestRecord, channel_id: int) -> Room:
        """Whether a result's pictures may be seen in this channel."""
        ...

    async def find(self, record: RequestRecord, job_id: JobId, channel_id: int) -> int | None:
        """The message there that shows this picture already."""
        ...

    async def post(self, exhibit: Exhibit, channel_id: int) -> int:
        """Post it; the message's id. Repeated within minutes of a first try it gives the first message."""
        ...

    async def take_down(self, channel_id: int, message_id: int) -> None:
        """Delete a message; what is gone already is done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryTeller:
    """Posts what entered, and takes down what was dropped."""

    database: Database
    guilds: GuildStore
    requests: RequestStore
    gallery: GalleryStore
    blobs: Blobs
    server_log: ServerLog
    poster: GalleryPoster
    steps: Steps

    async def tell(self, bundle: Sequence[LogEntry]) -> None:
        """Bring each picture's message to where it should be by now."""
        for entry in bundle:
            job_id = JobId(int(str(entry.values["job"])))
            entered = await self.database.read(lambda tx, job_id=job_id: self.gallery.get(tx, job_id))
            if entered is None:
                continue
            try:
                await self._show(entered, entry)
            except DeliveryFailed as error:
                if not error.retry:
                    await self._refused(entered, entry)
                raise

    async def _refused(self, entered: Entered, entry: LogEntry) -> None:
        """Discord does not take it there: the picture may enter again later, and moderators hear of it once a day."""

        async def keep(tx: Transaction) -> None:
            await self.gallery.leave(tx, entered.job_id)
            settings = await self.guilds.get(tx, entry.guild_id)
            channel_id, day = settings.gallery_channel, int(self.server_log.clock() // DAY)
            if channel_id is not None:
                await self.server_log.note(
                    tx,
                    guild_id=entry.guild_id,
                    kind=LogKind.GALLERY_CLOSED,
                    values={"channel": channel_id},
                    settings=settings,
                    mark=f"gallery:{channel_id}:{day}",
                )

        await self.database.write(keep)

    async def _show(self, entered: Entered, entry: LogEntry) -> None:
        async def load(tx: Transaction) -> tuple[RequestRecord, GuildSettings]:
            return await self.requests.get(tx, entered.request_id), await self.guilds.get(tx, entry.guild_id)

        record, settings = await self.database.read(load)
        channel_id, message_id = settings.gallery_channel, entered.message_id
        if message_id is None and channel_id is not None and (entry.attempts > 1 or entered.dropped):
            # An earlier try may have arrived without a word.
            message_id = await self.poster.find(record, entered.job_id, channel_id)
        elif message_id is not None:
            channel_id = entered.channel_id
        if channel_id is None:
            await self.database.write(lambda tx: self.gallery.leave(tx, entered.job_id))
        elif message_id is not None:
            await self._stands(entered, channel_id, message_id)
        elif not entered.dropped:
            await self._post(entered, record, settings, channel_id)

    async def _post(self, entered: Entered, record: RequestRecord, settings: GuildSettings, channel_id: int) -> None:
        room = await self.poster.room(record, channel_id)
        if not room.fits:
            log.info("job %s: not everybody in the gallery may see where it was made", entered.job_id)
            await self.database.write(lambda tx: self.gallery.leave(tx, entered.job_id))
            return
        covered = record.request.spoiler or must_cover(settings, age_restricted=room.age_restricted)
        picture = await self._picture(record, entered.job_id)
        exhibit = Exhibit(record=record, picture=picture, votes=entered.votes, covered=covered)
        message_id = await self.poster.post(exhibit, channel_id)
        await self.steps.reached("exhibited")
        await self._stands(entered, channel_id, message_id)

    async def _picture(self, record: RequestRecord, job_id: JobId) -> Picture:
        jobs = {job.id: job for job in record.jobs}
        for output in record.outputs:
            if output.job_id == job_id:
                try:
                    content = await self.blobs.get(output.sha256)
                except NotFound as error:
                    raise DeliveryFailed(retry=False, detail=f"picture of job {job_id} is not in the store") from error
                picture = Picture(output=output, job=jobs[job_id], content=content, media_type=output.media_type)
                return await fitted(picture, record.place.file_limit)
        raise DeliveryFailed(retry=False, detail=f"job {job_id} has no picture any more")

    async def _stands(self, entered: Entered, channel_id: int, message_id: int) -> None:
        """Remember the message; when the picture was dropped meanwhile, it goes at once."""

        async def keep(tx: Transaction) -> Entered | None:
            await self.gallery.mark_posted(tx, entered.job_id, channel_id=channel_id, message_id=message_id)
            return await self.gallery.get(tx, entered.job_id)

        kept = await self.database.write(keep)
        if kept is None or kept.dropped:
            await self.poster.take_down(channel_id, message_id)
