"""The discord.py client: least intents, lean caches, the command tree and its error edge."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord_ui.buttons import CardButton, ConfirmButton, DraftButton, Presses

if TYPE_CHECKING:
    from yarl import URL

log = logging.getLogger(__name__)

AnyCommand = app_commands.Command[Any, ..., Any] | app_commands.Group
Failed = Callable[[discord.Interaction[Any], Exception], Awaitable[None]]
Remembered = Callable[[], Awaitable[str | None]]
Remember = Callable[[str], Awaitable[None]]


QUIET_SECONDS = 0.1
"""How long no server arrives until all count as arrived: nothing here waits for them, each interaction brings its own.
discord.py's 2 s would only delay the word that the bot is online."""


def point_at(api_base: str) -> None:
    """Send discord.py's requests to another base than Discord's own; it keeps the address in this class."""
    Route.BASE = api_base.rstrip("/")


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

    Set `presses` and `failed` before it connects: buttons and errors are handed to them.
    """

    presses: Presses
    failed: Failed

    def __init__(self, *, guild_id: int | None = None) -> None:
        # No voice here, so that its missing libraries are not worth a warning at each start.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            guild_ready_timeout=QUIET_SECONDS,
        )
        self.tree = Tree(self)
        self._guild = discord.Object(guild_id) if guild_id else None

    async def launch_shard(self, gateway: URL, shard_id: int, *, initial: bool = False) -> None:
        """Connect a shard, and remember where: after an invalid session discord.py connects anew to its own default
        address (shard.py, reidentify, 2.7.1), which is kept in this class.
        """
        DiscordWebSocket.DEFAULT_GATEWAY = gateway
        await super().launch_shard(gateway, shard_id, initial=initial)

    def offer(self, commands: Sequence[AnyCommand]) -> None:
        """Add the commands and buttons."""
        for command in commands:
            self.tree.add_command(command, guild=self._guild)
        self.add_dynamic_items(CardButton, ConfirmButton, DraftButton)

    async def register(self, remembered: Remembered, remember: Remember) -> None:
        """Tell Discord of the commands when they differ from what it was told last (creations are limited)."""
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands(guild=self._guild)]
        where = f"{self.application_id}:{self._guild.id if self._guild else 'global'}:{Route.BASE}"
        mark = hashlib.sha256(json.dumps([where, payload], sort_keys=True).encode()).hexdigest()
        if await remembered() == mark:
            return
        await self.tree.sync(guild=self._guild)
        await remember(mark)
        log.info("%s commands registered", len(payload))
