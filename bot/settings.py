"""Every setting of the program with its default, its limits and what it means."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from bot.domain.quota import Per, QuotaRule, Unit
from bot.settings_values import BaseUrl, DatabaseUrl, Dollars, HostName, Port, Seconds, StorageUrl

ProviderName = Literal["runway", "cometapi", "segmind", "wavespeed", "modelslab", "sketch"]


class Section(BaseModel):
    """A table of settings: frozen, and closed to names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)


class DiscordSettings(Section):
    """Discord: who the bot is and where it finds Discord."""

    token: SecretStr | None = None
    """Bot token. Without one, `run` starts the playground."""
    api_base: BaseUrl = "https://discord.com/api/v10"
    """Address of Discord's API, or of a rate-limit proxy or a local Discord."""
    attachment_hosts: tuple[HostName, ...] = ("cdn.discordapp.com", "media.discordapp.net")
    """Hosts that attachments may be fetched from: names without port; http only for loopback."""
    guild_id: int | None = Field(default=None, gt=0)
    """Register the commands in this one server only, where they show at once (for development)."""


class DatabaseSettings(Section):
    """Where requests, jobs and the ledger are kept."""

    url: DatabaseUrl = "sqlite+aiosqlite:///data/atelier.db"
    """`sqlite+aiosqlite:///file` or `postgresql+asyncpg://user:password@host/name`."""


class StorageSettings(Section):
    """Where pictures are kept."""

    url: StorageUrl = "file:data/blobs"
    """`file:folder`."""


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
    concurrency: int = Field(default=2, ge=1, le=1000)
    """Tasks that may run there at the same time."""
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
    """CometAPI. This release keeps its settings but cannot use it yet."""

    base_url: BaseUrl = "https://api.cometapi.com"
    """Address of its API."""


class SegmindSettings(ServiceSettings):
    """Segmind. This release keeps its settings but cannot use it yet."""

    base_url: BaseUrl = "https://api.segmind.com"
    """Address of its API."""


class WaveSpeedSettings(ServiceSettings):
    """WaveSpeedAI, which passes Gen-4 Image on."""

    base_url: BaseUrl = "https://api.wavespeed.ai/api/v3"
    """Address of its API."""
    poll_interval: Seconds = 2.0
    """Least time between two polls of a task, in seconds."""
    submits_per_minute: int = Field(default=2, ge=1, le=100_000)
    """Pictures that the account may order in a minute: 2 at its lowest level."""
    output_hosts: tuple[HostName, ...] = ("wavespeed.ai", "cloudfront.net")
    """Hosts that pictures may be fetched from, each with every host below it."""


class ModelsLabSettings(ServiceSettings):
    """ModelsLab. This release keeps its settings but cannot use it yet."""

    base_url: BaseUrl = "https://modelslab.com"
    """Address of its API."""


class ProvidersSettings(Section):
    """The image services."""

    implemented: ClassVar[tuple[ProviderName, ...]] = ("runway", "wavespeed", "sketch")

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
        usable: list[ProviderName] = [
            name for name, one in self.services().items() if one.usable and name in self.implemented
        ]
        wanted = self.sketch.enabled
        if wanted or (wanted is None and (not usable or "sketch" in self.order)):
            usable.append("sketch")
        return tuple(name for name in self.order or usable if name in usable)


class QuotaRuleSettings(Section):
    """What everyone may make who has no rule of their own."""

    amount: int = Field(default=10, ge=0, le=1_000_000)
    """Units that a person may use."""
    unit: Unit = Unit.IMAGES
    """What is counted. A credit is $0.01 of price."""
    per: Per = Per.DAY
    """The calendar window that `amount` is for."""
    at_once: int = Field(default=2, ge=1, le=1000)
    """Pictures of one person that are made at the same time."""
    queue: int = Field(default=10, ge=0, le=1000)
    """Further pictures of one person that wait in line; beyond that they are refused."""
    cooldown: int = Field(default=0, ge=0, le=86_400)
    """Least time between two requests of one person, in seconds."""

    def rule(self) -> QuotaRule:
        """The same as the domain's rule for everyone."""
        return QuotaRule(
            amount=self.amount,
            unit=self.unit,
            per=self.per,
            at_once=self.at_once,
            queue=self.queue,
            cooldown=self.cooldown,
        )


class QuotaSettings(Section):
    """What people may spend."""

    default: QuotaRuleSettings = QuotaRuleSettings()


class JobsSettings(Section):
    """How long the steps of a job may take, in seconds."""

    lease: Seconds = 30.0
    """A job whose process was silent for so long is taken over by another."""
    deadline: Seconds = 900.0
    """A picture that takes longer is told to be late; it is still delivered when it comes."""
    shutdown: float = Field(default=8.0, gt=0, le=9)
    """Running steps may take so long to finish when the program is told to stop."""


class HttpSettings(Section):
    """The health server with /livez and /readyz."""

    host: str = Field(default="127.0.0.1", min_length=1)
    """Address that it listens on."""
    port: Port = 8090
    """Port that it listens on; 0 for any that is free."""


class PlaygroundSettings(Section):
    """The local Discord with its page in the browser. It listens on 127.0.0.1 only."""

    port: Port = 8123
    """Port of the page; 0 for any that is free."""
    folder: str = Field(default="data/playground", min_length=1)
    """Folder for its own database and pictures."""
    open_browser: bool = True
    """Whether to open the page in a browser tab."""


class LogSettings(Section):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important line to write."""
    format: Literal["auto", "console", "json"] = "auto"
    """Lines for people or for machines; `auto` is for people on a terminal."""


class Settings(Section):
    """Atelier's settings. An environment variable `BOT_SECTION__NAME` wins over this file."""

    discord: DiscordSettings = DiscordSettings()
    database: DatabaseSettings = DatabaseSettings()
    storage: StorageSettings = StorageSettings()
    providers: ProvidersSettings = ProvidersSettings()
    quota: QuotaSettings = QuotaSettings()
    jobs: JobsSettings = JobsSettings()
    http: HttpSettings = HttpSettings()
    playground: PlaygroundSettings = PlaygroundSettings()
    log: LogSettings = LogSettings()
