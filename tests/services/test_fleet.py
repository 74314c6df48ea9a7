"""Who may be asked: circuit breakers with one trial, services that wait for their operator, limits of accounts."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from bot.domain.errors import (
    NotStarted,
    OutOfCredits,
    PollFailed,
    ProviderError,
    ProviderMisconfigured,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
    SubmissionUnknown,
)
from bot.domain.money import Money
from bot.providers.base import Account, Provider
from bot.providers.facts import override
from bot.providers.runway_facts import RUNWAY
from bot.services.fleet import (
    FIRST_REST,
    LONGEST_LOOK,
    LONGEST_REST,
    LOOK_AGAIN,
    OPERATOR_REST,
    TRIP_AFTER,
    Condition,
    Fleet,
)


@dataclass
class Service:
    """A service that only has facts and an account."""

    name: str
    answer: Account | ProviderError | None = None
    per_minute: int | None = None
    own_limit: int | None = None

    @property
    def facts(self) -> Any:
        facts = override(RUNWAY, concurrency=self.own_limit)
        return replace(facts, name=self.name, submits_per_minute=self.per_minute)

    async def account(self) -> Account:
        if isinstance(self.answer, ProviderError):
            raise self.answer
        assert self.answer is not None
        return self.answer


@dataclass
class Now:
    """A clock that is set by hand."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


def fleet_of(*services: Service) -> tuple[Fleet, Now]:
    now = Now()
    return Fleet(providers={each.name: cast(Provider, each) for each in services}, clock=now), now


@pytest.fixture
def alone() -> tuple[Fleet, Now]:
    return fleet_of(Service("one"))


def unreachable() -> ProviderError:
    return ProviderUnavailable(provider="one", detail="no connection")


def trip(fleet: Fleet) -> None:
    for _ in range(TRIP_AFTER):
        fleet.failed("one", unreachable())


def condition(fleet: Fleet) -> Condition:
    return fleet.status()[0].condition


def test_a_service_that_nobody_asked_yet_is_up(alone: tuple[Fleet, Now]) -> None:
    fleet, _ = alone
    assert condition(fleet) is Condition.UP
    assert fleet.may_try("one")
    assert [facts.name for facts in fleet.working()] == ["one"]


@pytest.mark.parametrize("error", [ProviderUnavailable, SubmissionUnknown, NotStarted])
def test_failures_in_a_row_give_it_a_rest(alone: tuple[Fleet, Now], error: type[ProviderError]) -> None:
    fleet, now = alone
    for _ in range(TRIP_AFTER - 1):
        fleet.failed("one", error(provider="one"))
    assert condition(fleet) is Condition.UP
    fleet.failed("one", error(provider="one"))
    assert condition(fleet) is Condition.DOWN
    assert not fleet.may_try("one")
    assert fleet.working() == []
    now.at += FIRST_REST
    assert fleet.may_try("one")


def test_a_success_in_between_starts_the_count_anew(alone: tuple[Fleet, Now]) -> None:
    fleet, _ = alone
    for _ in range(3):
        for _ in range(TRIP_AFTER - 1):
            fleet.failed("one", unreachable())
        fleet.succeeded("one")
    assert condition(fleet) is Condition.UP


def test_what_a_request_is_to_blame_for_says_nothing_about_the_service(alone: tuple[Fleet, Now]) -> None:
    fleet, _ = alone
    for _ in range(2 * TRIP_AFTER):
        fleet.failed("one", RequestRefused(provider="one"))
    assert condition(fleet) is Condition.UP


def test_after_the_rest_there_is_one_trial_at_a_time(alone: tuple[Fleet, Now]) -> None:
    fleet, now = alone
    trip(fleet)
    now.at += FIRST_REST
    with fleet.attempt("one"):
        assert not fleet.may_try("one")
        assert fleet.working() == []
    assert fleet.may_try("one")


def test_a_trial_that_was_given_up_leaves_the_next_one_free(alone: tuple[Fleet, Now]) -> None:
    fleet, now = alone
    trip(fleet)
    now.at += FIRST_REST
    with pytest.raises(KeyboardInterrupt), fleet.attempt("one"):
        raise KeyboardInterrupt
    assert fleet.may_try("one")


def test_a_late_answer_to_an_older_submission_does_not_let_a_second_trial_in(alone: tuple[Fleet, Now]) -> None:
    fleet, now = alone
    with fleet.attempt("one"):
        trip(fleet)
        now.at += FIRST_REST
        with fleet.attempt("one"):
            fleet.failed("one", RequestRefused(provider="one"))
            assert not fleet.may_try("one")


def test_a_trial_that_succeeds_opens_it_to_everybody(alone: tuple[Fleet, Now]) -> None:
    fleet, now = alone
    trip(fleet)
    now.at += FIRST_REST
    with fleet.attempt("one"):
        fleet.succeeded("one")
    with fleet.attempt("one"):
        assert fleet.may_try("one")
    assert condition(fleet) is Condition.UP


def test_each_trial_that_fails_doubles_the_rest_up_to_a_limit(alone: tuple[Fleet, Now]) -> None:
    fleet, now = alone
    trip(fleet)
    rests: list[float] = []
    for _ in range(8):
        before = now.at
        while not fleet.may_try("one"):
            now.at += 10.0
        rests.append(now.at - before)
        with fleet.attempt("one"):
            fleet.failed("one", unreachable())
    assert rests[:3] == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST]
    assert rests[-1] == LONGEST_REST


