"""`/manage gallery`: the channel for winners and moderators' favourites; moderators only."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.commands.manage_log import greet
from bot.discord_ui.desk import Desk
from bot.discord_ui.log_channels import LogChannels
from bot.discord_ui.posting import missing_permissions
from bot.domain.audit import Change
from bot.domain.errors import NotAllowed
from bot.domain.guild import GuildSettings
from bot.domain.job import Requester
from bot.services.choices import ServerChoices

MOST_VOTES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryChoice:
    """What the command does."""

    desk: Desk
    choices: ServerChoices
    channels: LogChannels

    async def choose(
        self, moderator: Requester, channel_id: int | None, *, votes: int | None, stop: bool
    ) -> GuildSettings:
        """Put in force what was given; what is in force then.

        Raises:
            NotAllowed: no moderator asks, or the bot lacks a permission there.
            InvalidRequest: the bot cannot post there all the same.
        """
        settings = await self.choices.get(moderator)
        chosen: dict[str, Any] = {} if votes is None else {"gallery_votes": votes}
        if stop:
            chosen["gallery_channel"] = None
        elif channel_id is not None:
            await self._greet(channel_id, votes or settings.gallery_votes)
            chosen["gallery_channel"] = channel_id
        return await self.choices.change(moderator, Change.GALLERY, **chosen) if chosen else settings

    async def _greet(self, channel_id: int, votes: int) -> None:
        missing = missing_permissions(self.channels.client, channel_id, "attach_files")
        if missing:
            raise NotAllowed("refused.gallery_permission", missing=" ".join(missing), count=len(missing))
        await greet(self.channels, channel_id, self.desk.texts.say("manage_gallery.hello", count=votes))

    def card(self, settings: GuildSettings, *, stop: bool) -> Card:
        """What is in force."""
        say, channel_id = self.desk.texts.say, settings.gallery_channel
        if channel_id is None:
            return Card(paragraphs=(say("manage_gallery.stopped" if stop else "manage_gallery.nowhere"),))
        text = say("manage_gallery.where", channel_id=channel_id, count=settings.gallery_votes)
        return Card(paragraphs=(text, f"-# {say('manage_gallery.note')}"))


def manage_gallery_command(
    desk: Desk, choices: ServerChoices, channels: LogChannels
) -> app_commands.Command[Any, ..., None]:
    """Build the command; without options it shows what is in force."""
    say = desk.texts.say
    choice = GalleryChoice(desk=desk, choices=choices, channels=channels)

    @app_commands.command(name="gallery", description=say("command.manage_gallery.description"))
    @app_commands.describe(
        channel=say("command.manage_gallery.channel"),
        votes=say("command.manage_gallery.votes"),
        stop=say("command.manage_gallery.stop"),
    )
    async def gallery(
        interaction: discord.Interaction[Any],
        channel: discord.TextChannel | None = None,
        votes: app_commands.Range[int, 1, MOST_VOTES] | None = None,
        stop: bool = False,
    ) -> None:
        channel_id = channel.id if channel else None
        settings = await choice.choose(requester_of(interaction), channel_id, votes=votes, stop=stop)
        await desk.show(interaction, choice.card(settings, stop=stop))

    return gallery
