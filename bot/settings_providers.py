"""Every setting of the image services with its default, its limits and what it means."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, SecretStr, model_validator

from bot.settings_values import BaseUrl, Dollars, HostName, Seconds, Section

ProviderName = Literal["runway", "cometapi", "segmind", "wavespeed", "modelslab", "sketch"]


class SketchSettings(Section):
    """The built-in painter: no AI, no network, no cost."""

    enabled: bool | None = None
    """Whether it may be used. Unset: only while no other provider can be."""
    concurrency: int = Field(default=2, ge=1, le=1000)
    """Pictures that are painted at the same time."""
    poll_interval: Seconds = 0.25
    """Least time between two polls of a task, in seconds."""
    folder: str = Field(default="data/sketch", min_length=1)
    """Folder for its tasks."""
    seconds: Seconds = 3.0
    """How long it takes for a picture, in seconds."""


class ServiceSettings(Section):
    """An image service."""

    api_key: SecretStr | None = None
    """API key of the service."""
    base_url: BaseUrl
    """Address of its API."""
    enabled: bool | None = None
    """Whether it may be used. Unset: when it has a key."""
    concurrency: int | None = Field(default=None, ge=1, le=10_000)
    """Tasks that may run there at the same time, at most. Unset: what the account allows where the service tells,
    otherwise 2."""
    poll_interval: Seconds = 5.0
    """Least time between two polls of a task, in seconds."""
    timeout: Seconds = 60.0
    """Longest that one call to the service may take, in seconds."""
    price_720p: Dollars | None = None
    """Price of a picture at 720p in dollars. Unset: the list price."""
    price_1080p: Dollars | None = None
    """Price of a picture at 1080p in dollars. Unset: the list price."""
    price_turbo: Dollars | None = None
    """Price of a picture by the turbo model in dollars. Unset: the list price."""

    @model_validator(mode="after")
    def _has_key(self) -> ServiceSettings:
        if self.enabled and self.api_key is None:
            raise ValueError("enabled is true, but there is no api_key")
        return self

    @property
    def usable(self) -> bool:
        """Whether the operator wants it and gave a key for it."""
        return self.enabled is not False and self.api_key is not None


class RunwaySettings(ServiceSettings):
    """Runway, the maker of Gen-4 Image."""

    base_url: BaseUrl = "https://api.dev.runwayml.com"
    """Address of its API (production; the `.dev.` is part of it)."""
    moderation: Literal["auto", "low"] = "auto"
    """How strict Runway is about recognisable public figures."""
    output_hosts: tuple[HostName, ...] = ("cloudfront.net", "runwayml.com")
    """Hosts that pictures may be fetched from, each with every host below it."""


class CometSettings(ServiceSettings):
    """CometAPI, which passes Gen-4 Image on; references go there as links to Discord's files."""

    base_url: BaseUrl = "https://api.cometapi.com"
    """Address of its API."""
    quota_url: BaseUrl = "https://query.cometapi.com/user/quota"
    """Address that tells the balance; the key is sent in its query."""
    moderation: Literal["auto", "low"] = "auto"
    """How strict it is about recognisable public figures."""
    text_only: bool = False
    """Whether it gets requests without references, which it refuses by its documentation."""
    output_hosts: tuple[HostName, ...] = ("cloudfront.net", "runwayml.com", "cometapi.com")
    """Hosts that pictures may be fetched from, each with every host below it."""


class SegmindSettings(ServiceSettings):
    """Segmind, which passes Gen-4 Image on."""

    base_url: BaseUrl = "https://api.segmind.com"
    """Address of its API."""
    upload_url: BaseUrl = "https://workflows-api.segmind.com"
    """Address that references are uploaded to."""
    history_url: BaseUrl = "https://api.spotprod.segmind.com"
    """Address that tells of past requests."""
    mode: Literal["queue", "direct"] = "queue"
    """Its API of version 2, which queues, or version 1, which keeps the connection open until the picture comes."""
    poll_interval: Seconds = 3.0
    """Least time between two polls of a task, in seconds."""
    submits_per_minute: int = Field(default=5, ge=1, le=100_000)
    """Pictures that the account may order in a minute: 5 when it is a free one."""
    text_only: bool = False
    """Whether it gets requests without references, which it refuses by its documentation."""
    output_hosts: tuple[HostName, ...] = ("segmind.com",)
    """Hosts that pictures may be fetched from, each with every host below it."""


