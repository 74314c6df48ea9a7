"""`/help`: tips on prompts, references and ratios, by topic."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk

TOPICS = ("start", "prompts", "references", "ways", "ratios", "money", "limits")


def help_command(desk: Desk) -> app_commands.Command[Any, ..., None]:
    """Build `/help`."""
    say = desk.texts.say
    names = {topic: say(f"help.{topic}.name") for topic in TOPICS}

    @app_commands.command(name="help", description=say("command.help.description"))
    @app_commands.describe(topic=say("command.help.topic"))
    async def show_help(interaction: discord.Interaction[Any], topic: str | None = None) -> None:
        wanted = (topic or "").casefold()
        found = next((key for key, name in names.items() if wanted in {key, name.casefold()}), TOPICS[0])
        await desk.show(interaction, Card(paragraphs=(say(f"help.{found}.body").strip(),)))

    @show_help.autocomplete("topic")
    async def topics(  # pyright: ignore[reportUnusedFunction] - the decorator registers it
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        typed = current.casefold()
        return [app_commands.Choice(name=name, value=key) for key, name in names.items() if typed in name.casefold()]

    return show_help
