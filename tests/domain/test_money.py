"""Money is exact, and reads as people write dollars."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import FREE, Money

AMOUNTS = st.builds(Money, st.integers(-(10**18), 10**18))


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (50_000, "$0.05"),
        (20_000, "$0.02"),
        (0, "$0.00"),
        (1_000_000, "$1.00"),
        (1_200_000, "$1.20"),
        (2_500, "$0.0025"),
        (1, "$0.000001"),
        (12_345_678_900_000, "$12345678.90"),
        (-50_000, "-$0.05"),
    ],
)
def test_an_amount_reads_as_dollars_with_two_decimals_or_as_many_as_it_has(micros: int, text: str) -> None:
    assert str(Money(micros)) == text


@pytest.mark.parametrize(
    ("written", "micros"), [("0.05", 50_000), ("0.1", 100_000), ("10", 10_000_000), (0.05, 50_000), (0.29, 290_000)]
)
def test_dollars_are_read_exactly(written: float | str, micros: int) -> None:
    assert Money.dollars(written) == Money(micros)


@pytest.mark.parametrize("written", ["", "five", "$5", "nan"])
def test_what_is_no_number_is_no_amount(written: str) -> None:
    with pytest.raises(ValueError):
        Money.dollars(written)


def test_a_credit_is_one_cent() -> None:
    assert Money.credits(5) == Money.dollars("0.05")
    assert Money.credits(2.5) == Money(25_000)


@given(AMOUNTS)
def test_what_is_printed_can_be_read_again(amount: Money) -> None:
    assert Money.dollars(str(amount).replace("$", "")) == amount


@given(AMOUNTS, AMOUNTS, st.integers(0, 1000))
def test_amounts_add_and_multiply_exactly(one: Money, other: Money, times: int) -> None:
    assert one + other - other == one
    assert one * times == sum([one] * times, FREE)
    assert (one < other) == (one.micros < other.micros)
