"""Who can serve a request, at what price, and what is changed for it: known before anything is paid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.capabilities import ModelFacts, Naming, ProviderFacts
from bot.domain.errors import InvalidRequest
from bot.domain.money import Money
from bot.domain.plan import (
    NOTE_PIXELS_DROPPED,
    NOTE_SEED_DROPPED,
    NOTE_TAGS_AS_TEXT,
    NOTE_TAGS_BY_PLACE,
    Plan,
    Wishes,
    plan,
)
from bot.domain.references import Reference
from bot.domain.request import SEED_MAX, ImageRequest
from bot.domain.shapes import EXACT_SIZES, SIZES, Model, Ratio, Resolution, Shape, Size
from bot.texts import load_texts

ALL_SEEDS = range(SEED_MAX + 1)
REQUEST = ImageRequest(prompt="a cat", seed=7, seed_chosen=True)
PICTURE = Reference(tag="image1", sha256="ab" * 32)


def model(model: Model = Model.GEN4_IMAGE, *, cents: int = 5, **changes: Any) -> ModelFacts:
    prices = {Resolution.P720: Money.credits(cents), Resolution.P1080: Money.credits(2 * cents)}
    facts = ModelFacts(model=model, sizes=SIZES, exact=EXACT_SIZES, prices=prices, seeds=ALL_SEEDS)
    return replace(facts, **changes)


def provider(name: str, *models: ModelFacts) -> ProviderFacts:
    return ProviderFacts(
        name=name,
        title=name.title(),
        models={facts.model: facts for facts in models},
        concurrency=2,
        poll_interval=5.0,
        typical_seconds=20.0,
    )


def refused(request: ImageRequest, *providers: ProviderFacts) -> str:
    with pytest.raises(InvalidRequest) as caught:
        plan(request, providers)
    assert load_texts().say(caught.value.key, **caught.value.values)
    return caught.value.key


def test_a_shape_becomes_the_providers_pixels_and_price() -> None:
    request = replace(REQUEST, shape=Shape(ratio=Ratio.CINEMA, resolution=Resolution.P1080))
    assert plan(request, [provider("one", model(cents=4))]) == Plan(
        provider="one", size=Size(2112, 912), price=Money.dollars("0.08"), seed_sent=True, notes=()
    )


def test_an_exact_size_goes_only_to_who_makes_it() -> None:
    request = replace(REQUEST, shape=Shape.of_size(Size(1808, 768)))
    poor = provider("poor", model(cents=1, exact={}))
    assert plan(request, [poor, provider("able", model())]).size == Size(1808, 768)
    assert plan(request, [poor, provider("able", model())]).provider == "able"
    assert refused(request, poor) == "refused.no_shape"
    with pytest.raises(InvalidRequest) as caught:
        plan(request, [poor])
    assert caught.value.values["nearest"] == "21:9 720p"


def test_the_cheapest_serves_when_nothing_else_is_said() -> None:
    providers = [provider("dear", model(cents=8)), provider("cheap", model(cents=2))]
    assert plan(REQUEST, providers).provider == "cheap"


def test_the_operators_order_goes_before_the_price_and_the_unnamed_come_last() -> None:
    providers = [provider("dear", model(cents=8)), provider("cheap", model(cents=2)), provider("mid", model(cents=4))]
    assert plan(REQUEST, providers, Wishes(order=("dear", "mid"))).provider == "dear"
    assert plan(REQUEST, providers[1:], Wishes(order=("dear", "mid"))).provider == "mid"


def test_equal_offers_always_go_to_the_same_provider() -> None:
    one, two = provider("one", model()), provider("two", model())
    assert plan(REQUEST, [one, two]) == plan(REQUEST, [two, one])


def test_who_takes_the_chosen_seed_goes_before_order_and_price() -> None:
    without = provider("without", model(cents=1, seeds=None))
    chosen = plan(REQUEST, [without, provider("with", model(cents=9))], Wishes(order=("without",)))
    assert (chosen.provider, chosen.seed_sent, chosen.notes) == ("with", True, ())


@pytest.mark.parametrize("seeds", [None, range(1, 1000)])
def test_a_chosen_seed_that_nobody_takes_is_dropped_and_said(seeds: range | None) -> None:
    request = replace(REQUEST, seed=SEED_MAX)
    chosen = plan(request, [provider("only", model(seeds=seeds))])
    assert not chosen.seed_sent
    assert chosen.notes == (NOTE_SEED_DROPPED,)


def test_a_drawn_seed_that_is_not_taken_is_nothing_to_mention() -> None:
    request = replace(REQUEST, seed_chosen=False)
    chosen = plan(request, [provider("only", model(seeds=None))])
    assert (chosen.seed_sent, chosen.notes) == (False, ())


def test_every_seed_of_a_request_must_be_taken() -> None:
    seeds = provider("few", model(seeds=range(9)))
    assert plan(replace(REQUEST, seed=5, count=4), [seeds]).seed_sent
    assert not plan(replace(REQUEST, seed=6, count=4), [seeds]).seed_sent


@pytest.mark.parametrize(("count", "reason"), [(0, "needs_references"), (1, ""), (2, ""), (3, "too_many_here")])
def test_a_model_takes_only_as_many_references_as_it_says(count: int, reason: str) -> None:
    request = replace(REQUEST, references=(PICTURE,) * count)
    limited = provider("limited", model(min_references=1, max_references=2))
    if reason:
        assert refused(request, limited) == f"refused.{reason}"
    else:
        assert plan(request, [limited]).provider == "limited"


@pytest.mark.parametrize(
    ("limits", "count", "reason"),
    [
        ([(1, 3)], 0, "needs_references"),
        ([(2, 2)], 1, "needs_more"),
        ([(2, 2)], 0, "needs_more"),
        ([(0, 0)], 1, "none_here"),
        ([(0, 0), (1, 1)], 2, "too_many_here"),
        ([(0, 0), (2, 2)], 1, "no_provider_can"),
    ],
)
def test_the_number_of_references_that_would_work_is_told(
    limits: list[tuple[int, int]], count: int, reason: str
) -> None:
    providers = [
        provider(f"service{place}", model(min_references=least, max_references=most))
        for place, (least, most) in enumerate(limits)
    ]
    assert refused(replace(REQUEST, references=(PICTURE,) * count), *providers) == f"refused.{reason}"


def test_the_nearest_shape_is_one_of_a_service_that_takes_the_rest_too() -> None:
    five = {shape: size for shape, size in SIZES.items() if shape[0] is not Ratio.CINEMA}
    narrow = provider("narrow", model(sizes=five))
    with_references = provider("wide", model(min_references=1))
    request = replace(REQUEST, shape=Shape(ratio=Ratio.CINEMA))
    assert refused(request, narrow, with_references) == "refused.no_shape_for_this"
    with pytest.raises(InvalidRequest) as caught:
        plan(request, [narrow, with_references])
    assert caught.value.values["nearest"] == "16:9 720p"
    ratio, resolution = str(caught.value.values["nearest"]).split()
    works = replace(request, shape=Shape(ratio=Ratio(ratio), resolution=Resolution(resolution)))
    assert plan(works, [narrow, with_references]).provider == "narrow"


def test_a_service_that_was_named_and_cannot_names_those_that_can() -> None:
    named = provider("named", model(min_references=1))
    able, off = provider("able", model()), provider("off", model())
    wishes = Wishes(only="named", disabled=("off",))
    with pytest.raises(InvalidRequest) as caught:
        plan(REQUEST, [named, able, off], wishes)
    assert (caught.value.key, caught.value.values) == (
        "refused.only_elsewhere",
        {"service": "Named", "others": "Able"},
    )
    with pytest.raises(InvalidRequest) as caught:
        plan(REQUEST, [named], wishes)
    assert caught.value.key == "refused.needs_references"


def test_nobody_at_all_is_told_apart_from_nobody_with_the_model() -> None:
    turbo = replace(REQUEST, model=Model.GEN4_IMAGE_TURBO, references=(PICTURE,))
    assert refused(REQUEST) == "refused.no_provider"
    assert refused(turbo, provider("plain", model())) == "refused.no_model"


def test_a_model_knows_its_sizes_and_prices() -> None:
    facts = model(sizes={(Ratio.WIDE, Resolution.P720): Size(1280, 720)})
    assert facts.size_of(Shape()) == Size(1280, 720)
    assert facts.size_of(Shape(ratio=Ratio.SQUARE)) is None
    assert facts.size_of(Shape.of_size(Size(1024, 1024))) == Size(1024, 1024)
    assert facts.price_of(Shape()) == Money.dollars("0.05")
    assert facts.price_of(Shape.of_size(Size(1024, 1024))) == Money.dollars("0.10")


def test_a_size_of_which_only_the_ratio_is_sent_is_said() -> None:
    vague = provider("vague", replace(model(cents=1), ratio_only=frozenset({Size(1280, 720)})))
    exact = provider("exact", model(cents=9))
    assert plan(REQUEST, [vague]).notes == (NOTE_PIXELS_DROPPED,)
    assert plan(replace(REQUEST, shape=Shape(ratio=Ratio.TALL)), [vague]).notes == ()
    assert plan(REQUEST, [vague, exact]).provider == "exact"


@pytest.mark.parametrize(
    ("naming", "notes"),
    [(Naming.TAGS, ()), (Naming.PLACES, (NOTE_TAGS_BY_PLACE,)), (Naming.TEXT, (NOTE_TAGS_AS_TEXT,))],
)
def test_what_becomes_of_tags_is_said(naming: Naming, notes: tuple[str, ...]) -> None:
    only = provider("only", replace(model(), naming=naming))
    request = replace(REQUEST, prompt=f"@{PICTURE.tag}", references=(PICTURE,))
    assert plan(request, [only]).notes == notes
    assert plan(replace(request, prompt="nobody"), [only]).notes == ()
