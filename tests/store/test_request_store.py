"""Requests are kept whole, once for each interaction, and found again for every next step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from bot.domain.errors import NotFound, StaleAttempt
from bot.domain.job import Action, Delivery, JobState, Requester, RequestId, RequestRecord
from bot.domain.money import FREE
from bot.domain.references import Reference
from bot.domain.request import ImageRequest
from bot.domain.shapes import Ratio, Resolution, Shape, Size
from bot.store.columns import Words
from bot.store.database import Database
from bot.store.jobs import JobStore
from bot.store.requests import RequestStore
from tests.support.requests import admit, new_request

requests = RequestStore()


async def test_a_request_comes_back_as_it_was_kept(database: Database) -> None:
    request = ImageRequest(
        prompt="Füchse 🦊\nim Schnee",
        references=(Reference(tag="fox", filename="fox.png", source="https://cdn.example/fox?sig=1"),),
        shape=Shape.of_size(Size(1808, 768)),
        seed=4_294_967_295,
        seed_chosen=True,
        count=3,
        spoiler=True,
    )
    new = new_request(request=request, interaction_id=2**62, interaction_token="t", notes=("note.seed_dropped",))

    inserted = await database.write(lambda tx: requests.insert(tx, new))
    read = await database.read(lambda tx: requests.get(tx, inserted.id))

    assert read == inserted
    assert read.request == request
    assert (read.requester, read.place, read.jobs[0].notes) == (new.requester, new.place, new.notes)
    assert [job.seed for job in read.jobs] == [4_294_967_295, 0, 1]
    assert {(job.state, job.attempt, job.price) for job in read.jobs} == {(JobState.WAITING, 0, new.price)}


async def test_an_interaction_is_accepted_once(database: Database) -> None:
    record = await database.write(lambda tx: requests.insert(tx, new_request(interaction_id=5)))

    with pytest.raises(IntegrityError):
        await database.write(lambda tx: requests.insert(tx, new_request(interaction_id=5)))

    assert await database.read(lambda tx: requests.by_interaction(tx, 5)) == record
    assert await database.read(lambda tx: requests.by_interaction(tx, 6)) is None
    assert len(await database.read(lambda tx: requests.recent(tx, limit=9))) == 1


async def test_a_request_that_is_not_there_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        await database.read(lambda tx: requests.get(tx, RequestId(404)))


async def test_a_second_press_finds_the_first_ones_request(database: Database) -> None:
    parent = await admit(database, new_request())
    square = Shape(ratio=Ratio.SQUARE)
    pressed = new_request(
        action=Action.RATIO, parent_id=parent.id, request=replace(parent.request, shape=square), created_at=2000.0
    )
    first = await admit(database, pressed)

    async def twin(**other: Any) -> RequestRecord | None:
        same: dict[str, Any] = {
            "user_id": 1,
            "action": Action.RATIO,
            "since": 1995.0,
            "shape": square,
            "prompt": pressed.request.prompt,
        }
        return await database.read(lambda tx: requests.twin(tx, parent_id=parent.id, **{**same, **other}))

    found = await twin()
    assert found is not None
    assert found.id == first.id
    assert await twin(user_id=2) is None
    assert await twin(action=Action.REROLL) is None
    assert await twin(since=2000.1) is None
    assert await twin(prompt="other words") is None
    assert await twin(shape=Shape(ratio=Ratio.TALL)) is None
    assert await twin(shape=Shape.of_size(Size(1024, 1024))) is None
    assert await twin(shape=Shape(ratio=Ratio.SQUARE, resolution=Resolution.P1080)) is None
    await database.write(lambda tx: requests.withdraw(tx, first.id))
    assert await twin() is None


async def test_the_first_answer_counts(database: Database) -> None:
    record = await admit(database, new_request(), answered=False)
    await database.write(lambda tx: requests.mark_answered(tx, record.id, at=1001.0, card_message_id=None))
    await database.write(lambda tx: requests.mark_answered(tx, record.id, at=1009.0, card_message_id=77))

    read = await database.read(lambda tx: requests.get(tx, record.id))
    assert (read.answered_at, read.card_message_id) == (1001.0, 77)


async def test_requests_without_an_answer_are_found_until_withdrawn(database: Database) -> None:
    record = await admit(database, new_request(created_at=1000.0), answered=False)
    await admit(database, new_request(created_at=1000.0))
    await admit(database, new_request(created_at=1005.0), answered=False)

    found = await database.read(lambda tx: requests.unanswered(tx, before=1003.0))
    assert [request.id for request in found] == [record.id]
    await database.write(lambda tx: requests.withdraw(tx, record.id))
    assert await database.read(lambda tx: requests.unanswered(tx, before=1003.0)) == []


async def test_fetched_references_replace_their_links(database: Database) -> None:
    links = (Reference(tag="one", source="https://a"), Reference(tag="two", source="https://b"))
    record = await admit(database, new_request(request=ImageRequest(prompt="x", seed=1, references=links)))
    fetched = [link.fetched(sha256="ab" * 32, media_type="image/png", width=8, height=9) for link in links]

    await database.write(lambda tx: requests.set_references(tx, record.id, fetched))

    assert (await database.read(lambda tx: requests.get(tx, record.id))).request.references == tuple(fetched)


async def test_a_result_is_due_when_all_jobs_have_ended_and_until_it_is_posted(database: Database) -> None:
    record = await admit(database, new_request(count=2))

    async def due(now: float = 2000.0) -> list[RequestId]:
        return [found.id for found in await database.read(lambda tx: requests.undelivered(tx, now=now))]

    async def end(position: int) -> None:
        job = record.jobs[position]
        await database.write(
            lambda tx: JobStore().finish(tx, job, state=JobState.FAILED, at=1500.0, charged=FREE, billed=False)
        )

    await end(0)
    assert await due() == []
    await end(1)
    assert await due() == [record.id]
    await database.write(lambda tx: requests.postpone_post(tx, record.id, until=2001.0))
    assert await due() == []
    assert await due(2001.0) == [record.id]
    await database.write(lambda tx: requests.begin_post(tx, record.id, channel_id=77, at=2001.0))
    await database.write(lambda tx: requests.begin_post(tx, record.id, channel_id=78, at=2002.0))
    await database.write(lambda tx: requests.set_thread(tx, record.id, 55))
    await database.write(lambda tx: requests.mark_posted(tx, record.id, channel_id=79, message_id=66, at=2003.0))
    assert await due(9000.0) == [record.id]
    await database.write(lambda tx: requests.mark_delivery(tx, record.id, Delivery.DELIVERED))
    assert await due(9000.0) == []
    read = await database.read(lambda tx: requests.get(tx, record.id))
    assert (read.post_started_at, read.post_attempts, read.thread_id) == (2001.0, 1, 55)
    assert (read.result_message_id, read.result_posted_at, read.delivery) == (66, 2003.0, Delivery.DELIVERED)


async def test_freed_results_are_due_at_once(database: Database) -> None:
    record = await admit(database, new_request())
    await database.write(lambda tx: JobStore().request_cancel(tx, record.jobs[0].id, by=1, at=1001.0))
    await database.write(lambda tx: requests.postpone_post(tx, record.id, until=5000.0))
    assert await database.read(lambda tx: requests.undelivered(tx, now=1002.0)) == []

    await database.write(requests.free_posts)

    assert [found.id for found in await database.read(lambda tx: requests.undelivered(tx, now=1002.0))] == [record.id]


async def test_a_post_belongs_to_its_latest_attempt(database: Database) -> None:
    before = await admit(database, new_request())
    await database.write(lambda tx: requests.postpone_post(tx, before.id, until=2000.0))
    record = await database.read(lambda tx: requests.get(tx, before.id))

    with pytest.raises(StaleAttempt):
        await database.write(lambda tx: requests.hold_post(tx, before))
    await database.write(lambda tx: requests.hold_post(tx, record))
    await database.write(lambda tx: requests.renew_post(tx, before, until=5000.0))
    assert await database.read(lambda tx: requests.next_post(tx, now=1000.0)) == 2000.0
    await database.write(lambda tx: requests.renew_post(tx, record, until=3000.0))
    assert await database.read(lambda tx: requests.next_post(tx, now=1000.0)) == 3000.0
    assert await database.read(lambda tx: requests.next_post(tx, now=3000.0)) is None


async def test_posts_at_work_elsewhere_are_left_out(database: Database) -> None:
    ids: list[RequestId] = []
    for _ in range(2):
        record = await admit(database, new_request())
        await database.write(lambda tx, job=record.jobs[0]: JobStore().request_cancel(tx, job.id, by=1, at=1001.0))
        ids.append(record.id)

    found = await database.read(lambda tx: requests.undelivered(tx, now=1002.0, exclude=ids[:1]))

    assert [each.id for each in found] == ids[1:]


async def test_recent_requests_are_of_the_person_and_the_server_newest_first(database: Database) -> None:
    mine = [await admit(database, new_request(user_id=1, guild_id=guild)) for guild in (10, 11, 10)]
    other = await admit(database, new_request(user_id=2, guild_id=10))
    await database.write(lambda tx: requests.mark_delivery(tx, mine[2].id, Delivery.WITHDRAWN))

    async def recent(user_id: int | None = None, guild_id: int | None = None) -> list[RequestId]:
        found = await database.read(lambda tx: requests.recent(tx, user_id=user_id, guild_id=guild_id, limit=2))
        return [request.id for request in found]

    assert await recent() == [other.id, mine[1].id]
    assert await recent(user_id=1) == [mine[1].id, mine[0].id]
    assert await recent(guild_id=10) == [other.id, mine[0].id]
    assert await recent(user_id=1, guild_id=10) == [mine[0].id]


HOSTILE = ["'; DROP TABLE ledger;--", '" OR 1=1 --', "%s :name {0} $1 ?", "\0", "\ud800", "\u202eabc", "😀" * 500]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_only_text(database: Database, text: str) -> None:
    shown = text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    reference = Reference(tag="tag", filename=text, source=text)
    record = await admit(
        database,
        new_request(
            request=ImageRequest(prompt=text, seed=1, references=(reference,)),
            notes=(text,),
            requester=Requester(user_id=1),
        ),
    )
    assert record.request.prompt == shown
    assert record.request.references == (replace(reference, filename=shown, source=shown),)
    assert record.jobs[0].notes == (text,)


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters()))
def test_text_without_nul_and_lone_surrogates_is_kept_as_it_is(text: str) -> None:
    kept = Words().process_bind_param(text, sqlite.dialect())
    assert kept is not None
    assert kept.encode().decode() == kept
    if "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text):
        assert kept == text