def test_who_asked_to_wait_is_busy_for_as_long_as_it_said(alone: tuple[Fleet, Now]) -> None:
    fleet, now = alone
    fleet.failed("one", RateLimited(provider="one", retry_in=7.0))
    assert condition(fleet) is Condition.BUSY
    assert not fleet.may_try("one")
    now.at += 7.0
    assert fleet.may_try("one")
    assert condition(fleet) is Condition.UP


@pytest.mark.parametrize(("rest", "wait"), [(1.0, LOOK_AGAIN), (20.0, 20.0), (900.0, LONGEST_LOOK)])
def test_who_waits_for_a_resting_service_looks_when_there_can_be_something_to_see(
    alone: tuple[Fleet, Now], rest: float, wait: float
) -> None:
    fleet, _ = alone
    fleet.failed("one", RateLimited(provider="one", retry_in=rest))
    assert fleet.refusal("one").retry_in == wait


def test_a_shorter_wait_does_not_end_a_longer_one(alone: tuple[Fleet, Now]) -> None:
    fleet, now = alone
    fleet.failed("one", RateLimited(provider="one", retry_in=60.0))
    fleet.failed("one", RateLimited(provider="one", retry_in=1.0))
    now.at += 30.0
    assert not fleet.may_try("one")


def test_one_lost_connection_after_a_wait_is_no_reason_for_a_rest(alone: tuple[Fleet, Now]) -> None:
    fleet, now = alone
    fleet.failed("one", RateLimited(provider="one", retry_in=1.0))
    now.at += 1.0
    fleet.failed("one", unreachable())
    assert fleet.may_try("one")


@pytest.mark.parametrize(
    ("error", "expected"),
    [(OutOfCredits, Condition.OUT_OF_CREDITS), (ProviderMisconfigured, Condition.MISCONFIGURED)],
)
def test_who_waits_for_the_operator_is_taken_out_and_the_operator_is_told_once(
    alone: tuple[Fleet, Now], error: type[ProviderError], expected: Condition, caplog: pytest.LogCaptureFixture
) -> None:
    fleet, now = alone
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            fleet.failed("one", error(provider="one"))
            fleet.failed("one", RateLimited(provider="one", retry_in=1.0))
    assert len(caplog.records) == 1
    assert condition(fleet) is expected
    assert fleet.hopeless()
    assert fleet.waiting_for() == []
    assert isinstance(fleet.refusal("one"), error)
    now.at += OPERATOR_REST
    assert fleet.may_try("one")
    assert not fleet.hopeless()


def test_a_bot_without_services_is_not_called_hopeless() -> None:
    fleet, _ = fleet_of()
    assert not fleet.hopeless()


def test_one_service_that_may_come_back_is_hope() -> None:
    fleet, _ = fleet_of(Service("one"), Service("two"))
    fleet.failed("two", OutOfCredits(provider="two"))
    trip(fleet)
    assert not fleet.hopeless()
    assert fleet.working() == []
    assert [facts.name for facts in fleet.waiting_for()] == ["one"]
    assert isinstance(fleet.refusal("one"), ProviderUnavailable)


async def test_limits_are_learned_from_the_account() -> None:
    fleet, _ = fleet_of(Service("one", Account(concurrency=1, submits_per_minute=3), per_minute=10))
    assert (fleet.slots(), fleet.submits_per_minute("one")) == ({"one": RUNWAY.concurrency}, 10)
    await fleet.refresh()
    assert (fleet.slots(), fleet.submits_per_minute("one")) == ({"one": 1}, 3)
    wide, _ = fleet_of(Service("one", Account(concurrency=100)))
    await wide.refresh()
    assert wide.slots() == {"one": 100}
    assert wide.submits_per_minute("one") is None
    assert wide.submits_per_minute("nobody") is None


@pytest.mark.parametrize(("own", "slots"), [(1, 1), (3, 3), (9, 4), (None, 4)])
async def test_the_account_never_widens_what_the_operator_allows(own: int | None, slots: int) -> None:
    service = Service("one", Account(concurrency=4), own_limit=own)
    fleet, _ = fleet_of(service)
    await fleet.refresh()
    assert fleet.slots() == {"one": slots}


async def test_a_day_that_is_used_up_keeps_new_requests_away() -> None:
    fleet, now = fleet_of(Service("one", Account(submits_today=50, submitted_today=50)))
    await fleet.refresh()
    assert fleet.status()[0].condition is Condition.BUSY
    assert not fleet.may_try("one")
    now.at += 3600
    assert fleet.may_try("one")


async def test_the_operator_is_told_once_that_an_account_runs_low(caplog: pytest.LogCaptureFixture) -> None:
    fleet, _ = fleet_of(Service("one", Account(balance=Money.dollars("0.40"))))
    await fleet.refresh()
    await fleet.refresh()
    assert [record.message for record in caplog.records] == ["one: only $0.40 are left on the account"]


async def test_a_success_does_not_forget_the_account() -> None:
    account = Account(balance=Money.dollars("3.50"))
    fleet, _ = fleet_of(Service("one", account))
    await fleet.refresh()
    fleet.succeeded("one")
    assert fleet.status()[0].account == account


async def test_a_key_that_is_not_accepted_is_found_before_anybody_pays() -> None:
    service = Service("one", ProviderMisconfigured(provider="one"))
    fleet, _ = fleet_of(service)
    await fleet.refresh()
    assert condition(fleet) is Condition.MISCONFIGURED
    service.answer = Account()
    await fleet.refresh()
    assert fleet.may_try("one")


async def test_an_account_that_does_not_answer_changes_nothing() -> None:
    fleet, _ = fleet_of(Service("one", PollFailed(provider="one")), Service("two", Account(concurrency=1)))
    await fleet.refresh()
    assert condition(fleet) is Condition.UP
    assert fleet.slots()["two"] == 1
