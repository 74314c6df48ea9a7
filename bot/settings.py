"""Every setting of the program with its default, its limits and what it means."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from bot.domain.budget import Budget
from bot.domain.money import Money
from bot.domain.quota import Per, QuotaRule, Unit
from bot.settings_providers import ProvidersSettings
from bot.settings_values import BaseUrl, BudgetDollars, DatabaseUrl, HostName, Port, Seconds, Section, StorageUrl


class DiscordSettings(Section):
    """Discord: who the bot is and where it finds Discord."""

    token: SecretStr | None = None
    """Bot token. Without one, `run` starts the playground."""
    api_base: BaseUrl = "https://discord.com/api/v10"
    """Address of Discord's API, or of a rate-limit proxy or a local Discord."""
    cdn_base: BaseUrl = "https://cdn.discordapp.com"
    """Address of Discord's files, where profile pictures are."""
    attachment_hosts: tuple[HostName, ...] = (
        "cdn.discordapp.com",
        "media.discordapp.net",
        "images-ext-1.discordapp.net",
        "images-ext-2.discordapp.net",
    )
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


class ReferencesSettings(Section):
    """Reference pictures that people hand over, or save under names."""

    keep_hours: int = Field(default=168, ge=1, le=87_600)
    """Hours after which a picture that nobody saved or handed over again is deleted."""
    memory: int = Field(default=80, ge=16, le=4096)
    """MiB that opening one picture may take. 80 is enough for 20 million pixels, in a WebP for 4 million."""
    per_person: int = Field(default=50, ge=0, le=10_000)
    """References that one person may save for themselves; 0 for none."""
    per_server: int = Field(default=200, ge=0, le=10_000)
    """References that moderators may save for a server; 0 for none."""


class RetentionSettings(Section):
    """How long it is kept what people asked for and got. Sums stay for good."""

    prompts_days: int = Field(default=0, ge=0, le=36_500)
    """Days that the words of a request are kept; 0 for ever. Without them its buttons cannot repeat it."""
    outputs_days: int = Field(default=90, ge=0, le=36_500)
    """Days that the bot's own copies of finished pictures are kept; those in Discord stay there. 0 for ever."""
    left_days: int = Field(default=7, ge=0, le=36_500)
    """Days until everything of a server goes that removed the bot and did not let it in again. 0 for never."""


class PrivacySettings(Section):
    """What `/privacy` tells people besides what the other settings say."""

    policy_url: BaseUrl | None = None
    """Address of your own privacy policy."""
    contact: str | None = Field(default=None, max_length=200)
    """Who runs this bot and how to reach them, as one line."""


class BudgetSettings(Section):
    """What all servers together may spend: charges, what is held for pictures under way, and losses. In UTC."""

    per_day: BudgetDollars | None = None
    """Dollars that may be spent in a day. Unset: no limit."""
    per_month: BudgetDollars | None = None
    """Dollars that may be spent in a month. Unset: no limit."""

    def budgets(self) -> tuple[Budget, ...]:
        """The same as the domain's budgets."""
        amounts = ((Per.DAY, self.per_day), (Per.MONTH, self.per_month))
        return tuple(Budget(amount=Money.dollars(str(each)), per=per) for per, each in amounts if each is not None)


class JobsSettings(Section):
    """How long the steps of a job may take, in seconds."""

    lease: Seconds = 30.0
    """A job whose process was silent for so long is taken over by another."""
    deadline: Seconds = 900.0
    """A picture that takes longer is told to be late; it is still delivered when it comes."""
    shutdown: float = Field(default=8.0, gt=0, le=9)
    """Running steps may take so long to finish when the program is told to stop."""


class BackupsSettings(Section):
    """Backups of the database. Pictures are not in them."""

    folder: str = Field(default="data/backups", min_length=1)
    """Folder that they are kept in."""
    every: float = Field(default=3600.0, ge=0, le=604_800)
    """Seconds between two automatic backups of a SQLite database; 0 for none."""
    hourly: int = Field(default=24, ge=0, le=10_000)
    """Hours whose last automatic backup is kept."""
    daily: int = Field(default=7, ge=0, le=10_000)
    """Days whose last automatic backup is kept."""
    weekly: int = Field(default=4, ge=0, le=10_000)
    """Weeks whose last automatic backup is kept."""
    upgrades: int = Field(default=3, ge=1, le=10_000)
    """How many backups from before an upgrade of the tables are kept."""


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
    references: ReferencesSettings = ReferencesSettings()
    retention: RetentionSettings = RetentionSettings()
    privacy: PrivacySettings = PrivacySettings()
    budget: BudgetSettings = BudgetSettings()
    jobs: JobsSettings = JobsSettings()
    backups: BackupsSettings = BackupsSettings()
    http: HttpSettings = HttpSettings()
    playground: PlaygroundSettings = PlaygroundSettings()
    log: LogSettings = LogSettings()
