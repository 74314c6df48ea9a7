"""Drafts as rows: requests that are kept until their person decides, and used once."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from bot.domain.draft import Draft
from bot.domain.errors import NotFound
from bot.domain.job import RequestId
from bot.domain.references import Reference
from bot.domain.request import ImageRequest
from bot.domain.shapes import Model, Ratio, Resolution, Shape, Size
from bot.store.database import Transaction
from bot.store.tables import drafts

FORGOTTEN = ""
"""The payload of a draft whose person had it deleted: it counts still, and can be used no more."""


class DraftStore:
    """The table of drafts."""

    async def insert(self, tx: Transaction, draft: Draft) -> None:
        """Keep a draft."""
        values = {"id": draft.id, "user_id": draft.user_id, "payload": _payload(draft), "created_at": draft.created_at}
        await tx.execute(insert(drafts).values(values))

    async def get(self, tx: Transaction, draft_id: str, *, since: float) -> Draft:
        """The draft, used or not.

        Raises:
            NotFound: there is none with this id that was made since then.
        """
        row = await tx.first(select(drafts).where(drafts.c.id == draft_id, drafts.c.created_at >= since))
        if row is None or row.payload == FORGOTTEN:
            raise NotFound("refused.draft_gone")
        kept: dict[str, Any] = json.loads(row.payload)
        return Draft(
            id=row.id,
            user_id=row.user_id,
            request=_request(kept["request"]),
            enhanced=kept["enhanced"],
            provider=kept["provider"],
            token=kept["token"],
            created_at=row.created_at,
        )

    async def used_by(self, tx: Transaction, draft_id: str) -> RequestId | None:
        """The request that was made of the draft last, if any."""
        request_id = await tx.scalar(select(drafts.c.request_id).where(drafts.c.id == draft_id))
        return None if request_id is None else RequestId(request_id)

    async def use(self, tx: Transaction, draft_id: str, request_id: RequestId) -> None:
        """Remember the request that was made of the draft."""
        await tx.execute(update(drafts).where(drafts.c.id == draft_id).values(request_id=request_id))

    async def count(self, tx: Transaction, *, user_id: int, since: float) -> int:
        """How many drafts the person had made since then."""
        ids = await tx.ids_of(user_id)
        found = select(func.count()).where(drafts.c.user_id.in_(ids), drafts.c.created_at >= since)
        return int(await tx.scalar(found))

    async def purge(self, tx: Transaction, *, before: float) -> int:
        """Forget drafts made before then; the number of them."""
        return (await tx.execute(delete(drafts).where(drafts.c.created_at < before))).rowcount


def _payload(draft: Draft) -> str:
    return json.dumps(
        {
            "request": asdict(draft.request),
            "enhanced": draft.enhanced,
            "provider": draft.provider,
            "token": draft.token,
        }
    )


def _request(kept: dict[str, Any]) -> ImageRequest:
    shape, model, references = kept.pop("shape"), kept.pop("model"), kept.pop("references")
    return ImageRequest(
        **kept,
        model=Model(model),
        references=tuple(Reference(**reference) for reference in references),
        shape=Shape(
            ratio=Ratio(shape["ratio"]),
            resolution=Resolution(shape["resolution"]),
            size=None if shape["size"] is None else Size(**shape["size"]),
        ),
    )
