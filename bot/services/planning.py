"""What a request becomes before anything is held: the service that makes it, by the wishes of person and server."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.domain.errors import InvalidRequest
from bot.domain.job import Requester
from bot.domain.plan import Plan, Wishes, plan
from bot.domain.request import ImageRequest
from bot.services.fleet import Fleet
from bot.store.database import Transaction
from bot.store.guilds import GuildStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """Chooses where a request goes, inside the transaction that accepts it."""

    guilds: GuildStore
    fleet: Fleet
    order: Sequence[str]

    async def plan(self, tx: Transaction, request: ImageRequest, requester: Requester, provider: str | None) -> Plan:
        """By choice of the person, the server, then the operator; who is at rest is asked only when nobody else is.

        Raises:
            InvalidRequest: nobody can serve it, or only services that wait for the operator.
        """
        settings = await self.guilds.get(tx, requester.guild_id)
        wishes = Wishes(only=provider, order=settings.provider_order or self.order, disabled=settings.providers_off)
        for services in (self.fleet.working(), self.fleet.waiting_for()):
            with suppress(InvalidRequest):
                return plan(request, services, wishes)
        plan(request, self.fleet.every(), wishes)
        raise InvalidRequest("refused.no_service_now")
