"""The image services as they are now: who may be asked, who needs a rest, who needs the operator."""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.capabilities import ProviderFacts
from bot.domain.errors import (
    AtelierError,
    NotStarted,
    OutOfCredits,
    ProviderError,
    ProviderMisconfigured,
    ProviderUnavailable,
    RateLimited,
    SubmissionUnknown,
)
from bot.domain.money import Money
from bot.providers.base import Account, Accounting, Providers
from bot.services.ports import Clock

log = logging.getLogger(__name__)

TRIP_AFTER = 3
"""Failures in a row after which a service gets a rest."""

FIRST_REST = 30.0
LONGEST_REST = 600.0
OPERATOR_REST = 900.0
"""Seconds between two trials of a service that waits for its operator (empty account, bad key)."""

LOW_BALANCE = Money.dollars("1.00")
"""Below this the operator is told that an account is about to run out."""

LOOK_AGAIN, LONGEST_LOOK = 5.0, 30.0
"""Seconds, least and most, after which a job that waits for a resting service looks whether it works again.

Whole lines may wait, and every look costs a few transactions: nobody looks before there can be something to see.
"""


class Condition(StrEnum):
    """What people are told about a service."""

    UP = "up"
    BUSY = "busy"  #: asked to wait, for example by its rate limit
    DOWN = "down"  #: cannot be reached; tried again by itself
    OUT_OF_CREDITS = "out_of_credits"  #: the operator has to pay
    MISCONFIGURED = "misconfigured"  #: the operator has to mend the key

    @property
    def needs_operator(self) -> bool:
        """Whether it stays so until the operator does something."""
        return self in {Condition.OUT_OF_CREDITS, Condition.MISCONFIGURED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """One service for `/status`; `account` is what it last said about the operator's account."""

    facts: ProviderFacts
    condition: Condition
    account: Account | None


@dataclass(slots=True, kw_only=True)
class _Breaker:
    condition: Condition = Condition.UP
    failures: int = 0
    rests: int = 0
    closed_until: float = 0.0
    trying: bool = False
    account: Account | None = None


@dataclass(slots=True, kw_only=True)
class Fleet:
    """A circuit breaker for each service: closed, open, and one trial before it closes again."""

    providers: Providers
    clock: Clock
    _breakers: dict[str, _Breaker] = field(default_factory=dict[str, _Breaker])

    def every(self) -> Sequence[ProviderFacts]:
        """The facts of all services that are set up."""
        return [provider.facts for provider in self.providers.values()]

    def working(self) -> Sequence[ProviderFacts]:
        """Those that new requests may be planned for: not the ones that wait for their operator, nor those at rest."""
        return [facts for facts in self.every() if self.may_try(facts.name)]

    def waiting_for(self) -> Sequence[ProviderFacts]:
        """Those that work or will again by themselves: a request may wait for them."""
        return [facts for facts in self.every() if self.may_try(facts.name) or not self._needy(facts.name)]

    def hopeless(self) -> bool:
        """Whether every service waits for the operator, so that waiting in line would be of no use."""
        return bool(self.providers) and not self.waiting_for()

    def may_try(self, name: str) -> bool:
        """Whether a submission may be sent to it now."""
        breaker = self._of(name)
        return breaker.condition is Condition.UP or (self.clock() >= breaker.closed_until and not breaker.trying)

    @contextmanager
    def attempt(self, name: str) -> Generator[None]:
        """A submission is being sent: during a trial no second one is, and however it ends the next may be one."""
        breaker = self._of(name)
        trial = breaker.condition is not Condition.UP
        breaker.trying = breaker.trying or trial
        try:
            yield
        finally:
            if trial:
                breaker.trying = False

    def refusal(self, name: str) -> ProviderError:
        """Why nothing may be sent to it now, and when to look again."""
        breaker = self._of(name)
        wait = min(LONGEST_LOOK, max(LOOK_AGAIN, breaker.closed_until - self.clock()))
        match breaker.condition:
            case Condition.OUT_OF_CREDITS:
                return OutOfCredits(provider=name, detail="the account was found empty")
            case Condition.MISCONFIGURED:
                return ProviderMisconfigured(provider=name, detail="the key was not accepted")
            case Condition.BUSY:
                return RateLimited(provider=name, detail="asked to wait", retry_in=wait)
            case _:
                return ProviderUnavailable(provider=name, detail="at rest", retry_in=wait)

    def succeeded(self, name: str) -> None:
        """It took a submission."""
        breaker = self._of(name)
        if breaker.condition is not Condition.UP:
            log.warning("%s works again", name)
        self._breakers[name] = _Breaker(account=breaker.account)

    def failed(self, name: str, error: AtelierError) -> None:
        """It took none. What the request itself is to blame for says nothing about the service."""
        breaker = self._of(name)
        match error:
            case OutOfCredits():
                self._needs_operator(name, Condition.OUT_OF_CREDITS, error)
            case ProviderMisconfigured():
                self._needs_operator(name, Condition.MISCONFIGURED, error)
            case RateLimited():
                self._asked_to_wait(breaker, error)
            case NotStarted() | SubmissionUnknown():
                self._unreachable(name, breaker, error)
            case _:
                return

    def _needs_operator(self, name: str, condition: Condition, error: ProviderError) -> None:
        breaker = self._of(name)
        if breaker.condition is not condition:
            log.error("%s is taken out, the operator must act (%s): %s", name, condition, error.detail)
        breaker.condition = condition
        breaker.closed_until = self.clock() + OPERATOR_REST

    def _asked_to_wait(self, breaker: _Breaker, error: RateLimited) -> None:
        if not breaker.condition.needs_operator:
            breaker.condition = Condition.BUSY
        breaker.closed_until = max(breaker.closed_until, self.clock() + (error.retry_in or 1.0))

    def _unreachable(self, name: str, breaker: _Breaker, error: AtelierError) -> None:
        breaker.failures += 1
        if breaker.failures < TRIP_AFTER and breaker.condition in {Condition.UP, Condition.BUSY}:
            return
        rest = min(LONGEST_REST, FIRST_REST * 2**breaker.rests)
        breaker.rests += 1
        breaker.condition = Condition.DOWN
        breaker.closed_until = self.clock() + rest
        log.warning("%s gets a rest of %.0f s: %s", name, rest, error.detail)

    def slots(self) -> Mapping[str, int]:
        """How many tasks may run at each service: as many as its account allows, or less by the operator's settings."""
        return {facts.name: self._slots(facts) for facts in self.every()}

    def _slots(self, facts: ProviderFacts) -> int:
        account = self._of(facts.name).account
        learned = account.concurrency if account else None
        allowed = facts.concurrency if learned is None else learned
        return allowed if facts.most_at_once is None else min(allowed, facts.most_at_once)

    def submits_per_minute(self, name: str) -> int | None:
        """Submissions that the account allows in any minute, where that is limited."""
        account = self._of(name).account
        learned = account.submits_per_minute if account else None
        provider = self.providers.get(name)
        return learned or (provider.facts.submits_per_minute if provider else None)

    async def refresh(self) -> None:
        """Ask every service that can tell about the operator's account. Best effort."""
        for name, provider in self.providers.items():
            if isinstance(provider, Accounting):
                await self._ask(name, provider)

    async def _ask(self, name: str, provider: Accounting) -> None:
        try:
            account = await provider.account()
        except ProviderError as error:
            log.warning("%s does not tell about the account: %s", name, error.detail)
            if isinstance(error, ProviderMisconfigured):
                self.failed(name, error)
            return
        breaker = self._of(name)
        self._warn_when_low(name, breaker.account, account)
        breaker.account = account
        used, limit = account.submitted_today, account.submits_today
        if limit is not None and used is not None and used >= limit and breaker.condition is Condition.UP:
            log.warning("%s takes no more today: %s of %s submissions are used", name, used, limit)
            breaker.condition, breaker.closed_until = Condition.BUSY, self.clock() + OPERATOR_REST
        if breaker.condition is Condition.MISCONFIGURED:
            # The key is accepted again: the next submission is the trial.
            breaker.closed_until = self.clock()

    def _warn_when_low(self, name: str, before: Account | None, now: Account) -> None:
        """Tell the operator once when the account is about to run out."""
        was_low = before is not None and before.balance is not None and before.balance < LOW_BALANCE
        if now.balance is not None and now.balance < LOW_BALANCE and not was_low:
            log.warning("%s: only %s are left on the account", name, now.balance)

    def status(self) -> list[ServiceStatus]:
        """Every service that is set up."""
        return [
            ServiceStatus(facts=facts, condition=self._condition(facts.name), account=self._of(facts.name).account)
            for facts in self.every()
        ]

    def _condition(self, name: str) -> Condition:
        breaker = self._of(name)
        waited = breaker.condition is Condition.BUSY and self.clock() >= breaker.closed_until
        return Condition.UP if waited else breaker.condition

    def _needy(self, name: str) -> bool:
        return self._of(name).condition.needs_operator

    def _of(self, name: str) -> _Breaker:
        return self._breakers.setdefault(name, _Breaker())
