"""`/manage log`: which channel is told of everything that moderators should see; moderators only."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

import asyncio
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk
from bot.discord_ui.log_channels import LogChannels
from bot.domain.audit import Change
from bot.domain.errors import DeliveryFailed, InvalidRequest
from bot.services.choices import ServerChoices

PATIENCE = 2.0
"""Seconds for the first message: the answer to the command has to come within three."""


def manage_log_command(
    desk: Desk, choices: ServerChoices, channels: LogChannels
) -> app_commands.Command[Any, ..., None]:
    """Build the command; without options it shows what is in force."""
    say = desk.texts.say

    async def greet(channel_id: int, user_id: int) -> None:
        """Post there before anything is chosen: no table of permissions knows better whether it works."""
        try:
            async with asyncio.timeout(PATIENCE):
                await channels.say(channel_id, Card(paragraphs=(say("manage_log.hello", user_id=user_id),)))
        except (DeliveryFailed, TimeoutError) as error:
            raise InvalidRequest("refused.log_channel", channel_id=channel_id) from error

    @app_commands.command(name="log", description=say("command.manage_log.description"))
    @app_commands.describe(channel=say("command.manage_log.channel"), stop=say("command.manage_log.stop"))
    async def log(
        interaction: discord.Interaction[Any], channel: discord.TextChannel | None = None, stop: bool = False
    ) -> None:
        moderator = requester_of(interaction)
        chosen = (await choices.get(moderator)).log_channel
        if stop:
            await choices.change(moderator, Change.LOG, log_channel=None)
            text = say("manage_log.stopped")
        elif channel is not None:
            await greet(channel.id, moderator.user_id)
            await choices.change(moderator, Change.LOG, log_channel=channel.id)
            text = say("manage_log.where", channel_id=channel.id)
        elif chosen is not None:
            text = say("manage_log.where", channel_id=chosen)
        else:
            text = say("manage_log.nowhere")
        await desk.show(interaction, Card(paragraphs=(text,)))

    return log
