"""Jobs are claimed once, fairly and within limits; only the holder of the attempt changes them."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from bot.domain.errors import NotFound, StaleAttempt
from bot.domain.job import Job, JobId, JobState, LineEntry, Output, RequestId
from bot.domain.money import FREE, Money
from bot.domain.plan import Plan
from bot.domain.request import ImageRequest
from bot.domain.shapes import Model, Resolution, Shape, Size
from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.requests import RequestStore
from tests.support.postgres import PostgresServer
from tests.support.requests import PRICE, admit, new_request

jobs = JobStore()
LIMITS = {"sketch": 100}


async def claim(
    database: Database, *, now: float = 2000.0, owner: str = "me", limits: dict[str, int] = LIMITS, lease: float = 60.0
) -> Job | None:
    taken = await database.write(lambda tx: jobs.claim(tx, now=now, owner=owner, lease=lease, providers=limits))
    return taken[0] if taken else None


async def claimed(database: Database, *, now: float = 2000.0, owner: str = "me") -> Job:
    job = await claim(database, now=now, owner=owner)
    assert job is not None
    return job


async def finish(database: Database, job: Job, *, state: JobState = JobState.SUCCEEDED, at: float = 2010.0) -> Job:
    return await database.write(lambda tx: jobs.finish(tx, job, state=state, at=at, charged=PRICE, billed=True))


async def test_a_claimed_job_is_preparing_under_the_next_attempt(database: Database) -> None:
    record = await admit(database, new_request())
    job = await claimed(database)

    assert job == replace(record.jobs[0], state=JobState.PREPARING, attempt=1, started_at=2000.0)
    assert await claim(database) is None
    assert await database.read(lambda tx: jobs.get(tx, job.id)) == job


async def test_only_answered_requests_that_are_not_withdrawn_are_claimed(database: Database) -> None:
    record = await admit(database, new_request(), answered=False)
    assert await claim(database) is None
    await database.write(lambda tx: RequestStore().mark_answered(tx, record.id, at=1001.0, card_message_id=None))
    await database.write(lambda tx: RequestStore().withdraw(tx, record.id))
    assert await claim(database) is None


async def test_the_person_with_fewest_running_jobs_is_next_then_who_waited_longest(database: Database) -> None:
    people: dict[RequestId, int] = {}
    for user, count in ((1, 3), (2, 2), (3, 1)):
        people[(await admit(database, new_request(user_id=user, count=count, at_once=9))).id] = user
    turns: list[int] = []
    for now in range(2000, 2006):
        job = await claimed(database, now=float(now))
        turns.append(
            (await database.read(lambda tx, job=job: RequestStore().get(tx, job.request_id))).requester.user_id
        )

    assert turns == [1, 2, 3, 1, 2, 1]


async def test_who_had_a_start_longest_ago_goes_first_even_when_nothing_runs(database: Database) -> None:
    await admit(database, new_request(user_id=1, count=2))
    await finish(database, await claimed(database, now=2000.0))
    newer = await admit(database, new_request(user_id=2, created_at=1500.0))

    assert (await claimed(database, now=2020.0)).request_id == newer.id


async def test_a_person_runs_no_more_at_once_in_a_server_than_the_rule_said(database: Database) -> None:
    await admit(database, new_request(user_id=1, guild_id=10, count=3, at_once=1))
    elsewhere = await admit(database, new_request(user_id=1, guild_id=11, count=1, at_once=1))

    first = await claimed(database)
    assert (await claimed(database)).request_id == elsewhere.id
    assert await claim(database) is None
    await finish(database, first)
    assert (await claimed(database)).position == 1


async def test_a_provider_runs_no_more_than_its_limit_and_unknown_ones_nothing(database: Database) -> None:
    for user in (1, 2, 3):
        await admit(database, new_request(user_id=user))
        await admit(database, new_request(user_id=user, provider="other"))

    taken = [await claim(database, limits={"sketch": 2}) for _ in range(3)]
    assert [job.provider for job in taken if job] == ["sketch", "sketch"]
    assert taken[2] is None
    other = await claim(database, limits={"sketch": 2, "other": 1})
    assert other is not None
    assert other.provider == "other"
    assert await claim(database, limits={}) is None
    # A lease that is over frees its place.
    assert await claim(database, limits={"sketch": 2}, now=2060.0) is not None


async def test_a_dead_workers_job_comes_first_and_keeps_its_state(database: Database) -> None:
    await admit(database, new_request(user_id=1))
    dead = await claimed(database, owner="dead")
    dead = await database.write(lambda tx: jobs.checkpoint(tx, dead, state=JobState.RUNNING, task_id="t-1"))
    await admit(database, new_request(user_id=2))

    again = await claimed(database, now=2060.0)

    assert again == replace(dead, attempt=2)
    with pytest.raises(StaleAttempt):
        await database.write(lambda tx: jobs.checkpoint(tx, dead, progress=0.5))


async def test_renewed_leases_are_kept_and_those_of_others_can_be_freed(database: Database) -> None:
    await admit(database, new_request(count=3, at_once=3))
    mine = await claimed(database, owner="me")
    left = await claimed(database, owner="me")
    others = await claimed(database, owner="other")

    assert await database.write(lambda tx: jobs.renew(tx, [mine.id, others.id], owner="me", until=3000.0)) == 1
    assert (await claimed(database, now=2500.0, owner="me")).id == left.id, "what nobody works on comes again"
    assert (await claimed(database, now=2500.0, owner="third")).id == others.id
    assert await database.write(lambda tx: jobs.free_leases(tx, owner_not="me")) == 1
    assert (await claimed(database, now=2500.0)).id == others.id
    assert (await claimed(database, now=3000.0)).id in {mine.id, left.id, others.id}


async def test_excluded_jobs_are_not_claimed(database: Database) -> None:
    record = await admit(database, new_request(count=2))
    taken = await database.write(
        lambda tx: jobs.claim(tx, now=2000.0, owner="me", lease=9.0, providers=LIMITS, exclude=[record.jobs[0].id])
    )
    assert [job.position for job in taken] == [1]


async def together(database: Database, limit: int, limits: dict[str, int] = LIMITS, now: float = 2000.0) -> list[Job]:
    return await database.write(
        lambda tx: jobs.claim(tx, now=now, owner="me", lease=60.0, providers=limits, limit=limit)
    )


async def test_many_are_claimed_at_once_in_the_order_in_which_each_would_be(database: Database) -> None:
    for user, count in ((1, 4), (2, 2), (1, 1), (3, 3), (2, 1)):
        await admit(database, new_request(user_id=user, count=count, at_once=99))
    await claimed(database, now=1999.0)
    foretold = [entry.job_id for entry in (await database.read(jobs.line))[1:]]

    taken = [*await together(database, 4), *await together(database, 99, now=2001.0)]

    assert [job.id for job in taken] == foretold
    assert {job.state for job in taken} == {JobState.PREPARING}
    assert {job.attempt for job in taken} == {1}
    assert await together(database, 99) == []


async def test_many_at_once_stay_within_every_limit(database: Database) -> None:
    for user in (1, 2, 3):
        await admit(database, new_request(user_id=user, count=4, at_once=2))
        await admit(database, new_request(user_id=user, count=2, at_once=2, guild_id=11))
        await admit(database, new_request(user_id=user, count=3, at_once=9, provider="other"))
    taken: list[Job] = []
    while more := await together(database, 99, limits={"sketch": 7, "other": 4}):
        taken += more

    assert sorted(Counter(job.provider for job in taken).values()) == [4, 7]
    found = {entry.job_id: entry for entry in await database.read(jobs.line)}
    of_sketch = [found[job.id] for job in taken if job.provider == "sketch"]
    assert max(Counter((entry.user_id, entry.guild_id) for entry in of_sketch).values()) <= 2


async def test_of_many_at_once_the_jobs_of_dead_workers_come_first(database: Database) -> None:
    await admit(database, new_request(user_id=1, count=2))
    left = [await claimed(database, owner="dead"), await claimed(database, owner="dead")]
    await admit(database, new_request(user_id=2, count=2))

    taken = await together(database, 3, now=2100.0)

    assert [job.id for job in taken[:2]] == [job.id for job in left]
    assert [job.attempt for job in taken] == [2, 2, 1]


async def test_a_postponed_job_waits_until_its_time(database: Database) -> None:
    await admit(database, new_request())
    job = await claimed(database)
    waiting = await database.write(lambda tx: jobs.postpone(tx, job, until=2100.0, state=JobState.WAITING))

    assert waiting.state is JobState.WAITING
    assert await claim(database, now=2099.0) is None
    assert await database.read(lambda tx: jobs.next_due(tx, now=2099.0)) == 2100.0
    again = await claimed(database, now=2100.0)
    assert (again.attempt, again.state, again.started_at) == (2, JobState.PREPARING, 2000.0)
    assert await database.read(lambda tx: jobs.next_due(tx, now=2100.0)) == 2160.0
    await finish(database, again)
    assert await database.read(lambda tx: jobs.next_due(tx, now=2100.0)) is None


async def test_a_checkpoint_changes_what_it_names_and_nothing_else(database: Database) -> None:
    await admit(database, new_request())
    job = await claimed(database)
    sent = await database.write(
        lambda tx: jobs.checkpoint(
            tx, job, state=JobState.RUNNING, task_id="t", progress=0.25, last_progress_at=2001.0, submitted_at=2000.5
        )
    )
    assert sent == replace(
        job, state=JobState.RUNNING, task_id="t", progress=0.25, last_progress_at=2001.0, submitted_at=2000.5
    )
    again = await database.write(lambda tx: jobs.checkpoint(tx, sent, task_id=None, retries=1))
    assert again == replace(sent, task_id=None, retries=1)


async def test_a_finished_job_has_its_pictures_and_is_never_changed_again(database: Database) -> None:
    record = await admit(database, new_request())
    job = await claimed(database)
    picture = Output(
        job_id=job.id, position=0, sha256="ab" * 32, media_type="image/png", width=1280, height=720, size_bytes=9
    )
    done = await database.write(
        lambda tx: jobs.finish(
            tx, job, state=JobState.SUCCEEDED, at=2010.0, charged=PRICE, billed=True, outputs=[picture]
        )
    )

    read = await database.read(lambda tx: RequestStore().get(tx, record.id))
    assert (read.jobs, read.outputs, read.total_charged, read.seconds) == ((done,), (picture,), PRICE, 1010.0)
    for late in (
        lambda tx: jobs.finish(tx, job, state=JobState.FAILED, at=2011.0, charged=FREE, billed=False),
        lambda tx: jobs.checkpoint(tx, done, progress=1.0),
        lambda tx: jobs.postpone(tx, done, until=3000.0),
    ):
        with pytest.raises(StaleAttempt):
            await database.write(late)
    assert await claim(database, now=9000.0) is None


async def test_why_a_job_failed_is_kept_with_its_values(database: Database) -> None:
    await admit(database, new_request())
    job = await claimed(database)
    values = {"left": 3, "price": Money.dollars("0.05"), "text": "ü'\"\0"}
    failed = await database.write(
        lambda tx: jobs.finish(
            tx,
            job,
            state=JobState.FAILED,
            at=2010.0,
            charged=FREE,
            billed=False,
            failure_key="provider.failed",
            failure_values=values,
        )
    )
    assert (failed.failure_key, failed.failure_values) == ("provider.failed", values | {"price": "$0.05"})


async def test_a_job_cannot_end_in_a_state_that_goes_on(database: Database) -> None:
    await admit(database, new_request())
    job = await claimed(database)
    with pytest.raises(ValueError, match="running"):
        await finish(database, job, state=JobState.RUNNING)


async def test_cancelling_ends_a_waiting_job_and_asks_a_running_one(database: Database) -> None:
    record = await admit(database, new_request(count=2))
    running = await claimed(database)

    async def cancel(job_id: JobId, by: int = 1) -> Job | None:
        return await database.write(lambda tx: jobs.request_cancel(tx, job_id, by=by, at=2001.0))

    waiting = await cancel(record.jobs[1].id)
    assert waiting is not None
    assert (waiting.state, waiting.ended_at, waiting.cancel_requested_by) == (JobState.CANCELLED, 2001.0, 1)
    assert await cancel(running.id, by=5) == replace(running, cancel_requested_by=5)
    assert await cancel(running.id, by=6) == replace(running, cancel_requested_by=5)
    noticed = await database.write(lambda tx: jobs.checkpoint(tx, running, progress=0.1))
    assert noticed.cancel_requested_by == 5
    await finish(database, noticed)
    assert await cancel(running.id) is None
    with pytest.raises(NotFound):
        await cancel(JobId(404))


async def test_the_line_shows_running_jobs_and_then_the_turns(database: Database) -> None:
    first = await admit(database, new_request(user_id=1, count=3))
    second = await admit(database, new_request(user_id=2, count=1))
    third = await admit(database, new_request(user_id=3, provider="other"))
    running = await claimed(database)

    line = await database.read(jobs.line)
    assert [(entry.request_id, entry.position) for entry in line] == [
        (first.id, 0),
        (second.id, 0),
        (third.id, 0),
        (first.id, 1),
        (first.id, 2),
    ]
    assert (line[0].job_id, line[0].state, line[0].started_at) == (running.id, JobState.PREPARING, 2000.0)
    assert [entry.request_id for entry in await database.read(lambda tx: jobs.line(tx, provider="other"))] == [third.id]


async def test_the_line_foretells_the_claims(database: Database) -> None:
    for user, count in ((1, 4), (2, 2), (1, 1), (3, 3), (2, 1)):
        await admit(database, new_request(user_id=user, count=count, at_once=99))
    await claimed(database, now=1999.0)
    foretold = [entry.job_id for entry in (await database.read(jobs.line))[1:]]

    taken = [(await claimed(database, now=2000.0 + turn)).id for turn in range(len(foretold))]

    assert taken == foretold


async def test_of_a_long_line_the_front_is_read_and_whoever_is_asked_about(database: Database) -> None:
    made = [await admit(database, new_request(user_id=user, count=2)) for user in (1, 2, 3)]
    await admit(database, new_request(user_id=4, provider="other"))

    def places(entries: list[LineEntry]) -> list[tuple[RequestId, int]]:
        return [(entry.request_id, entry.place) for entry in entries]

    mine = await database.read(lambda tx: jobs.line(tx, provider="sketch", depth=2, request_id=made[2].id))
    assert places(mine) == [(made[0].id, 1), (made[1].id, 2), (made[2].id, 3), (made[2].id, 6)]
    assert places(await database.read(lambda tx: jobs.line(tx, depth=1))) == [(made[0].id, 1), (RequestId(4), 1)]


async def test_what_keeps_each_provider_busy_is_counted(database: Database) -> None:
    await admit(database, new_request(count=3))
    await admit(database, new_request(user_id=3, provider="other"))
    await claimed(database)
    assert await database.read(jobs.busy) == {"sketch": (1, 2), "other": (0, 1)}


async def test_typical_seconds_are_the_median_of_pictures_of_the_same_kind(database: Database) -> None:
    async def typical(resolution: Resolution = Resolution.P720, last: int = 50) -> float | None:
        return await database.read(
            lambda tx: jobs.typical_seconds(
                tx, provider="sketch", model=Model.GEN4_IMAGE, resolution=resolution, last=last
            )
        )

    assert await typical() is None
    for seconds in (30.0, 10.0, 12.0):
        await admit(database, new_request())
        await finish(database, await claimed(database), at=2000.0 + seconds)
    await admit(database, new_request())
    await finish(database, await claimed(database), state=JobState.FAILED, at=2999.0)
    fine = ImageRequest(prompt="x", seed=1, shape=Shape(resolution=Resolution.P1080))
    await admit(database, new_request(request=fine))
    await finish(database, await claimed(database), at=2100.0)

    assert await typical() == 12.0
    assert await typical(last=1) == 30.0
    assert await typical(Resolution.P1080) == 100.0


async def test_unfinished_jobs_are_counted_by_person_and_server(database: Database) -> None:
    await admit(database, new_request(count=3))
    await admit(database, new_request(guild_id=11))
    await admit(database, new_request(user_id=2))
    await finish(database, await claimed(database))
    assert await database.read(lambda tx: jobs.unfinished(tx, user_id=1, guild_id=10)) == 2


async def test_two_processes_never_claim_a_job_twice_nor_exceed_a_limit(postgres: PostgresServer) -> None:
    async with postgres.database() as url, Database.open(url) as one, Database.open(url) as other:
        for user in range(20):
            await admit(one, new_request(user_id=user % 7, count=2, at_once=2))
        limits = {"sketch": 9}
        taken = await asyncio.gather(
            *(claim(database, owner=str(n), limits=limits) for n in range(20) for database in (one, other))
        )
        got = [job for job in taken if job is not None]
        assert len(got) == len({job.id for job in got}) == 9
        running = [entry for entry in await one.read(jobs.line) if entry.state.started]
        assert len(running) == 9
        assert max(sum(e.user_id == user for e in running) for user in range(7)) <= 2

        while got:
            await asyncio.gather(*(finish(one, job) for job in got))
            taken = await asyncio.gather(*(claim(d, limits=limits) for _ in range(10) for d in (one, other)))
            got = [job for job in taken if job is not None]
            assert len(got) <= 9
        assert await one.read(jobs.line) == []


async def test_a_task_belongs_to_one_job_and_a_job_goes_to_another_provider_at_the_held_price(
    database: Database,
) -> None:
    await admit(database, new_request(count=2))
    first, second = await claimed(database), await claimed(database)
    await database.write(lambda tx: jobs.checkpoint(tx, first, state=JobState.RUNNING, task_id="task-1"))
    assert await database.read(lambda tx: jobs.has_task(tx, "sketch", "task-1"))
    assert not await database.read(lambda tx: jobs.has_task(tx, "runway", "task-1"))
    assert not await database.read(lambda tx: jobs.has_task(tx, "sketch", "task-2"))

    chosen = Plan(
        provider="runway", size=Size(720, 720), price=second.price, seed_sent=False, notes=("note.seed_dropped",)
    )
    moved = await database.write(lambda tx: jobs.reassign(tx, second, chosen))
    assert (moved.seed_sent, moved.notes) == (False, ("note.seed_dropped",))
    assert (moved.provider, moved.size, moved.state, moved.price) == (
        "runway",
        Size(720, 720),
        JobState.WAITING,
        second.price,
    )
    assert await claim(database) is None
    again = await claim(database, limits={"runway": 1})
    assert again is not None
    assert (again.id, again.attempt) == (second.id, second.attempt + 1)
    with pytest.raises(StaleAttempt):
        await database.write(lambda tx: jobs.reassign(tx, second, chosen))


async def test_a_wish_to_cancel_that_comes_just_before_a_pause_is_heard_at_once(database: Database) -> None:
    await admit(database, new_request())
    job = await claimed(database)
    await database.write(lambda tx: jobs.request_cancel(tx, job.id, by=1, at=2001.0))
    await database.write(lambda tx: jobs.postpone(tx, job, until=9000.0))
    again = await claim(database, now=2002.0)
    assert again is not None
    assert again.cancel_requested_by == 1
