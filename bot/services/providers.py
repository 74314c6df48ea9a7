"""The image services as people and moderators of a server see them, and a server's own choice among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.domain.audit import Change
from bot.domain.capabilities import ProviderFacts
from bot.domain.errors import InvalidRequest
from bot.domain.guild import GuildSettings
from bot.domain.job import Requester
from bot.domain.money import FREE, Money
from bot.providers.base import Account
from bot.services.changes import Changes, check_moderator
from bot.services.fleet import Condition, Fleet
from bot.services.line import Line
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore

DEFAULT = "default"
"""What a moderator types as the order to have the operator's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    """One service for `/status`. `usual` is in seconds; `balance` only for moderators, where the service tells it."""

    facts: ProviderFacts
    condition: Condition
    enabled: bool
    running: int
    waiting: int
    usual: float
    balance: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderChoice:
    """What a server chose: services in the order in which they are asked, and those that are not."""

    order: tuple[str, ...]
    off: tuple[str, ...]
    own_order: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderService:
    """Every change asks for the moderator's right anew and is kept in the audit trail."""

    database: Database
    jobs: JobStore
    guilds: GuildStore
    changes: Changes
    line: Line
    fleet: Fleet
    order: Sequence[str]

    async def status(self, viewer: Requester) -> list[ProviderRow]:
        """Every service that is set up, first the ones that this server asks first."""

        async def load(tx: Transaction) -> list[ProviderRow]:
            settings = await self.guilds.get(tx, viewer.guild_id)
            busy = await self.jobs.busy(tx)
            known = {status.facts.name: status for status in self.fleet.status()}
            return [
                ProviderRow(
                    facts=facts,
                    condition=known[facts.name].condition,
                    enabled=facts.name not in settings.providers_off,
                    running=busy.get(facts.name, (0, 0))[0],
                    waiting=busy.get(facts.name, (0, 0))[1],
                    usual=await self.line.usual(tx, facts.name),
                    balance=_balance(known[facts.name].account, viewer),
                )
                for facts in self._in_order(settings)
            ]

        return await self.database.read(load)

    async def offered(self, guild_id: int) -> list[ProviderFacts]:
        """The services that people of a server may choose from."""
        settings = await self._settings(guild_id)
        return [facts for facts in self._in_order(settings) if facts.name not in settings.providers_off]

    async def choice(self, moderator: Requester) -> ProviderChoice:
        """What is in force in the moderator's server.

        Raises:
            NotAllowed: no moderator of this server asks.
        """
        check_moderator(moderator)
        return self._choice(await self._settings(moderator.guild_id))

    async def change(
        self, moderator: Requester, *, order: str | None = None, disable: str | None = None, enable: str | None = None
    ) -> ProviderChoice:
        """Put another order in force, or switch services off or on; each is names with commas between them.

        The order `default` means the operator's again. It counts for new requests and for those that must go elsewhere.

        Raises:
            NotAllowed: no moderator of this server asks.
            InvalidRequest: a name is unknown or named twice, or no service would be left.
        """
        check_moderator(moderator)
        plain = (order or "").strip().casefold() == DEFAULT
        wanted, off, on = (self._names(text or "") for text in ("" if plain else order, disable, enable))
        if both := set(off) & set(on):
            raise InvalidRequest("refused.provider_both", name=min(both))

        async def write(tx: Transaction) -> ProviderChoice:
            before = await self.guilds.get(tx, moderator.guild_id)
            after = replace(
                before,
                provider_order=before.provider_order if order is None else wanted,
                providers_off=tuple(n for n in dict.fromkeys((*before.providers_off, *off)) if n not in on),
            )
            if all(facts.name in after.providers_off for facts in self.fleet.every()):
                raise InvalidRequest("refused.provider_none_left")
            if after != before:
                await self.changes.keep(
                    tx, moderator, Change.PROVIDERS, after, before=_as_table(before), now=_as_table(after)
                )
            return self._choice(after)

        return await self.database.write(write, lock=moderator.guild_id)

    def _names(self, text: str) -> tuple[str, ...]:
        known = {word: facts.name for facts in self.fleet.every() for word in _words(facts)}
        names: list[str] = []
        for typed in filter(None, (part.strip() for part in text.split(","))):
            name = known.get(typed.casefold())
            if name is None:
                raise InvalidRequest(
                    "refused.provider_not_here",
                    value=typed,
                    known=", ".join(facts.name for facts in self.fleet.every()),
                )
            if name in names:
                raise InvalidRequest("refused.provider_twice", name=name)
            names.append(name)
        return tuple(names)

    def _in_order(self, settings: GuildSettings) -> list[ProviderFacts]:
        wanted = settings.provider_order or self.order
        ranks = {name: rank for rank, name in enumerate(wanted)}
        return sorted(self.fleet.every(), key=lambda facts: (ranks.get(facts.name, len(ranks)), _cheapest(facts)))

    def _choice(self, settings: GuildSettings) -> ProviderChoice:
        names = [facts.name for facts in self._in_order(settings)]
        off = tuple(name for name in names if name in settings.providers_off)
        return ProviderChoice(
            order=tuple(name for name in names if name not in off),
            off=off,
            own_order=bool(settings.provider_order),
        )

    async def _settings(self, guild_id: int) -> GuildSettings:
        async def load(tx: Transaction) -> GuildSettings:
            return await self.guilds.get(tx, guild_id)

        return await self.database.read(load)


def _balance(account: Account | None, viewer: Requester) -> Money | None:
    return account.balance if account is not None and viewer.moderator else None


def _words(facts: ProviderFacts) -> Iterable[str]:
    return {facts.name.casefold(), facts.title.casefold()}


def _cheapest(facts: ProviderFacts) -> Money:
    prices = [price for model in facts.models.values() for price in model.prices.values()]
    return min(prices, default=FREE)


def _as_table(settings: GuildSettings) -> dict[str, object]:
    return {"order": list(settings.provider_order), "off": list(settings.providers_off)}
