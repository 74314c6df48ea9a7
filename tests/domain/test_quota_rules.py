"""Quota rules: whose rule holds, what is left, and that no hold takes more than that."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.errors import QuotaExceeded
from bot.domain.money import FREE, MICROS_PER_CREDIT, Money
from bot.domain.quota import (
    Allowance,
    Per,
    QuotaRule,
    Source,
    Subject,
    SubjectKind,
    Unit,
    Usage,
    Window,
    rule_for,
)

WINDOW = Window(start=0.0, end=86_400.0)
FIVE_CENTS = Money.dollars("0.05")
DEFAULT = QuotaRule()

PRICES = st.builds(Money, st.integers(0, 500_000))
ALLOWANCES = st.builds(
    Allowance,
    rule=st.builds(
        QuotaRule,
        amount=st.integers(0, 50),
        unit=st.sampled_from(Unit),
        at_once=st.integers(1, 4),
        queue=st.integers(0, 10),
    ),
    usage=st.builds(
        Usage,
        images=st.integers(0, 60),
        spent=st.builds(Money, st.integers(0, 800_000)),
        granted=st.integers(0, 30),
        unfinished=st.integers(0, 12),
    ),
    window=st.just(WINDOW),
)


def allowance(*, used: int = 0, granted: int = 0, **rule: object) -> Allowance:
    made = replace(DEFAULT, **rule)  # pyright: ignore[reportArgumentType] - a test's own values
    usage = Usage(images=used, spent=Money(used * MICROS_PER_CREDIT), granted=granted)
    return Allowance(rule=made, usage=usage, window=WINDOW)


def refused(of: Allowance, *, images: int, price: Money = FIVE_CENTS, now: float = 1000.0) -> QuotaExceeded:
    with pytest.raises(QuotaExceeded) as caught:
        of.check(images=images, price=price, now=now)
    return caught.value


def test_the_default_rule_is_the_products() -> None:
    assert (DEFAULT.amount, DEFAULT.unit, DEFAULT.per) == (10, Unit.IMAGES, Per.DAY)
    assert (DEFAULT.at_once, DEFAULT.queue, DEFAULT.cooldown) == (2, 10, 0)


def test_the_most_specific_rule_holds() -> None:
    everyone = QuotaRule(amount=100)
    role = QuotaRule(amount=5, subject=Subject(kind=SubjectKind.ROLE, id=7))
    better_role = QuotaRule(amount=6, subject=Subject(kind=SubjectKind.ROLE, id=8))
    user = QuotaRule(amount=1, subject=Subject(kind=SubjectKind.USER, id=42))
    rules = [everyone, better_role, role, user]

    def holds(user_id: int, *role_ids: int) -> QuotaRule:
        return rule_for(rules, user_id=user_id, role_ids=role_ids, default=DEFAULT)

    assert holds(42, 7, 8) == user
    assert holds(1, 7) == role
    assert holds(1, 7, 8, 9) == better_role
    assert holds(1, 9) == everyone
    assert holds(7) == everyone, "a role's id is not a person's"
    assert rule_for([role, user], user_id=1, role_ids=(), default=DEFAULT) == DEFAULT


def test_what_is_left_counts_the_window_and_grants() -> None:
    of = allowance(used=7, granted=4)
    assert (of.used, of.left_in_window, of.left) == (7, 3, 7)
    assert allowance(used=12).left == 0, "a lowered rule leaves nothing, not less than nothing"


def test_a_part_of_a_credit_counts_as_a_whole_one() -> None:
    of = replace(allowance(unit=Unit.CREDITS), usage=Usage(spent=Money(25_000)))
    assert (of.used, of.left) == (3, 7)
    assert of.cost(Money(25_000)) == 3
    assert of.cost(FIVE_CENTS) == 5
    assert of.cost(FREE) == 0


def test_the_window_is_used_before_grants() -> None:
    of = allowance(used=8, granted=5)
    assert of.check(images=4, price=FIVE_CENTS, now=0.0) == [Source.WINDOW] * 2 + [Source.GRANT] * 2
    after = of.after(images=4, price=FIVE_CENTS)
    assert (after.usage.images, after.usage.granted, after.left) == (10, 3, 3)


def test_an_empty_allowance_is_refused_with_all_that_the_sentence_needs() -> None:
    error = refused(allowance(used=9), images=2)
    assert error.key == "refused.quota"
    assert error.values == {
        "left": 1,
        "amount": 10,
        "unit": Unit.IMAGES,
        "per": Per.DAY,
        "needed": 2,
        "resets_at": WINDOW.end,
    }


def test_credits_are_refused_by_their_cost() -> None:
    of = allowance(used=4, unit=Unit.CREDITS)
    assert of.check(images=1, price=FIVE_CENTS, now=0.0) == [Source.WINDOW]
    assert refused(of, images=2).values["needed"] == 10


def test_free_pictures_take_no_credits() -> None:
    of = allowance(used=10, unit=Unit.CREDITS)
    assert of.check(images=4, price=FREE, now=0.0) == [Source.WINDOW] * 4
    assert of.after(images=4, price=FREE).left == of.left == 0


def test_a_cooldown_ends_to_the_second() -> None:
    of = replace(allowance(cooldown=30), usage=Usage(last_at=1000.0))
    error = refused(of, images=1, now=1029.9)
    assert (error.key, error.values) == ("refused.cooldown", {"ready_at": 1030.0})
    assert of.check(images=1, price=FIVE_CENTS, now=1030.0) == [Source.WINDOW]


def test_without_a_cooldown_a_clock_that_goes_back_refuses_nobody() -> None:
    of = replace(allowance(cooldown=0), usage=Usage(last_at=1000.0))
    assert of.check(images=1, price=FIVE_CENTS, now=999.0) == [Source.WINDOW]


def test_the_line_takes_those_at_once_and_those_that_may_wait() -> None:
    of = replace(allowance(at_once=2, queue=1, amount=100), usage=Usage(unfinished=2))
    assert of.check(images=1, price=FIVE_CENTS, now=0.0) == [Source.WINDOW]
    error = refused(of, images=2)
    assert (error.key, error.values) == ("refused.queue_full", {"unfinished": 2, "limit": 3})


@given(ALLOWANCES, st.integers(1, 4), PRICES)
def test_sources_never_exceed_what_is_left(of: Allowance, images: int, price: Money) -> None:
    try:
        sources = of.sources(images=images, price=price)
    except QuotaExceeded:
        assume(False)
        return
    cost = of.cost(price)
    assert len(sources) == images
    assert sources.count(Source.WINDOW) * cost <= of.left_in_window
    assert sources.count(Source.GRANT) * cost <= of.usage.granted


@given(ALLOWANCES, st.integers(1, 4), PRICES)
def test_a_hold_is_refused_only_when_it_does_not_fit(of: Allowance, images: int, price: Money) -> None:
    cost = of.cost(price)
    fits = images if cost == 0 else min(images, of.left_in_window // cost)
    if (images - fits) * cost <= of.usage.granted:
        assert of.sources(images=images, price=price).count(Source.WINDOW) == fits
    else:
        with pytest.raises(QuotaExceeded):
            of.sources(images=images, price=price)


@given(ALLOWANCES, st.lists(st.tuples(st.integers(1, 4), PRICES), max_size=8))
def test_a_row_of_holds_never_oversells(of: Allowance, requests: list[tuple[int, Money]]) -> None:
    first = of
    for images, price in requests:
        try:
            after = of.after(images=images, price=price)
        except QuotaExceeded:
            continue
        assert 0 <= after.left <= of.left
        assert after.usage.unfinished == of.usage.unfinished + images
        of = after
    assert of.usage.granted >= 0
    assert of.used <= max(first.rule.amount, first.used)
