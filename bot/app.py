"""Opens the studio for those who run it: store, HTTP, providers and services, and closes them again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Final

from bot.assembly import App
from bot.domain.errors import UnusableImage
from bot.domain.quota import QuotaRule
from bot.domain.references import MAX_UPLOAD_BYTES
from bot.domain.retention import Retention
from bot.imaging.decoder import Decoder
from bot.providers.fetching import FetchFailed, FetchFailure, HostRule
from bot.providers.http import HttpClient
from bot.providers.wavespeed_enhancer import WaveSpeedEnhancer
from bot.providers.wavespeed_facts import NAME as WAVESPEED
from bot.provisioning import open_providers
from bot.services.enhancer import ENHANCE_SECONDS, Enhancer
from bot.services.ports import Fetch, Presenter, Refresh, Steps
from bot.services.telling import Posters
from bot.settings import BackupsSettings, ReferencesSettings, Settings
from bot.store.backup_folder import BackupFolder
from bot.store.blobs import open_blobs
from bot.store.database import Database, lock_sqlite
from bot.store.upgrading import upgrade_after_backup

MEBIBYTE: Final = 1024 * 1024

FETCH_SECONDS = 12.0
"""Time to fetch one file of a person: a bad one must be told within 15 s (product.md, section 7)."""


async def no_fresh_link(_: str) -> str | None:
    """Where nobody can be asked for a fresh link."""
    return None


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    presenter: Presenter,
    steps: Steps,
    rule: QuotaRule | None = None,
    posters: Posters | None = None,
    refresh: Refresh = no_fresh_link,
) -> AsyncGenerator[App]:
    """Open everything and bring the database up to date. `rule` replaces the default quota of the settings.

    Without `posters` nothing is told to servers' channels from here. `refresh` renews expired links.

    Raises:
        ConfigError: a setting cannot be used, or another process holds the SQLite file.
    """
    with lock_sqlite(settings.database.url):
        # SQLite gets one connection at a time from this process: versions before 3.51.3 can corrupt a WAL with two.
        await upgrade_after_backup(settings.database.url, backup_folder(settings.backups))
        async with (
            Database.open(settings.database.url) as database,
            HttpClient() as http,
            open_providers(settings, http) as providers,
            open_decoder(settings.references) as decoder,
        ):
            yield App(
                settings=settings,
                database=database,
                blobs=open_blobs(settings.storage.url),
                providers=providers,
                presenter=presenter,
                steps=steps,
                posters=posters,
                rule=rule or settings.quota.default.rule(),
                fetch=attachment_fetch(http, settings.discord.attachment_hosts),
                refresh=refresh,
                decoder=decoder,
                enhancer=prompt_enhancer(settings, http),
            )


def backup_folder(settings: BackupsSettings) -> BackupFolder:
    """Where backups are kept, and for how long."""
    retention = Retention(hourly=settings.hourly, daily=settings.daily, weekly=settings.weekly)
    return BackupFolder(root=Path(settings.folder), retention=retention, upgrades=settings.upgrades)


def attachment_fetch(http: HttpClient, hosts: tuple[str, ...]) -> Fetch:
    """Fetching people's files: only from the configured hosts, without redirects, within size and time."""
    rule = HostRule.of_hosts(hosts)
    keys = {
        FetchFailure.GONE: "image.gone",
        FetchFailure.MOVED: "image.gone",
        FetchFailure.NOT_ALLOWED: "image.link",
        FetchFailure.TOO_LARGE: "image.too_large_bytes",
        FetchFailure.SLOW: "image.slow",
    }

    async def fetch(url: str, file: BinaryIO) -> None:
        try:
            await http.save(
                url, file.write, cap_bytes=MAX_UPLOAD_BYTES, limit_seconds=FETCH_SECONDS, allowed=rule, redirects=0
            )
        except FetchFailed as error:
            key = keys.get(error.reason, "image.unreachable")
            raise UnusableImage(key, limit=MAX_UPLOAD_BYTES, detail=str(error)) from None

    return fetch


@asynccontextmanager
async def open_decoder(settings: ReferencesSettings) -> AsyncGenerator[Decoder]:
    """The process that opens people's files; it starts with the first one."""
    decoder = Decoder(memory=settings.memory * MEBIBYTE)
    try:
        yield decoder
    finally:
        await decoder.aclose()


def prompt_enhancer(settings: Settings, http: HttpClient) -> Enhancer:
    """WaveSpeed's optimiser where that service is in use, else the local one alone."""
    service = settings.providers.wavespeed
    if WAVESPEED not in settings.providers.active() or service.api_key is None:
        return Enhancer()
    remote = WaveSpeedEnhancer(
        http=http,
        api_key=service.api_key.get_secret_value(),
        base_url=service.base_url,
        limit=ENHANCE_SECONDS,
    )
    return Enhancer(remote=remote, name=WAVESPEED)
