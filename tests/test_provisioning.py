"""From settings to services: keys, prices, limits and addresses reach the adapters, and what is missing is told."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.capabilities import Naming
from bot.domain.errors import ConfigError
from bot.domain.money import Money
from bot.domain.shapes import Model, Resolution, Shape
from bot.providers.base import Providers
from bot.providers.http import HttpClient
from bot.provisioning import open_providers
from bot.settings import Settings
from bot.texts import load_texts

PRICES = {"price_720p": "0.06", "price_1080p": "0.09"}


async def opened(**services: dict[str, Any]) -> Providers:
    tables = {name: {"api_key": "canary-key", **table} for name, table in services.items()}
    settings = Settings.model_validate({"providers": tables})
    async with HttpClient() as http, open_providers(settings, http) as providers:
        return dict(providers)


@pytest.mark.parametrize("name", ["runway", "cometapi", "segmind", "wavespeed", "modelslab"])
async def test_a_service_with_a_key_can_be_used(name: str) -> None:
    limits: dict[str, Any] = {"concurrency": 7, "poll_interval": 9.5, "price_720p": "0.06", "price_1080p": "0.09"}
    providers = await opened(**{name: limits})
    facts = providers[name].facts
    assert list(providers) == [name]
    assert (facts.name, facts.concurrency, facts.poll_interval) == (name, 7, 9.5)
    assert facts.models[Model.GEN4_IMAGE].prices[Resolution.P720] == Money.dollars("0.06")
    assert "canary-key" not in repr(providers)


async def test_everything_offered_has_a_price() -> None:
    prices = {**PRICES, "price_turbo": "0.03"}
    providers = await opened(runway={}, cometapi={}, segmind={}, wavespeed={}, modelslab=prices)
    assert len(providers) == 5
    for provider in providers.values():
        for model in provider.facts.models.values():
            shapes = [Shape(ratio=ratio, resolution=resolution) for ratio, resolution in model.sizes]
            shapes += [Shape.of_size(size) for size in model.exact]
            assert all(model.price_of(shape) > Money(0) for shape in shapes)


async def test_the_pace_of_submissions_is_the_operators() -> None:
    providers = await opened(wavespeed={"submits_per_minute": 500}, segmind={})
    assert providers["wavespeed"].facts.submits_per_minute == 500
    assert providers["segmind"].facts.submits_per_minute == 5
    assert (await opened(wavespeed={}))["wavespeed"].facts.submits_per_minute == 2


@pytest.mark.parametrize(
    ("level", "limits"),
    [("bronze", (2, 2)), ("silver", (300, 500)), ("gold", (3000, 3000)), ("ultra", (10_000, 5000))],
)
async def test_wavespeeds_limits_are_those_of_the_accounts_level(level: str, limits: tuple[int, int]) -> None:
    facts = (await opened(wavespeed={"account_level": level}))["wavespeed"].facts
    assert (facts.concurrency, facts.submits_per_minute) == limits
    own = {"account_level": level, "concurrency": 1, "submits_per_minute": 7}
    facts = (await opened(wavespeed=own))["wavespeed"].facts
    assert (facts.concurrency, facts.most_at_once, facts.submits_per_minute) == (1, 1, 7)


@pytest.mark.parametrize(("rewrite", "naming"), [(True, Naming.PLACES), (False, Naming.TEXT)])
async def test_the_operator_says_what_becomes_of_tags_at_wavespeed(rewrite: bool, naming: Naming) -> None:
    facts = (await opened(wavespeed={"rewrite_tags": rewrite}))["wavespeed"].facts
    assert {model.naming for model in facts.models.values()} == {naming}


@pytest.mark.parametrize("given", [{}, {"price_720p": "0.06"}, {"price_1080p": "0.09"}, {"price_turbo": "0.03"}])
async def test_modelslab_is_not_used_without_its_prices(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        await opened(modelslab=given)
    sentence = load_texts().say(caught.value.key, **caught.value.values)
    for name in PRICES:
        assert (f"providers.modelslab.{name}" in sentence) is (name not in given)


async def test_shapes_that_share_a_label_at_modelslab_are_not_promised() -> None:
    by_pixels = (await opened(modelslab=PRICES))["modelslab"].facts.models[Model.GEN4_IMAGE]
    by_label = (await opened(modelslab={**PRICES, "aspect_ratio": "labels"}))["modelslab"].facts.models[
        Model.GEN4_IMAGE
    ]
    assert not by_pixels.ratio_only
    assert {str(size) for size in by_label.ratio_only} == {
        *("1920:1080", "1280:720", "1080:1920", "720:1280", "1080:1440", "720:960")
    }


async def test_modelslabs_turbo_is_offered_for_a_price_only() -> None:
    without = (await opened(modelslab=PRICES))["modelslab"].facts.models
    with_price = (await opened(modelslab={**PRICES, "price_turbo": "0.03"}))["modelslab"].facts.models
    assert set(without) == {Model.GEN4_IMAGE}
    assert set(with_price[Model.GEN4_IMAGE_TURBO].prices.values()) == {Money.dollars("0.03")}
