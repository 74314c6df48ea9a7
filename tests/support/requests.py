"""Requests as tests want them: everything has a default, the rest is said in the test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.job import (
    Action,
    NewRequest,
    Place,
    PlaceKind,
    Requester,
    RequestRecord,
)
from bot.domain.money import Money
from bot.domain.quota import Source
from bot.domain.request import ImageRequest
from bot.domain.shapes import Size
from bot.store.database import Database, Transaction
from bot.store.ledger import Ledger
from bot.store.requests import RequestStore

PRICE = Money.dollars("0.05")


def new_request(*, user_id: int = 1, guild_id: int = 10, count: int = 1, **changes: Any) -> NewRequest:
    """A request for `count` pictures by a person in a server's channel, made at 1000.0; `changes` are other fields."""
    new = NewRequest(
        request=ImageRequest(prompt="a lighthouse at dusk", seed=7, count=count),
        requester=Requester(user_id=user_id, guild_id=guild_id, role_ids=(21, 22)),
        place=Place(kind=PlaceKind.CHANNEL, channel_id=100),
        action=Action.IMAGINE,
        interaction_id=None,
        interaction_token=None,
        parent_id=None,
        provider="sketch",
        size=Size(1280, 720),
        price=PRICE,
        seed_sent=True,
        notes=(),
        at_once=2,
        created_at=1000.0,
    )
    return replace(new, **changes)


async def admit(
    database: Database, new: NewRequest, *, source: Source = Source.WINDOW, answered: bool = True, units: int = 1
) -> RequestRecord:
    """Keep a request with its holds, answered if not said otherwise, and read it back."""

    async def work(tx: Transaction) -> RequestRecord:
        record = await RequestStore().insert(tx, new)
        sources = [source] * len(record.jobs)
        await Ledger().hold(tx, record, sources, units_per_job=units, at=new.created_at)
        if answered:
            await RequestStore().mark_answered(tx, record.id, at=new.created_at, card_message_id=None)
        return await RequestStore().get(tx, record.id)

    return await database.write(work, lock=new.requester.user_id)
