"""Choosing where a request goes before anything is paid: who can serve it, what it costs, what it changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.domain.capabilities import ModelFacts, Naming, ProviderFacts
from bot.domain.errors import InvalidRequest
from bot.domain.money import Money
from bot.domain.references import mentioned_tags
from bot.domain.request import ImageRequest
from bot.domain.shapes import SIZES, Size

NOTE_SEED_DROPPED = "note.seed_dropped"
NOTE_SHAPE_DROPPED = "note.shape_dropped"
NOTE_PIXELS_DROPPED = "note.pixels_dropped"
NOTE_SIZE_CHANGED = "note.size_changed"
NOTE_TAGS_AS_TEXT = "note.tags_as_text"
NOTE_TAGS_BY_PLACE = "note.tags_by_place"
NOTE_PADDED = "note.padded"
NOTE_SHRUNK = "note.shrunk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where a request goes. `price` is for one picture; `notes` are keys of sentences on what was changed for it."""

    provider: str
    size: Size
    price: Money
    seed_sent: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Who may be asked: `only` by the person's choice, `order` and `disabled` by server and operator.

    `at_most` is the price that must not be passed, for a request whose quota is already held.
    """

    only: str | None = None
    order: Sequence[str] = ()
    disabled: Collection[str] = ()
    at_most: Money | None = None


def plan(request: ImageRequest, providers: Sequence[ProviderFacts], wishes: Wishes | None = None) -> Plan:
    """The best provider for the request: one that changes nothing before one that must, then by order, then by price.

    Raises:
        InvalidRequest: nobody can serve it; the sentence says why, and what would work where something does.
    """
    wishes = wishes or Wishes()
    allowed = [facts for facts in providers if facts.name not in wishes.disabled]
    if wishes.only is not None:
        allowed = [facts for facts in allowed if facts.name == wishes.only]
        if not allowed:
            raise InvalidRequest("refused.provider_off", provider=wishes.only)
    if not allowed:
        raise InvalidRequest("refused.no_provider")
    offers = [offer for facts in allowed if (offer := _offer(request, facts)) is not None]
    if wishes.at_most is not None:
        offers = [offer for offer in offers if offer.price <= wishes.at_most]
    if not offers:
        elsewhere = [facts for facts in providers if facts.name not in wishes.disabled and _offer(request, facts)]
        raise _refusal(request, allowed, elsewhere if wishes.only is not None else ())
    ranks = {name: rank for rank, name in enumerate(wishes.order)}
    return min(offers, key=lambda o: (len(o.notes), ranks.get(o.provider, len(ranks)), o.price, o.provider))


def _offer(request: ImageRequest, facts: ProviderFacts) -> Plan | None:
    model = facts.models.get(request.model)
    if model is None or not model.min_references <= len(request.references) <= model.max_references:
        return None
    size = model.size_of(request.shape)
    if size is None:
        return None
    seed_sent = _takes_seeds(request, model)
    return Plan(
        provider=facts.name,
        size=size,
        price=model.price_of(request.shape),
        seed_sent=seed_sent,
        notes=tuple(_changes(request, model, size, seed_sent=seed_sent)),
    )


def _changes(request: ImageRequest, model: ModelFacts, size: Size, *, seed_sent: bool) -> Iterator[str]:
    """What the provider does otherwise than asked, as keys of sentences."""
    if request.seed_chosen and not seed_sent:
        yield NOTE_SEED_DROPPED
    if model.shapeless:
        yield NOTE_SHAPE_DROPPED
    elif size in model.ratio_only:
        yield NOTE_PIXELS_DROPPED
    elif request.shape.size is None and size != SIZES[request.shape.ratio, request.shape.resolution]:
        yield NOTE_SIZE_CHANGED
    tags = {reference.tag for reference in request.references}
    if model.naming is not Naming.TAGS and tags & set(mentioned_tags(request.prompt)):
        yield NOTE_TAGS_BY_PLACE if model.naming is Naming.PLACES else NOTE_TAGS_AS_TEXT


def _takes_seeds(request: ImageRequest, model: ModelFacts) -> bool:
    seeds = [request.seed_of(position) for position in range(request.count)]
    return model.seeds is not None and all(seed in model.seeds for seed in seeds)


def _refusal(
    request: ImageRequest, asked: Sequence[ProviderFacts], elsewhere: Sequence[ProviderFacts]
) -> InvalidRequest:
    """Why none of those that may be asked can serve it, and what would work."""
    if elsewhere:
        others = ", ".join(facts.title for facts in elsewhere)
        return InvalidRequest("refused.only_elsewhere", service=asked[0].title, others=others)
    models = [model for facts in asked if (model := facts.models.get(request.model)) is not None]
    if not models:
        return InvalidRequest("refused.no_model", model=str(request.model))
    count = len(request.references)
    least, most = min(model.min_references for model in models), max(model.max_references for model in models)
    fitting = [model for model in models if model.min_references <= count <= model.max_references]
    if nearest := _nearest_shape(request, fitting):
        nobody = all(model.size_of(request.shape) is None for model in models)
        key = "refused.no_shape" if nobody else "refused.no_shape_for_this"
        return InvalidRequest(key, shape=str(request.shape), nearest=nearest)
    if count < least:
        return InvalidRequest("refused.needs_references" if least == 1 else "refused.needs_more", least=least)
    if count > most:
        return InvalidRequest("refused.too_many_here" if most else "refused.none_here", most=most)
    return InvalidRequest("refused.no_provider_can", least=least, most=most)


def _nearest_shape(request: ImageRequest, models: Sequence[ModelFacts]) -> str:
    """The offered shape whose sides differ least from the one asked for; empty when there is none."""
    wanted = request.shape.size or SIZES[request.shape.ratio, request.shape.resolution]
    offered = {size: f"{ratio} {resolution}" for model in models for (ratio, resolution), size in model.sizes.items()}
    if not offered:
        return ""
    return offered[min(offered, key=lambda s: abs(s.width - wanted.width) + abs(s.height - wanted.height))]
