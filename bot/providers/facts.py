"""Changing a provider's facts by the operator's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.capabilities import ModelFacts, ProviderFacts
from bot.domain.money import Money
from bot.domain.shapes import Model, Resolution

Prices = Mapping[tuple[Model, Resolution], Money]


def override(
    facts: ProviderFacts,
    *,
    concurrency: int | None = None,
    poll_interval: float | None = None,
    submits_per_minute: int | None = None,
    text_only: bool = False,
    prices: Prices | None = None,
) -> ProviderFacts:
    """The facts with what the operator set in place of what is known.

    `concurrency` becomes a limit of theirs; a price for something not offered is ignored. With `text_only` no model
    needs references, whatever is known.
    """
    return replace(
        facts,
        models={model: _changed(known, prices or {}, text_only=text_only) for model, known in facts.models.items()},
        concurrency=facts.concurrency if concurrency is None else concurrency,
        most_at_once=facts.most_at_once if concurrency is None else concurrency,
        poll_interval=facts.poll_interval if poll_interval is None else poll_interval,
        submits_per_minute=facts.submits_per_minute if submits_per_minute is None else submits_per_minute,
    )


def _changed(known: ModelFacts, prices: Prices, *, text_only: bool) -> ModelFacts:
    offered = known.resolutions()
    given = {
        resolution: prices[known.model, resolution] for resolution in offered if (known.model, resolution) in prices
    }
    least = 0 if text_only else known.min_references
    return replace(known, prices={**known.prices, **given}, min_references=least)
