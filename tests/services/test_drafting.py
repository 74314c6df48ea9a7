"""Drafts: nothing is held for them, they become one request, and the service is asked within bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import func, select, update

from bot.app import open_app
from bot.assembly import App
from bot.domain.draft import DRAFT_LIFE, Choice, Draft
from bot.domain.enhancing import enhance
from bot.domain.errors import InvalidRequest, NotAllowed, NotFound, QuotaExceeded
from bot.domain.guild import GuildSettings
from bot.domain.job import Action, Place, PlaceKind, Requester
from bot.domain.quota import QuotaRule
from bot.domain.request import ImageRequest
from bot.services import drafting
from bot.services.accepted import Accepted
from bot.services.callers import Caller
from bot.services.drafting import Offer
from bot.services.enhancer import Enhancer
from bot.services.ports import NoSteps, Presenter
from bot.settings import Settings
from bot.store.tables import drafts

REQUEST = ImageRequest(prompt="a cat", seed=7)
MIA = Requester(user_id=1, guild_id=10)


class Service:
    """Improves every prompt in the same way."""

    def __init__(self) -> None:
        self.asked = 0

    async def enhance(self, prompt: str) -> str:
        self.asked += 1
        return f"{prompt}, remotely better"


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def app(tmp_path: Path, service: Service) -> AsyncIterator[App]:
    settings = Settings.model_validate(
        {
            "database": {"url": f"sqlite+aiosqlite:///{tmp_path}/atelier.db"},
            "storage": {"url": f"file:{tmp_path}/blobs"},
            "providers": {"sketch": {"folder": str(tmp_path / "sketch")}},
        }
    )
    # Nothing is run here, so nothing is shown.
    presenter = cast(Presenter, None)
    async with open_app(settings, presenter=presenter, steps=NoSteps(), rule=QuotaRule(amount=2)) as opened:
        yield replace(opened, enhancer=Enhancer(remote=service, name="wavespeed"))


def caller(interaction_id: int, requester: Requester = MIA) -> Caller:
    place = Place(kind=PlaceKind.CHANNEL, channel_id=100)
    return Caller(requester=requester, place=place, interaction_id=interaction_id, interaction_token="token")


async def offered(app: App, **options: Any) -> Offer:
    return await app.drafting.offer(REQUEST, caller(1), **options)


async def started(app: App, draft: Draft, choice: Choice, interaction_id: int = 2) -> Accepted:
    found = await app.drafting.find(draft.id, MIA)
    assert found == draft
    return await app.drafting.start(found, choice, caller(interaction_id))


async def kept(app: App) -> int:
    return await app.database.read(lambda tx: tx.scalar(select(func.count()).select_from(drafts)))


async def test_an_offer_holds_nothing_and_keeps_the_request(app: App) -> None:
    offer = await offered(app, provider="sketch")
    assert (offer.draft.request, offer.draft.enhanced) == (REQUEST, "a cat, remotely better")
    assert (offer.service, offer.draft.provider, offer.draft.token) == ("wavespeed", "sketch", "token")
    assert (await app.quotas.show(MIA)).allowance.left == 2


async def test_the_prompt_that_was_chosen_is_submitted(app: App) -> None:
    used = await started(app, (await offered(app)).draft, Choice.USE, 2)
    mine = await started(app, (await offered(app, provider="sketch")).draft, Choice.MINE, 3)
    assert (used.record.request.prompt, used.record.action) == ("a cat, remotely better", Action.ENHANCED)
    assert (mine.record.request, mine.record.action) == (REQUEST, Action.IMAGINE)
    assert (used.record.provider_chosen, mine.record.provider_chosen) == (False, True)


async def test_the_first_choice_counts(app: App) -> None:
    draft = (await offered(app)).draft
    first = await started(app, draft, Choice.MINE, 2)
    second = await started(app, draft, Choice.USE, 3)
    assert (first.repeated, second.repeated) == (False, True)
    assert second.record.id == first.record.id
    assert (await app.quotas.show(MIA)).allowance.left == 1


async def test_a_choice_whose_card_never_arrived_can_be_made_again(app: App) -> None:
    draft = (await offered(app)).draft
    lost = await started(app, draft, Choice.USE, 2)
    await app.submissions.withdraw(lost.record)
    again = await started(app, draft, Choice.USE, 3)
    assert not again.repeated
    assert again.record.id != lost.record.id
    assert (await app.quotas.show(MIA)).allowance.left == 1


async def test_a_choice_that_is_refused_can_be_made_later(app: App) -> None:
    draft = (await offered(app)).draft
    await app.submissions.submit(replace(REQUEST, count=2), caller(2))
    with pytest.raises(QuotaExceeded):
        await started(app, draft, Choice.USE, 3)
    with pytest.raises(QuotaExceeded):
        await offered(app)
    await app.quotas.grant(Requester(user_id=9, guild_id=10, moderator=True), QuotaRule().subject, 1)
    assert not (await started(app, draft, Choice.USE, 4)).repeated


async def test_only_the_owner_finds_a_draft_and_only_for_a_day(app: App) -> None:
    draft = (await offered(app)).draft
    with pytest.raises(NotAllowed) as caught:
        await app.drafting.find(draft.id, Requester(user_id=2, guild_id=10, moderator=True))
    assert caught.value.key == "refused.draft_not_yours"
    age = update(drafts).values(created_at=drafts.c.created_at - DRAFT_LIFE)
    await app.database.write(lambda tx: tx.execute(age))
    with pytest.raises(NotFound):
        await app.drafting.find(draft.id, MIA)
    assert await kept(app) == 1
    await offered(app)
    assert await kept(app) == 1


async def test_what_would_not_be_accepted_is_refused_before_the_service_is_asked(app: App, service: Service) -> None:
    for request, provider in ((replace(REQUEST, prompt="x" * 1001), None), (REQUEST, "nobody")):
        with pytest.raises(InvalidRequest):
            await app.drafting.offer(request, caller(1), provider=provider)
    with pytest.raises(QuotaExceeded):
        await app.drafting.offer(replace(REQUEST, count=3), caller(1))
    assert service.asked == 0
    assert await kept(app) == 0


async def test_a_server_that_switched_the_service_off_gets_the_local_enhancer(app: App, service: Service) -> None:
    choice = GuildSettings(providers_off=("wavespeed",))
    await app.database.write(lambda tx: app.guilds.put(tx, 10, choice, by=9, at=0.0))
    offer = await offered(app)
    assert (offer.draft.enhanced, offer.service) == (enhance("a cat"), None)
    assert service.asked == 0


async def test_nobody_makes_the_operator_pay_for_prompts_all_day(
    app: App, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "REMOTE_LIMIT", 2)
    assert [(await offered(app)).service for _ in range(3)] == ["wavespeed", "wavespeed", None]
    other = await app.drafting.offer(REQUEST, caller(9, Requester(user_id=2, guild_id=10)))
    assert other.service == "wavespeed"
    assert service.asked == 3
