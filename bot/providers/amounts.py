"""Amounts of money as services write them: numbers, or numbers as text."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import BeforeValidator

from bot.domain.money import Money

_MOST_DOLLARS = 1e9


def dollars(value: object) -> Money:
    """An amount of dollars.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("no amount")
    try:
        amount = float(value)
    except OverflowError:
        raise ValueError("no amount") from None
    if not math.isfinite(amount) or abs(amount) > _MOST_DOLLARS:
        raise ValueError("no amount")
    return Money.dollars(amount)


Dollars = Annotated[Money, BeforeValidator(dollars)]
