"""Drafts come back as they were kept, are used once, and are forgotten after their time."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.draft import Draft
from bot.domain.errors import NotFound
from bot.domain.references import Reference
from bot.domain.request import SEED_MAX, ImageRequest
from bot.domain.shapes import Model, Ratio, Resolution, Shape, Size
from bot.store.database import Database
from bot.store.drafts import DraftStore, _payload, _request
from tests.support.requests import admit, new_request

DRAFTS = DraftStore()
DRAFT = Draft(
    id="0123456789abcdef0123",
    user_id=2**62,
    request=ImageRequest(
        prompt="@model walks 😀",
        references=(
            Reference(tag="model", filename="a \0 “b”\ud800.png", source="https://cdn.example/a.png?ex=1&hm=2"),
            Reference(tag="image2", filename="b.png", sha256="aa", media_type="image/png", width=3, height=4),
        ),
        shape=Shape(ratio=Ratio.CINEMA, resolution=Resolution.P1080, size=Size(1808, 768)),
        model=Model.GEN4_IMAGE_TURBO,
        seed=SEED_MAX,
        seed_chosen=True,
        count=4,
        spoiler=True,
    ),
    enhanced="@model walks 😀, soft light",
    provider="sketch",
    token="secret",
    created_at=1000.5,
)
PLAIN = Draft(id="b" * 20, user_id=1, request=ImageRequest(prompt="a cat", seed=1), enhanced="a cat", created_at=1000.0)


@pytest.mark.parametrize("draft", [DRAFT, PLAIN], ids=["everything", "nothing"])
async def test_a_draft_comes_back_as_it_was_kept(database: Database, draft: Draft) -> None:
    await database.write(lambda tx: DRAFTS.insert(tx, draft))
    assert await database.read(lambda tx: DRAFTS.get(tx, draft.id, since=0.0)) == draft


async def test_an_unknown_or_old_draft_is_not_found(database: Database) -> None:
    await database.write(lambda tx: DRAFTS.insert(tx, PLAIN))
    for draft_id, since in (("c" * 20, 0.0), (PLAIN.id, 1000.1)):
        with pytest.raises(NotFound) as caught:
            await database.read(lambda tx, draft_id=draft_id, since=since: DRAFTS.get(tx, draft_id, since=since))
        assert caught.value.key == "refused.draft_gone"


async def test_a_draft_remembers_the_request_that_was_made_of_it(database: Database) -> None:
    record = await admit(database, new_request())
    await database.write(lambda tx: DRAFTS.insert(tx, PLAIN))
    assert await database.read(lambda tx: DRAFTS.used_by(tx, PLAIN.id)) is None
    await database.write(lambda tx: DRAFTS.use(tx, PLAIN.id, record.id))
    assert await database.read(lambda tx: DRAFTS.used_by(tx, PLAIN.id)) == record.id
    assert await database.read(lambda tx: DRAFTS.used_by(tx, "c" * 20)) is None


async def test_drafts_are_counted_by_person_and_purged_by_age(database: Database) -> None:
    for number, (user_id, at) in enumerate([(1, 1000.0), (1, 2000.0), (1, 3000.0), (2, 3000.0)]):
        draft = replace(PLAIN, id=f"{number:020x}", user_id=user_id, created_at=at)
        await database.write(lambda tx, draft=draft: DRAFTS.insert(tx, draft))

    async def counted(user_id: int, since: float) -> int:
        return await database.read(lambda tx: DRAFTS.count(tx, user_id=user_id, since=since))

    assert [await counted(1, 0.0), await counted(1, 2000.0), await counted(2, 0.0), await counted(3, 0.0)] == [
        3,
        2,
        1,
        0,
    ]
    assert await database.write(lambda tx: DRAFTS.purge(tx, before=2000.0)) == 1
    assert await database.write(lambda tx: DRAFTS.purge(tx, before=2000.0)) == 0
    assert [await counted(1, 0.0), await counted(2, 0.0)] == [2, 1]


TEXT = st.text(st.characters(), max_size=20)
REQUESTS = st.builds(
    ImageRequest,
    prompt=TEXT,
    references=st.lists(st.builds(Reference, tag=TEXT, filename=TEXT, source=st.none() | TEXT), max_size=3).map(tuple),
    shape=st.builds(Shape, ratio=st.sampled_from(Ratio), resolution=st.sampled_from(Resolution))
    | st.just(Shape.of_size(Size(1024, 1024))),
    model=st.sampled_from(Model),
    seed=st.integers(0, SEED_MAX),
    seed_chosen=st.booleans(),
    count=st.integers(1, 4),
    spoiler=st.booleans(),
)


@given(REQUESTS)
def test_every_request_survives_being_text(request: ImageRequest) -> None:
    text = _payload(replace(PLAIN, request=request))
    assert text.isascii()
    assert _request(json.loads(text)["request"]) == request
