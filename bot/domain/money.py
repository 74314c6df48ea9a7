"""Money in integer micro-dollars: exact to add, easy to print."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

MICROS_PER_DOLLAR = 1_000_000
MICROS_PER_CREDIT = 10_000
"""One credit is one US cent, as at Runway (docs.dev.runwayml.com, pricing)."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of US dollars in micro-dollars; may be negative as a difference, never as a price."""

    micros: int

    @classmethod
    def dollars(cls, amount: float | str) -> Money:
        """`Money.dollars("0.05")`; text is exact, a float is rounded to the nearest micro-dollar.

        Raises:
            ValueError: no number.
        """
        try:
            return cls(round(Decimal(amount) * MICROS_PER_DOLLAR))
        except InvalidOperation:
            raise ValueError(f"no amount of dollars: {amount!r}") from None

    @classmethod
    def credits(cls, amount: float) -> Money:
        """An amount of the provider's credits (1 credit = $0.01)."""
        return cls(round(amount * MICROS_PER_CREDIT))

    def __add__(self, other: Money) -> Money:
        return Money(self.micros + other.micros)

    def __sub__(self, other: Money) -> Money:
        return Money(self.micros - other.micros)

    def __mul__(self, times: int) -> Money:
        return Money(self.micros * times)

    def __str__(self) -> str:
        """`$0.05`; more decimals only when the amount has them (`$0.0025`)."""
        sign, micros = ("-", -self.micros) if self.micros < 0 else ("", self.micros)
        whole, rest = divmod(micros, MICROS_PER_DOLLAR)
        decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
        return f"{sign}${whole}.{decimals}"


FREE = Money(0)
