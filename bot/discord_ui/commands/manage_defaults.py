"""`/manage defaults`: what holds in a server where nothing else is said; moderators only."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk
from bot.domain.audit import Change
from bot.domain.guild import GuildSettings
from bot.services.choices import ServerChoices, timezones, zone_of

CHOICES = 25
"""Choices that Discord shows (docs, "Autocomplete")."""


def manage_defaults_command(desk: Desk, choices: ServerChoices) -> app_commands.Command[Any, ..., None]:
    """Build the command; without options it shows what is in force."""
    say = desk.texts.say
    zones = timezones()

    def clock_in(zone: ZoneInfo) -> str:
        return f"{datetime.fromtimestamp(choices.clock(), zone):%H:%M}"

    def card(settings: GuildSettings, *, changed: bool) -> Card:
        now = clock_in(zone_of(settings))
        lines = [say("manage_defaults.timezone", timezone=settings.timezone, now=now)]
        title = say("manage_defaults.changed" if changed else "manage_defaults.title")
        return Card(paragraphs=(f"### {title}", "\n".join(lines)))

    @app_commands.command(name="defaults", description=say("command.manage_defaults.description"))
    @app_commands.describe(timezone=say("command.manage_defaults.timezone"))
    async def defaults(interaction: discord.Interaction[Any], timezone: str | None = None) -> None:
        moderator = requester_of(interaction)
        given = {"timezone": timezone}
        chosen = {name: value for name, value in given.items() if value is not None}
        settings = await choices.get(moderator)
        if chosen:
            settings = await choices.change(moderator, Change.DEFAULTS, **chosen)
        await desk.show(interaction, card(settings, changed=bool(chosen)))

    @defaults.autocomplete("timezone")
    async def offer(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        del interaction
        wanted = typed.strip().casefold().replace(" ", "_")
        found = [name for name in zones if wanted in name.casefold()]
        found.sort(key=lambda name: not name.rpartition("/")[2].casefold().startswith(wanted))
        return [
            app_commands.Choice(name=f"{name} · {clock_in(ZoneInfo(name))}", value=name) for name in found[:CHOICES]
        ]

    return defaults
