"""Changing a provider's facts by the operator's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.capabilities import ProviderFacts
from bot.domain.money import Money
from bot.domain.shapes import Model, Resolution

Prices = Mapping[tuple[Model, Resolution], Money]


def override(
    facts: ProviderFacts,
    *,
    concurrency: int | None = None,
    poll_interval: float | None = None,
    prices: Prices | None = None,
) -> ProviderFacts:
    """The facts with what the operator set in place of what is known; a price for something not offered is ignored."""
    models = {
        model: replace(
            known,
            prices={
                resolution: (prices or {}).get((model, resolution), price) for resolution, price in known.prices.items()
            },
        )
        for model, known in facts.models.items()
    }
    return replace(
        facts,
        models=models,
        concurrency=facts.concurrency if concurrency is None else concurrency,
        poll_interval=facts.poll_interval if poll_interval is None else poll_interval,
    )
