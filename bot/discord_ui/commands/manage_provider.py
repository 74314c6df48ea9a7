"""`/manage provider`: which image services this server uses, and in which order; moderators only."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.commands.status import ProviderCards
from bot.discord_ui.desk import Desk
from bot.services.providers import ProviderService


def manage_provider_command(
    desk: Desk, providers: ProviderService, cards: ProviderCards
) -> app_commands.Command[Any, ..., None]:
    """Build the command; without options it shows what is in force."""
    say = desk.texts.say

    @app_commands.command(name="provider", description=say("command.manage_provider.description"))
    @app_commands.describe(**{name: say(f"command.manage_provider.{name}") for name in ("order", "disable", "enable")})
    async def provider(
        interaction: discord.Interaction[Any],
        order: str | None = None,
        disable: str | None = None,
        enable: str | None = None,
    ) -> None:
        moderator = requester_of(interaction)
        changed = any(option is not None for option in (order, disable, enable))
        if changed:
            choice = await providers.change(moderator, order=order, disable=disable, enable=enable)
        else:
            choice = await providers.choice(moderator)
        await desk.show(interaction, cards.choice(choice, changed=changed))

    return provider
