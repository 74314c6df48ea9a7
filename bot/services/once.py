"""What may become one request only: a draft that was decided on, a form that was sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.job import Delivery, RequestId, RequestRecord
from bot.store.database import Transaction
from bot.store.requests import RequestStore


class Uses(Protocol):
    """Remembers which request was made of what."""

    async def used_by(self, tx: Transaction, key: str, /) -> RequestId | None:
        """The request that was made of it last, if any."""
        ...

    async def use(self, tx: Transaction, key: str, request_id: RequestId, /) -> None:
        """Remember the request that was made of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OneRequest:
    """Lets it become one request; one whose card never reached the person does not count."""

    uses: Uses
    requests: RequestStore
    key: str

    async def earlier(self, tx: Transaction) -> RequestRecord | None:
        """The request it became already."""
        request_id = await self.uses.used_by(tx, self.key)
        record = None if request_id is None else await self.requests.get(tx, request_id)
        return None if record is None or record.delivery is Delivery.WITHDRAWN else record

    async def done(self, tx: Transaction, record: RequestRecord) -> None:
        """It became this request."""
        await self.uses.use(tx, self.key, record.id)