class WaveSpeedSettings(ServiceSettings):
    """WaveSpeedAI, which passes Gen-4 Image on."""

    base_url: BaseUrl = "https://api.wavespeed.ai/api/v3"
    """Address of its API."""
    account_level: Literal["bronze", "silver", "gold", "ultra"] = "bronze"
    """Level of the account: how many tasks it may have at the same time and how many pictures it may order in a
    minute."""
    concurrency: int | None = Field(default=None, ge=1, le=10_000)
    """Tasks that may run there at the same time. Unset: what the account's level allows."""
    poll_interval: Seconds = 2.0
    """Least time between two polls of a task, in seconds."""
    submits_per_minute: int | None = Field(default=None, ge=1, le=100_000)
    """Pictures that the account may order in a minute. Unset: what its level allows."""
    rewrite_tags: bool = True
    """Whether an `@tag` becomes "the first reference image (tag)" in the prompt that is sent: the service knows no
    tags."""
    output_hosts: tuple[HostName, ...] = ("wavespeed.ai", "cloudfront.net")
    """Hosts that pictures may be fetched from, each with every host below it."""


class ModelsLabSettings(ServiceSettings):
    """ModelsLab, which passes Gen-4 Image on. It publishes no prices, so they have to be set here."""

    base_url: BaseUrl = "https://modelslab.com"
    """Address of its API."""
    concurrency: int | None = Field(default=None, ge=1, le=10_000)
    """Tasks that may run there at the same time. Unset: 5, as on its smallest plan."""
    aspect_ratio: Literal["pixels", "labels"] = "pixels"
    """How a shape is sent: as pixels (1920:1080), or as the label that the service prints for it (16:9)."""
    price_720p: Dollars | None = None
    """Price of a picture at 720p in dollars. Needed to use the service."""
    price_1080p: Dollars | None = None
    """Price of a picture at 1080p in dollars. Needed to use the service."""
    price_turbo: Dollars | None = None
    """Price of a picture by the turbo model in dollars. Unset: that model is not offered there."""
    output_hosts: tuple[HostName, ...] = (
        "modelslab.com",
        "modelslab.ai",
        "stablediffusionapi.com",
        "pub-3626123a908346a7a8be8d9295f44e26.r2.dev",
    )
    """Hosts that pictures may be fetched from, each with every host below it."""


class ProvidersSettings(Section):
    """The image services."""

    order: tuple[ProviderName, ...] = ()
    """Which providers are used, in which order. Empty: every one that can be, cheapest capable first."""
    runway: RunwaySettings = RunwaySettings()
    cometapi: CometSettings = CometSettings()
    segmind: SegmindSettings = SegmindSettings()
    wavespeed: WaveSpeedSettings = WaveSpeedSettings()
    modelslab: ModelsLabSettings = ModelsLabSettings()
    sketch: SketchSettings = SketchSettings()

    @model_validator(mode="after")
    def _each_once(self) -> ProvidersSettings:
        if len(set(self.order)) != len(self.order):
            raise ValueError("order names a provider twice")
        return self

    def services(self) -> dict[ProviderName, ServiceSettings]:
        """Every provider with a key of its own, by name."""
        return {name: one for name in get_args(ProviderName) if isinstance(one := getattr(self, name), ServiceSettings)}

    def active(self) -> tuple[ProviderName, ...]:
        """The providers to use: those of `order` when it is given, else all that can be used."""
        usable: list[ProviderName] = [name for name, one in self.services().items() if one.usable]
        wanted = self.sketch.enabled
        if wanted or (wanted is None and (not usable or "sketch" in self.order)):
            usable.append("sketch")
        return tuple(name for name in self.order or usable if name in usable)
