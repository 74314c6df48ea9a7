"""Choosing where a request goes before anything is paid: who can serve it, what it costs, what it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.capabilities import ModelFacts, ProviderFacts
from bot.domain.errors import InvalidRequest
from bot.domain.money import Money
from bot.domain.request import ImageRequest
from bot.domain.shapes import Size

NOTE_SEED_DROPPED = "note.seed_dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where a request goes. `price` is for one picture; `notes` are keys of sentences on what was changed for it."""

    provider: str
    size: Size
    price: Money
    seed_sent: bool
    notes: tuple[str, ...] = ()


def plan(request: ImageRequest, providers: Sequence[ProviderFacts], order: Sequence[str] = ()) -> Plan:
    """The best provider for the request: one that drops nothing before one that must, then by `order`, then by price.

    Raises:
        InvalidRequest: nobody can serve it; the sentence says why.
    """
    if not providers:
        raise InvalidRequest("refused.no_provider")
    offers = [offer for facts in providers if (offer := _offer(request, facts)) is not None]
    if not offers:
        raise InvalidRequest(*_why_nobody(request, providers), shape=str(request.shape), model=str(request.model))
    ranks = {name: rank for rank, name in enumerate(order)}
    return min(offers, key=lambda o: (len(o.notes), ranks.get(o.provider, len(ranks)), o.price, o.provider))


def _offer(request: ImageRequest, facts: ProviderFacts) -> Plan | None:
    model = facts.models.get(request.model)
    if model is None or not model.min_references <= len(request.references) <= model.max_references:
        return None
    size = model.size_of(request.shape)
    if size is None:
        return None
    seed_sent = _takes_seeds(request, model)
    notes = () if seed_sent or not request.seed_chosen else (NOTE_SEED_DROPPED,)
    return Plan(provider=facts.name, size=size, price=model.price_of(request.shape), seed_sent=seed_sent, notes=notes)


def _takes_seeds(request: ImageRequest, model: ModelFacts) -> bool:
    seeds = [request.seed_of(position) for position in range(request.count)]
    return model.seeds is not None and all(seed in model.seeds for seed in seeds)


def _why_nobody(request: ImageRequest, providers: Sequence[ProviderFacts]) -> tuple[str]:
    models = [model for facts in providers if (model := facts.models.get(request.model)) is not None]
    if not models:
        return ("refused.no_model",)
    if all(model.size_of(request.shape) is None for model in models):
        return ("refused.no_shape",)
    return ("refused.no_provider_can",)
