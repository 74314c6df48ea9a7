"""Runs the bot: logs in, registers the commands, serves the gateway, and carries jobs on until told to stop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

from bot.app import backup_folder, open_app
from bot.assembly import App
from bot.discord_ui.cards import Cards
from bot.discord_ui.client import AtelierClient, point_at
from bot.discord_ui.connection import Connection
from bot.discord_ui.desk import Desk
from bot.discord_ui.galleries import Galleries, GalleryCards
from bot.discord_ui.links import Links
from bot.discord_ui.log_channels import LogCards, LogChannels
from bot.discord_ui.posting import Posting
from bot.discord_ui.presenter import DiscordPresenter
from bot.discord_ui.setup import Services, dress
from bot.discord_ui.starts import Recall, Remember, Starts
from bot.discord_ui.wording import Wording
from bot.domain.errors import ConfigError, Trouble
from bot.health import Check, HealthServer, NotReady
from bot.services.backups import keep_backups
from bot.services.ports import NoSteps, Steps
from bot.services.storage_watch import StorageWatch, watched
from bot.services.telling import Posters
from bot.settings import Settings
from bot.store.blobs import blob_folder
from bot.store.database import Database
from bot.store.marks import MarkStore
from bot.store.urls import database_url, sqlite_file
from bot.texts import load_texts

log = logging.getLogger(__name__)

Say = Callable[[str], None]

COMMANDS_MARK, STARTS_MARK = "commands", "starts"

_REASONS = {
    f"storage.{Trouble.FULL}": "the disk is full",
    f"storage.{Trouble.LOCKED}": "another program holds the database's file",
    f"storage.{Trouble.UNAVAILABLE}": "the storage cannot be written",
}


async def run_bot(settings: Settings, *, stop: asyncio.Event, say: Say, steps: Steps | None = None) -> int:
    """Run the bot until `stop` is set; `say` is told once people can use it.

    Raises:
        ConfigError: token, database or another setting cannot be used.
    """
    token = settings.discord.token
    if token is None:
        raise ConfigError("config.no_token")
    point_at(settings.discord.api_base, settings.discord.cdn_base)
    texts = load_texts()
    client = AtelierClient(guild_id=settings.discord.guild_id)
    cards = Cards(texts=texts, wording=Wording(texts=texts))
    posting = Posting(client=client, cards=cards, clock=time.time)
    presenter = DiscordPresenter(client=client, cards=cards, clock=time.time, posting=posting)
    channels = LogChannels(client=client, cards=LogCards(texts=texts, wording=cards.wording))
    opened = open_app(
        settings,
        presenter=presenter,
        steps=steps or NoSteps(),
        posters=Posters(log=channels, gallery=Galleries(client=client, cards=GalleryCards(cards=cards))),
        refresh=Links(client=client).fresh,
    )
    async with opened as app, client:
        desk = dress(client, _services(app), texts=texts, presenter=presenter, channels=channels)
        connection = _connection(client, token.get_secret_value(), app.database)
        backups = settings.backups
        async with (
            HealthServer.open(settings.http, checks=_checks(client, app.database)),
            watched(_watch(app, settings)),
            keep_backups(app.database, settings.database.url, backup_folder(backups), every=backups.every),
        ):
            await _serve(client, app, connection, desk, stop, say)
    return 0


def _services(app: App) -> Services:
    return Services(
        submissions=app.submissions,
        cancelling=app.cancelling,
        deleting=app.deleting,
        results=app.results,
        opinions=app.opinions,
        leaderboard=app.leaderboard,
        reporting=app.reporting,
        quotas=app.quotas,
        queue=app.queue,
        drafting=app.drafting,
        providers=app.services,
        moderation=app.moderation,
        trail=app.trail,
        usage=app.usage,
        choices=app.choices,
        budgets=app.budgets,
        library=app.library,
        forms=app.forms,
        lookup=app.lookup,
        exporting=app.exporting,
        erasing=app.erasing,
        departures=app.departures,
        promise=app.promise,
    )


def _connection(client: AtelierClient, token: str, database: Database) -> Connection:
    marks = MarkStore()

    def mark(name: str) -> tuple[Recall, Remember]:
        async def recall() -> str | None:
            return await database.read(lambda tx: marks.get(tx, name))

        async def remember(value: str) -> None:
            await database.write(lambda tx: marks.put(tx, name, value))

        return recall, remember

    recall, remember = mark(STARTS_MARK)
    starts = Starts(client=client, recall=recall, remember=remember, clock=time.time)
    client.may_start = starts.spend
    recall, remember = mark(COMMANDS_MARK)
    return Connection(client=client, token=token, starts=starts, recall=recall, remember=remember)


def _watch(app: App, settings: Settings) -> StorageWatch:
    file = sqlite_file(database_url(settings.database.url))
    folders = [file.parent] if file is not None else []
    folders.append(blob_folder(settings.storage.url))
    return StorageWatch(database=app.database, folders=folders, clock=time.time, mended=app.signals.changed)


def _checks(client: AtelierClient, database: Database) -> Mapping[str, Check]:
    async def gateway() -> bool:
        return client.is_ready()

    async def store() -> bool:
        if database.standing.trouble is not None:
            raise NotReady(_REASONS[database.standing.trouble])
        await database.read(lambda tx: MarkStore().get(tx, COMMANDS_MARK))
        return True

    return {"gateway": gateway, "database": store}


async def _serve(
    client: AtelierClient, app: App, connection: Connection, desk: Desk, stop: asyncio.Event, say: Say
) -> None:
    """Jobs go on whatever Discord does; all ends when `stop` is set or one part fails."""
    holding = asyncio.create_task(connection.hold(), name="gateway")
    work = asyncio.create_task(app.scheduler.run(stop), name="scheduler")
    others = [
        asyncio.create_task(_announce(client, say), name="ready"),
        asyncio.create_task(stop.wait(), name="stop"),
        asyncio.create_task(client.refusals.bad_token.wait(), name="token"),
    ]
    try:
        await asyncio.wait({holding, work, *others[1:]}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        await asyncio.gather(work, _leave(client, desk), return_exceptions=True)
        await client.close()
        for task in (holding, *others):
            task.cancel()
        await asyncio.gather(holding, *others, return_exceptions=True)
    for task in (holding, work):
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
    if client.refusals.bad_token.is_set():
        raise ConfigError("config.bad_token")


async def _leave(client: AtelierClient, desk: Desk) -> None:
    """Hear no more, and finish the answers that are being made."""
    await asyncio.gather(*(shard.disconnect() for shard in client.shards.values()))
    await desk.quiet()


async def _announce(client: AtelierClient, say: Say) -> None:
    await client.wait_until_ready()
    log.info("online as %s", client.user)
    say(f"Atelier is online as {client.user}.")
