"""Whether an order fits what is known of a service, for services that would make something else of a strange one."""

from __future__ import annotations

from bot.domain.capabilities import ProviderFacts
from bot.domain.errors import RequestRefused
from bot.providers.base import Order


def check_order(order: Order, facts: ProviderFacts) -> None:
    """Nothing, for an order that the service can take.

    Raises:
        RequestRefused: model, size, seed or the number of references is none of the service's.
    """
    model = facts.models.get(order.model)
    if model is None or order.size not in {*model.sizes.values(), *model.exact}:
        raise RequestRefused(provider=facts.name, detail=f"{order.model} at {order.size}")
    if not model.min_references <= len(order.references) <= model.max_references:
        raise RequestRefused(provider=facts.name, detail=f"{order.model} with {len(order.references)} references")
    if order.seed is not None and (model.seeds is None or order.seed not in model.seeds):
        raise RequestRefused(provider=facts.name, detail="a seed outside the range")
