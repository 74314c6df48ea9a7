"""A picture enters the gallery once, however many vote at the same moment and whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from bot.domain.errors import DeliveryFailed
from bot.domain.guild import GuildSettings
from bot.domain.job import JobId, Requester, RequestRecord
from bot.domain.server_log import LogKind
from bot.services.gallery import Exhibit, GalleryTeller, Room
from bot.services.ports import NoSteps
from bot.services.telling import Telling
from bot.store.guilds import GuildStore
from tests.services.test_opinions import OWNER, VOTERS, caller, result_of
from tests.support.house import GUILD, Process

CHANNEL = 700


@dataclass
class Walls:
    """A gallery: which pictures hang there, by message."""

    fits: bool = True
    hung: dict[int, JobId] = field(default_factory=dict[int, JobId])
    count: int = 0
    trouble: list[DeliveryFailed] = field(default_factory=list[DeliveryFailed])

    async def room(self, record: RequestRecord, channel_id: int) -> Room:
        return Room(fits=self.fits, age_restricted=False)

    async def find(self, record: RequestRecord, job_id: JobId, channel_id: int) -> int | None:
        return next((message for message, hung in self.hung.items() if hung == job_id), None)

    async def post(self, exhibit: Exhibit, channel_id: int) -> int:
        assert channel_id == CHANNEL
        self.count += 1
        self.hung[self.count] = exhibit.picture.job.id
        if self.trouble:
            raise self.trouble.pop()
        return self.count

    async def take_down(self, channel_id: int, message_id: int) -> None:
        self.hung.pop(message_id, None)


def telling(process: Process, walls: Walls) -> Telling:
    """What brings pictures to the gallery."""
    teller = GalleryTeller(
        database=process.database,
        guilds=process.guilds,
        requests=process.requests,
        gallery=process.gallery.gallery,
        blobs=process.blobs,
        server_log=process.server_log,
        poster=walls,
        steps=NoSteps(),
    )
    return Telling(
        database=process.database,
        entries=process.entries,
        tellers=dict.fromkeys(LogKind, teller),
        clock=process.clock,
        noted=process.signals.noted,
    )


async def opened(process: Process, votes: int = 3, interaction_id: int = 7) -> RequestRecord:
    """A result in a server with a gallery."""
    settings = GuildSettings(gallery_channel=CHANNEL, gallery_votes=votes)
    await process.database.write(lambda tx: GuildStore().put(tx, GUILD, settings, by=1, at=0.0))
    return await result_of(process, 2 if interaction_id == 7 else 1, interaction_id)


async def vote(process: Process, job_id: JobId, *, wanted: bool = True) -> None:
    await asyncio.gather(*(process.opinions.vote(job_id, caller(each), wanted=wanted) for each in VOTERS))


async def test_votes_at_the_same_moment_bring_it_there_once(process: Process) -> None:
    record, walls = await opened(process, votes=len(VOTERS)), Walls()
    first, second = (job.id for job in record.jobs)
    await asyncio.gather(
        vote(process, first), *(process.opinions.vote(second, caller(each), wanted=True) for each in VOTERS[1:])
    )
    await telling(process, walls).tell_due()
    assert list(walls.hung.values()) == [first]
    await vote(process, first, wanted=False)
    await vote(process, first)
    await telling(process, walls).tell_due()
    assert walls.count == 1


async def test_what_arrived_without_a_word_is_found_and_not_shown_again(process: Process) -> None:
    record, walls = await opened(process), Walls(trouble=[DeliveryFailed(retry=True, detail="no answer")])
    await vote(process, record.jobs[0].id)
    await telling(process, walls).tell_due()
    process.now.at += 60
    await telling(process, walls).tell_due()
    assert (walls.count, len(walls.hung)) == (1, 1)


async def test_what_is_deleted_before_during_or_after_goes(process: Process) -> None:
    owner = Requester(user_id=OWNER, guild_id=GUILD)
    for number, trouble in enumerate(([], [DeliveryFailed(retry=True, detail="no answer")]), 7):
        walls, record = Walls(trouble=trouble), await opened(process, interaction_id=number)
        await vote(process, record.jobs[0].id)
        await telling(process, walls).tell_due()
        assert len(walls.hung) == 1
        await process.deleting.delete(record.id, owner)
        process.now.at += 60
        await telling(process, walls).tell_due()
        assert walls.hung == {}
    walls, record = Walls(), await opened(process, interaction_id=9)
    await vote(process, record.jobs[0].id)
    await process.deleting.delete(record.id, owner)
    await telling(process, walls).tell_due()
    assert walls.count == 0


async def test_what_cannot_be_shown_may_come_later(process: Process) -> None:
    record, walls = await opened(process), Walls(fits=False)
    await vote(process, record.jobs[0].id)
    await telling(process, walls).tell_due()
    assert walls.count == 0
    walls.fits = True
    moderator = replace(caller(8), requester=Requester(user_id=8, guild_id=GUILD, moderator=True))
    await process.opinions.favour(record.jobs[0].id, moderator, wanted=True)
    await telling(process, walls).tell_due()
    assert walls.count == 1
