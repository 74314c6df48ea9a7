"""What operators set for CometAPI and Segmind reaches the adapters."""

from __future__ import annotations

import pytest

from bot.domain.money import Money
from bot.domain.shapes import Model, Resolution
from bot.providers.http import HttpClient
from bot.provisioning import open_providers
from bot.settings import Settings


@pytest.mark.parametrize("text_only", [False, True])
async def test_the_operators_settings_reach_both_services(http: HttpClient, text_only: bool) -> None:
    common = {"api_key": "canary-key-5150", "price_720p": "0.5", "text_only": text_only}
    segmind = {"mode": "direct", "submits_per_minute": 50, "poll_interval": 9}
    settings = Settings.model_validate({"providers": {"cometapi": common, "segmind": common | segmind}})
    async with open_providers(settings, http) as providers:
        facts = {name: provider.facts for name, provider in providers.items()}
        shown = repr(list(providers.values()))
    assert list(facts) == ["cometapi", "segmind"]
    assert (facts["segmind"].submits_per_minute, facts["segmind"].poll_interval) == (50, 9)
    for known in facts.values():
        model = known.models[Model.GEN4_IMAGE]
        assert model.prices[Resolution.P720] == Money.dollars("0.5")
        assert model.min_references == (0 if text_only else 1)
    assert "mode='direct'" in shown
    assert "canary-key-5150" not in shown
