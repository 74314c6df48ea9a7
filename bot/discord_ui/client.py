"""The discord.py client: least intents, lean caches, the command tree and its error edge."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.webhook.async_ import async_context

from bot.discord_ui.buttons import BUTTONS, Presses
from bot.discord_ui.calls import BoundedHTTP, PromptAdapter, Refusals
from bot.discord_ui.starts import Recall, Remember
from bot.domain.errors import ConfigError

if TYPE_CHECKING:
    from yarl import URL

log = logging.getLogger(__name__)

AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu
Failed = Callable[[discord.Interaction[Any], Exception], Awaitable[None]]
MayStart = Callable[[], Awaitable[None]]
Heard = Callable[[discord.Message], Awaitable[None]]
Sent = Callable[[discord.Interaction[Any]], Awaitable[None]]

CONNECT_LIMIT = 30.0
"""Seconds for one try to open a connection to the gateway."""

LONGEST_REST = 55.0
"""Seconds added at most to discord.py's own 5 between two tries to connect."""

QUIET_SECONDS = 0.1
"""How long no server arrives until all count as arrived: nothing here waits for them, each interaction brings its own.
discord.py's 2 s would only delay the word that the bot is online."""


def point_at(api_base: str, cdn_base: str) -> None:
    """Send discord.py's requests to another base than Discord's own; it keeps the addresses in these classes."""
    Route.BASE = api_base.rstrip("/")
    setattr(discord.Asset, "BASE", cdn_base)  # noqa: B010 - its type says that it never changes


class Servers(Protocol):
    """Told of the servers that the bot is a member of."""

    async def left(self, guild_id: int) -> None:
        """The bot was removed."""
        ...

    async def joined(self, guild_id: int) -> None:
        """The bot was let in, maybe again."""
        ...

    async def present(self, guild_ids: Collection[int], belongs: Callable[[int], bool]) -> None:
        """These are all; `belongs` tells whether another one would be among them, were the bot a member."""
        ...


class Tree(app_commands.CommandTree["AtelierClient"]):
    """The command tree; errors of commands go to the desk."""

    async def on_error(
        self, interaction: discord.Interaction[AtelierClient], error: app_commands.AppCommandError, /
    ) -> None:
        """Turn any error of a command into a sentence."""
        if interaction.type is discord.InteractionType.autocomplete:
            log.error("autocomplete failed", exc_info=error)
            return
        await interaction.client.failed(interaction, error)


class AtelierClient(discord.AutoShardedClient):
    """Asks for the gateway's address itself (`GET /gateway/bot`), so another `discord.api_base` is enough.

    Set `presses`, `failed`, `heard`, `sent` and `may_start` before it connects: buttons, errors, messages and forms are
    handed to the first four; the last is asked before each new session and raises `ConfigError` when there must be
    none.
    """

    presses: Presses
    failed: Failed
    may_start: MayStart
    heard: Heard
    sent: Sent
    servers: Servers | None = None

    def __init__(self, *, guild_id: int | None = None) -> None:
        # No voice here, so that its missing libraries are not worth a warning at each start.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            guild_ready_timeout=QUIET_SECONDS,
            shard_connect_timeout=CONNECT_LIMIT,
        )
        self.refusals = Refusals()
        # Before anything else has taken the client's own.
        self.http = self._connection.http = BoundedHTTP(self.loop, http_trace=self.refusals.trace())
        self._connecting = False
        self._hopeless: ConfigError | None = None
        self.tree = Tree(self)
        self._guild = discord.Object(guild_id) if guild_id else None

    async def __aenter__(self) -> Self:
        """Whatever is started from here on calls Discord within useful times."""
        async_context.set(PromptAdapter())
        return await super().__aenter__()

    async def launch_shard(self, gateway: URL, shard_id: int, *, initial: bool = False) -> None:
        """Connect a shard, however many tries it takes, and remember where.

        After an invalid session discord.py connects anew to its own default address (shard.py, reidentify, 2.7.1),
        which is kept in this class. After a failure it waits 5 s and calls this method again from within itself, a
        frame deeper each time: that call is turned back here.
        """
        DiscordWebSocket.DEFAULT_GATEWAY = gateway
        if self._connecting:
            raise _NotConnected
        rest = 0.0
        while True:
            self._connecting = True
            try:
                return await super().launch_shard(gateway, shard_id, initial=initial)
            except _NotConnected:
                if self._hopeless is not None:
                    raise self._hopeless from None
            finally:
                self._connecting = False
            initial = False
            await asyncio.sleep(rest)
            rest = min(LONGEST_REST, 2 * rest + 5)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Nothing is started that Discord counts without looking at what is left."""
        await super().before_identify_hook(shard_id, initial=initial)
        try:
            await self.may_start()
        except ConfigError as error:
            self._hopeless = error
            raise

    async def on_message(self, message: discord.Message) -> None:
        """Hand messages on. What stands in them is known where they are meant for the bot; no privileged intent."""
        await self.heard(message)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Hand on the forms that come back; discord.py itself carries out commands and buttons."""
        if interaction.type is discord.InteractionType.modal_submit:
            await self.sent(interaction)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Discord says this of a server that removed the bot, not of one that it cannot reach for a while."""
        if self.servers is not None:
            await self.servers.left(guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was let in."""
        if self.servers is not None:
            await self.servers.joined(guild.id)

    on_guild_available = on_guild_join

    async def on_ready(self) -> None:
        """Every shard has its list of servers, with those that Discord cannot reach now: who is missing has left."""
        if self.servers is not None:
            shards, count = set(self.shards), self.shard_count or 1
            await self.servers.present(
                [guild.id for guild in self.guilds], lambda guild_id: (guild_id >> 22) % count in shards
            )

    def offer(self, commands: Sequence[AnyCommand]) -> None:
        """Add the commands and buttons."""
        for command in commands:
            self.tree.add_command(command, guild=self._guild)
        self.add_dynamic_items(*BUTTONS.values())

    async def register(self, recall: Recall, remember: Remember) -> None:
        """Tell Discord of the commands when they differ from what it was told last (creations are limited)."""
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands(guild=self._guild)]
        where = f"{self.application_id}:{self._guild.id if self._guild else 'global'}:{Route.BASE}"
        mark = hashlib.sha256(json.dumps([where, payload], sort_keys=True).encode()).hexdigest()
        if await recall() == mark:
            return
        await self.tree.sync(guild=self._guild)
        await remember(mark)
        log.info("%s commands registered", len(payload))


class _NotConnected(Exception):
    """One try to connect a shard failed."""
