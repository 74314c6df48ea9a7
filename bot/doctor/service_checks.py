"""Checks of the image services: whether each key is accepted, and what is left on its account. Costs nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from bot.doctor.findings import Finding, doubtful, fine, wrong
from bot.domain.capabilities import ProviderFacts
from bot.domain.errors import ConfigError, OutOfCredits, ProviderError, ProviderMisconfigured
from bot.domain.money import FREE, Money
from bot.providers.base import Account, Accounting, Provider
from bot.providers.http import HttpClient
from bot.provisioning import open_providers
from bot.settings import Settings
from bot.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChecks:
    """Asks each service that is set up about the operator's account."""

    settings: Settings
    http: HttpClient
    texts: Texts

    async def findings(self) -> AsyncGenerator[Finding]:
        """A line for each service."""
        active = self.settings.providers.active()
        for name in active:
            yield await self._service(name)
        if set(active) <= {"sketch"}:
            yield doubtful("services", "no image service has a key; the built-in sketch painter answers")

    async def _service(self, name: str) -> Finding:
        try:
            async with open_providers(only(self.settings, name), self.http) as providers:
                return await _asked(providers[name])
        except ConfigError as error:
            return wrong(name, self.texts.say(error.key, **{"detail": error.detail, **error.values}))


def only(settings: Settings, name: str) -> Settings:
    """The settings with this one service."""
    providers = settings.providers.model_copy(update={"order": (name,)})
    return settings.model_copy(update={"providers": providers})


async def _asked(provider: Provider) -> Finding:
    name = provider.facts.name
    if not isinstance(provider, Accounting):
        return fine(name, "ready; it has no account to ask about")
    try:
        account = await provider.account()
    except ProviderMisconfigured:
        return wrong(name, "the key is not accepted")
    except OutOfCredits:
        return wrong(name, "the key is accepted, but the account is empty")
    except ProviderError as error:
        return wrong(name, f"no answer about the account ({error.detail})")
    text = f"the key is accepted; {_told(account)}"
    price = cheapest_price(provider.facts)
    if account.balance is not None and account.balance < price:
        return wrong(name, f"{text}: not enough for a picture, the cheapest costs {price}")
    return fine(name, text)


def _told(account: Account) -> str:
    parts = [f"balance {account.balance}" if account.balance is not None else "it does not tell the balance"]
    if account.concurrency is not None:
        parts.append(f"{account.concurrency} at once")
    if account.submits_per_minute is not None:
        parts.append(f"{account.submits_per_minute} a minute")
    if account.submits_today is not None:
        parts.append(f"{account.submitted_today or 0} of {account.submits_today} used today")
    return ", ".join(parts)


def cheapest_price(facts: ProviderFacts) -> Money:
    """What the cheapest picture costs there."""
    return min((price for model in facts.models.values() for price in model.prices.values()), default=FREE)
