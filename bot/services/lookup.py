"""Finding the request behind a message that somebody sees."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.errors import NotFound
from bot.domain.job import NO_GUILD, Requester, RequestId, RequestRecord
from bot.store.database import Database
from bot.store.requests import RequestStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Reads requests for people; ids come from outside and are good for nothing elsewhere."""

    database: Database
    requests: RequestStore

    async def behind(self, request_id: RequestId, message_id: int, requester: Requester) -> RequestRecord:
        """The request whose card or result is this message.

        Raises:
            NotFound: there is none, or it belongs to another place.
        """
        record = await self.database.read(lambda tx: self.requests.get(tx, request_id))
        here = record.requester.guild_id == requester.guild_id
        own = requester.guild_id != NO_GUILD or record.requester.user_id == requester.user_id
        if not (here and own) or message_id not in {record.card_message_id, record.result_message_id}:
            raise NotFound(detail=f"request {request_id}")
        if record.deleted_at is not None:
            raise NotFound("refused.deleted")
        if record.forgotten_at is not None:
            raise NotFound("refused.forgotten")
        return record
