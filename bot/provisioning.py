"""Which image services are in use, built from the settings: a new one is one line here."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot.domain.capabilities import ProviderFacts
from bot.domain.errors import ConfigError
from bot.domain.money import Money
from bot.domain.shapes import Model, Resolution
from bot.providers.base import Provider
from bot.providers.cometapi import CometApi
from bot.providers.cometapi_facts import COMETAPI
from bot.providers.facts import override
from bot.providers.http import HttpClient
from bot.providers.modelslab import ModelsLab
from bot.providers.modelslab_facts import MODELSLAB, with_labels
from bot.providers.runway import Runway
from bot.providers.runway_facts import RUNWAY
from bot.providers.segmind import Segmind
from bot.providers.segmind_facts import SEGMIND
from bot.providers.sketch import SKETCH, Sketch
from bot.providers.wavespeed import WaveSpeed
from bot.providers.wavespeed_facts import WAVESPEED, at_level, leaving_tags
from bot.settings import Settings
from bot.settings_providers import (
    CometSettings,
    ModelsLabSettings,
    RunwaySettings,
    SegmindSettings,
    ServiceSettings,
    SketchSettings,
    WaveSpeedSettings,
)


@asynccontextmanager
async def open_providers(settings: Settings, http: HttpClient) -> AsyncGenerator[Mapping[str, Provider]]:
    """The services that can be used, by name."""
    providers: dict[str, Provider] = {}
    async with AsyncExitStack() as stack:
        for name in settings.providers.active():
            if name == "runway":
                providers[name] = _runway(settings.providers.runway, http)
            elif name == "cometapi":
                providers[name] = _cometapi(settings.providers.cometapi, http)
            elif name == "segmind":
                providers[name] = _segmind(settings.providers.segmind, http)
            elif name == "wavespeed":
                providers[name] = _wavespeed(settings.providers.wavespeed, http)
            elif name == "modelslab":
                providers[name] = _modelslab(settings.providers.modelslab, http)
            elif name == "sketch":
                providers[name] = await stack.enter_async_context(_sketch(settings.providers.sketch))
        yield providers


def _runway(settings: RunwaySettings, http: HttpClient) -> Runway:
    return Runway(
        http=http,
        api_key=_key(settings),
        facts=_facts(RUNWAY, settings),
        base_url=settings.base_url,
        moderation=settings.moderation,
        output_hosts=settings.output_hosts,
        timeout=settings.timeout,
    )


def _cometapi(settings: CometSettings, http: HttpClient) -> CometApi:
    return CometApi(
        http=http,
        api_key=_key(settings),
        facts=override(_facts(COMETAPI, settings), text_only=settings.text_only),
        base_url=settings.base_url,
        quota_url=settings.quota_url,
        moderation=settings.moderation,
        output_hosts=settings.output_hosts,
        timeout=settings.timeout,
    )


def _segmind(settings: SegmindSettings, http: HttpClient) -> Segmind:
    known = override(
        _facts(SEGMIND, settings), submits_per_minute=settings.submits_per_minute, text_only=settings.text_only
    )
    return Segmind(
        http=http,
        api_key=_key(settings),
        facts=known,
        base_url=settings.base_url,
        upload_url=settings.upload_url,
        history_url=settings.history_url,
        mode=settings.mode,
        output_hosts=settings.output_hosts,
        timeout=settings.timeout,
    )


def _wavespeed(settings: WaveSpeedSettings, http: HttpClient) -> WaveSpeed:
    known = at_level(WAVESPEED, settings.account_level)
    if not settings.rewrite_tags:
        known = leaving_tags(known)
    return WaveSpeed(
        http=http,
        api_key=_key(settings),
        facts=override(_facts(known, settings), submits_per_minute=settings.submits_per_minute),
        base_url=settings.base_url,
        output_hosts=settings.output_hosts,
        timeout=settings.timeout,
    )


def _modelslab(settings: ModelsLabSettings, http: HttpClient) -> ModelsLab:
    needed = {"price_720p": settings.price_720p, "price_1080p": settings.price_1080p}
    missing = [f"providers.modelslab.{name}" for name, price in needed.items() if price is None]
    if missing:
        raise ConfigError("config.price_missing", provider=MODELSLAB.title, names=" and ".join(missing))
    facts = _facts(with_labels(MODELSLAB) if settings.aspect_ratio == "labels" else MODELSLAB, settings)
    return ModelsLab(
        http=http,
        api_key=_key(settings),
        facts=replace(facts, models={model: known for model, known in facts.models.items() if known.prices}),
        base_url=settings.base_url,
        labels=settings.aspect_ratio == "labels",
        output_hosts=settings.output_hosts,
        timeout=settings.timeout,
    )


def _key(settings: ServiceSettings) -> str:
    assert settings.api_key is not None
    return settings.api_key.get_secret_value()


def _facts(known: ProviderFacts, settings: ServiceSettings) -> ProviderFacts:
    prices = {
        (model, resolution): price
        for model in Model
        for resolution in Resolution
        if (price := _price(settings, model, resolution)) is not None
    }
    return override(known, concurrency=settings.concurrency, poll_interval=settings.poll_interval, prices=prices)


def _price(settings: ServiceSettings, model: Model, resolution: Resolution) -> Money | None:
    if model is Model.GEN4_IMAGE_TURBO:
        dollars = settings.price_turbo
    else:
        dollars = settings.price_720p if resolution is Resolution.P720 else settings.price_1080p
    return None if dollars is None else Money.dollars(str(dollars))


def _sketch(settings: SketchSettings) -> Sketch:
    facts = override(SKETCH, concurrency=settings.concurrency, poll_interval=settings.poll_interval)
    return Sketch(folder=Path(settings.folder), facts=facts, seconds=settings.seconds)
