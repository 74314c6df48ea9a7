"""What a request becomes before anything is held: with which saved references, and by which image service."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.domain.errors import InvalidRequest
from bot.domain.guild import GuildSettings
from bot.domain.job import NO_GUILD, Requester
from bot.domain.library import Library, Scope, bring_in, unnamed
from bot.domain.plan import Plan, Wishes, plan
from bot.domain.request import ImageRequest
from bot.services.fleet import Fleet
from bot.store.database import Transaction
from bot.store.library import LibraryStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """Completes a request and chooses where it goes, inside the transaction that accepts it."""

    library: LibraryStore
    fleet: Fleet
    order: Sequence[str]

    async def complete(self, tx: Transaction, request: ImageRequest, requester: Requester) -> ImageRequest:
        """The request with the saved references that its prompt names, the person's own before their server's.

        Names that are not known stay text.

        Raises:
            InvalidRequest: more than three references in all.
        """
        names = unnamed(request)
        if not names:
            return request
        return bring_in(request, await self.library.named(tx, libraries_of(requester), names))

    def plan(self, request: ImageRequest, settings: GuildSettings, provider: str | None) -> Plan:
        """By choice of the person, the server, then the operator; who is at rest is asked only when nobody else is.

        Raises:
            InvalidRequest: nobody can serve it, or only services that wait for the operator.
        """
        wishes = Wishes(only=provider, order=settings.provider_order or self.order, disabled=settings.providers_off)
        for services in (self.fleet.working(), self.fleet.waiting_for()):
            with suppress(InvalidRequest):
                return plan(request, services, wishes)
        plan(request, self.fleet.every(), wishes)
        raise InvalidRequest("refused.no_service_now")


def libraries_of(requester: Requester) -> list[Library]:
    """The libraries whose names mean something to a person: their own and that of the server they are in."""
    own = Library(scope=Scope.ME, id=requester.user_id)
    if requester.guild_id == NO_GUILD:
        return [own]
    return [own, Library(scope=Scope.SERVER, id=requester.guild_id)]
