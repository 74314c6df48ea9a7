"""`/manage log`: which channel is told of everything that moderators should see; moderators only."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk
from bot.discord_ui.log_channels import LogChannels
from bot.domain.audit import Change
from bot.domain.errors import DeliveryFailed, InvalidRequest
from bot.domain.guild import GuildSettings
from bot.domain.job import Requester
from bot.services.choices import ServerChoices

PATIENCE = 2.0
"""Seconds for the first message: the answer to the command has to come within three."""


async def greet(channels: LogChannels, channel_id: int, hello: str) -> None:
    """Post in a channel before it is chosen for anything: no table of permissions knows better whether it works.

    Raises:
        InvalidRequest: it does not.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            await channels.say(channel_id, Card(paragraphs=(hello,)))
    except (DeliveryFailed, TimeoutError) as error:
        raise InvalidRequest("refused.log_channel", channel_id=channel_id) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class LogChoice:
    """What the command does."""

    desk: Desk
    choices: ServerChoices
    channels: LogChannels

    async def choose(
        self, moderator: Requester, channel_id: int | None, *, results: bool | None, stop: bool
    ) -> GuildSettings:
        """Put in force what was given; what is in force then.

        Raises:
            NotAllowed: no moderator asks.
            InvalidRequest: the bot cannot post there.
        """
        settings = await self.choices.get(moderator)
        chosen: dict[str, Any] = {} if results is None else {"log_results": results}
        if stop:
            chosen["log_channel"] = None
        elif channel_id is not None:
            await self._greet(channel_id, moderator, settings.log_results if results is None else results)
            chosen["log_channel"] = channel_id
        return await self.choices.change(moderator, Change.LOG, **chosen) if chosen else settings

    async def _greet(self, channel_id: int, moderator: Requester, results: bool) -> None:
        say, user_id = self.desk.texts.say, moderator.user_id
        hello = say("manage_log.hello" if results else "manage_log.hello_changes", user_id=user_id)
        await greet(self.channels, channel_id, hello)

    def card(self, settings: GuildSettings, *, stop: bool) -> Card:
        """What is in force."""
        say = self.desk.texts.say
        if settings.log_channel is None:
            return Card(paragraphs=(say("manage_log.stopped" if stop else "manage_log.nowhere"),))
        channel_id = settings.log_channel
        text = say("manage_log.where" if settings.log_results else "manage_log.where_changes", channel_id=channel_id)
        return Card(paragraphs=(text,))


def manage_log_command(
    desk: Desk, choices: ServerChoices, channels: LogChannels
) -> app_commands.Command[Any, ..., None]:
    """Build the command; without options it shows what is in force."""
    say = desk.texts.say
    choice = LogChoice(desk=desk, choices=choices, channels=channels)

    @app_commands.command(name="log", description=say("command.manage_log.description"))
    @app_commands.describe(
        channel=say("command.manage_log.channel"),
        results=say("command.manage_log.results"),
        stop=say("command.manage_log.stop"),
    )
    async def log(
        interaction: discord.Interaction[Any],
        channel: discord.TextChannel | None = None,
        results: bool | None = None,
        stop: bool = False,
    ) -> None:
        channel_id = channel.id if channel else None
        settings = await choice.choose(requester_of(interaction), channel_id, results=results, stop=stop)
        await desk.show(interaction, choice.card(settings, stop=stop))

    return log
