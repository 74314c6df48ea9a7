"""Runs the bot: logs in, registers the commands, serves the gateway, and carries jobs on until told to stop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

import discord

from bot.app import open_app
from bot.assembly import App
from bot.discord_ui.cards import Cards
from bot.discord_ui.client import AtelierClient, point_at
from bot.discord_ui.log_channels import LogCards, LogChannels
from bot.discord_ui.presenter import DiscordPresenter
from bot.discord_ui.setup import Services, dress
from bot.discord_ui.wording import Wording
from bot.domain.errors import ConfigError
from bot.health import Check, HealthServer
from bot.services.ports import NoSteps, Steps
from bot.settings import Settings
from bot.store.database import Database
from bot.store.marks import MarkStore
from bot.texts import load_texts

log = logging.getLogger(__name__)

Say = Callable[[str], None]

COMMANDS_MARK = "commands"
HOPELESS_CODES = frozenset({4004, 4013, 4014})
"""Close codes after which connecting again is of no use: bad token, invalid or disallowed intents."""


async def run_bot(settings: Settings, *, stop: asyncio.Event, say: Say, steps: Steps | None = None) -> int:
    """Run the bot until `stop` is set; `say` is told once people can use it.

    Raises:
        ConfigError: token, database or another setting cannot be used.
    """
    token = settings.discord.token
    if token is None:
        raise ConfigError("config.no_token")
    point_at(settings.discord.api_base)
    texts = load_texts()
    client = AtelierClient(guild_id=settings.discord.guild_id)
    cards = Cards(texts=texts, wording=Wording(texts=texts))
    presenter = DiscordPresenter(client=client, cards=cards, clock=time.time)
    channels = LogChannels(client=client, cards=LogCards(texts=texts, wording=cards.wording))
    opened = open_app(settings, presenter=presenter, steps=steps or NoSteps(), poster=channels)
    async with opened as app, client:
        services = Services(
            submissions=app.submissions,
            cancelling=app.cancelling,
            quotas=app.quotas,
            queue=app.queue,
            drafting=app.drafting,
            providers=app.services,
            moderation=app.moderation,
            choices=app.choices,
        )
        dress(client, services, texts=texts, presenter=presenter, channels=channels)
        await _log_in(client, token.get_secret_value())
        await _register(client, app.database)
        async with HealthServer.open(settings.http, checks=_checks(client, app.database)):
            await _serve(client, app, stop, say)
    return 0


async def _log_in(client: AtelierClient, token: str) -> None:
    try:
        await client.login(token)
    except discord.LoginFailure as error:
        raise ConfigError("config.bad_token") from error


async def _register(client: AtelierClient, database: Database) -> None:
    marks = MarkStore()

    async def remembered() -> str | None:
        return await database.read(lambda tx: marks.get(tx, COMMANDS_MARK))

    async def remember(mark: str) -> None:
        await database.write(lambda tx: marks.put(tx, COMMANDS_MARK, mark))

    await client.register(remembered, remember)


def _checks(client: AtelierClient, database: Database) -> Mapping[str, Check]:
    async def gateway() -> bool:
        return client.is_ready()

    async def store() -> bool:
        await database.read(lambda tx: MarkStore().get(tx, COMMANDS_MARK))
        return True

    return {"gateway": gateway, "database": store}


async def _serve(client: AtelierClient, app: App, stop: asyncio.Event, say: Say) -> None:
    """Jobs go on as soon as REST works, whatever the gateway does; all ends when `stop` is set or one part fails."""
    connection = asyncio.create_task(client.connect(), name="gateway")
    work = asyncio.create_task(app.scheduler.run(stop), name="scheduler")
    others = [
        asyncio.create_task(_announce(client, say), name="ready"),
        asyncio.create_task(stop.wait(), name="stop"),
    ]
    try:
        await asyncio.wait({connection, work, others[1]}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        await asyncio.gather(work, return_exceptions=True)
        await client.close()
        for task in (connection, *others):
            task.cancel()
        await asyncio.gather(connection, *others, return_exceptions=True)
    for task in (connection, work):
        if not task.cancelled() and (error := task.exception()) is not None:
            raise _hopeless(error) from error


def _hopeless(error: BaseException) -> BaseException:
    """What only the operator can mend ends with the sentence of a wrong setting; the rest as it is."""
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return ConfigError("config.bad_token")
    if isinstance(error, discord.ConnectionClosed) and error.code in HOPELESS_CODES:
        return ConfigError("config.bad_token")
    return error


async def _announce(client: AtelierClient, say: Say) -> None:
    await client.wait_until_ready()
    log.info("online as %s", client.user)
    say(f"Atelier is online as {client.user}.")
