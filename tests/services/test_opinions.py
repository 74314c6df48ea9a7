"""Favourites and votes: each person's once, whatever happens at the same moment."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.errors import InvalidRequest, NotAllowed, NotFound
from bot.domain.job import NO_GUILD, JobId, Place, PlaceKind, Requester, RequestRecord
from bot.domain.opinion import Opinion
from bot.services.callers import Caller
from tests.support.house import GUILD, Process

OWNER, MODERATOR = 5, 8
VOTERS = range(20, 28)


def caller(user_id: int, *, guild_id: int = GUILD) -> Caller:
    """Somebody at a result's buttons."""
    return Caller(
        requester=Requester(user_id=user_id, guild_id=guild_id), place=Place(kind=PlaceKind.CHANNEL, channel_id=100)
    )


async def result_of(process: Process, count: int = 1, interaction_id: int = 7) -> RequestRecord:
    """A result that is there, with the jobs that made it."""
    accepted = await process.ask(Requester(user_id=OWNER, guild_id=GUILD), interaction_id, count=count)
    while (job := await process.claim()) is not None:
        await process.succeed(job, None)
    await process.deliver()
    return await process.checkpoints.request_of(accepted.record.jobs[0])


async def seen(process: Process, record: RequestRecord, user_id: int = OWNER) -> list[Opinion]:
    return list((await process.opinions.see(record.id, caller(user_id))).opinions)


async def test_everyone_counts_once_however_often_and_at_once_they_press(process: Process) -> None:
    record = await result_of(process, count=2)
    first, second = (job.id for job in record.jobs)
    await asyncio.gather(
        *(process.opinions.vote(first, caller(voter), wanted=True) for voter in VOTERS for _ in range(3)),
        process.opinions.vote(second, caller(VOTERS[0]), wanted=True),
    )
    assert [each.votes for each in await seen(process, record)] == [len(VOTERS), 1]
    assert [each.voted for each in await seen(process, record, VOTERS[1])] == [True, False]
    await asyncio.gather(
        *(process.opinions.vote(first, caller(voter), wanted=False) for voter in VOTERS[:3] for _ in range(3))
    )
    assert [each.votes for each in await seen(process, record)] == [len(VOTERS) - 3, 1]


async def test_a_favourite_is_seen_by_its_person_alone(process: Process) -> None:
    record = await result_of(process)
    job = record.jobs[0].id
    for _ in range(2):
        await process.opinions.favour(job, caller(OWNER), wanted=True)
    assert [each.favourite for each in await seen(process, record)] == [True]
    assert await seen(process, record, VOTERS[0]) == [Opinion(job_id=job)]
    await process.opinions.favour(job, caller(OWNER), wanted=False)
    assert await seen(process, record) == [Opinion(job_id=job)]


async def test_nobody_votes_for_their_own_picture(process: Process) -> None:
    record = await result_of(process)
    with pytest.raises(InvalidRequest) as error:
        await process.opinions.vote(record.jobs[0].id, caller(OWNER), wanted=True)
    assert error.value.key == "refused.own_vote"
    assert [each.votes for each in await seen(process, record)] == [0]


async def test_who_is_blocked_or_elsewhere_has_no_say(process: Process) -> None:
    record = await result_of(process)
    job = record.jobs[0].id
    await process.moderation.block(Requester(user_id=MODERATOR, guild_id=GUILD, moderator=True), VOTERS[0], "spam")
    for change in (process.opinions.vote, process.opinions.favour):
        with pytest.raises(NotAllowed):
            await change(job, caller(VOTERS[0]), wanted=True)
        for elsewhere in (caller(VOTERS[1], guild_id=GUILD + 1), caller(VOTERS[1], guild_id=NO_GUILD)):
            with pytest.raises(NotFound):
                await change(job, elsewhere, wanted=True)
        with pytest.raises(NotFound):
            await change(job, replace(caller(VOTERS[1]), message_id=99), wanted=True)
        with pytest.raises(NotFound):
            await change(JobId(999), caller(VOTERS[1]), wanted=True)
    assert await seen(process, record, VOTERS[0]) == [Opinion(job_id=job)]


async def test_a_vote_that_races_with_deleting_leaves_nothing_behind(process: Process) -> None:
    record = await result_of(process)
    job, owner = record.jobs[0].id, Requester(user_id=OWNER, guild_id=GUILD)
    done = await asyncio.gather(
        *(process.opinions.vote(job, caller(voter), wanted=True) for voter in VOTERS),
        process.deleting.delete(record.id, owner),
        return_exceptions=True,
    )
    assert done[-1] is True
    assert all(not isinstance(each, BaseException) or isinstance(each, NotFound) for each in done)
    left = await process.database.read(lambda tx: process.opinions.opinions.of(tx, record, OWNER))
    assert left == (Opinion(job_id=job),)
