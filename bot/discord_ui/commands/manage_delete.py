"""`/manage delete`: a result's message and pictures go for good; moderators only."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk
from bot.domain.errors import NotFound
from bot.domain.job import RequestId
from bot.services.changes import check_moderator
from bot.services.deleting import Deleting

CHOICES = 25
"""Choices that Discord shows (docs, "Autocomplete")."""

LABEL = 90
"""Characters of a choice's name; Discord takes 100."""

LONGEST_NUMBER = 18


def manage_delete_command(desk: Desk, deleting: Deleting) -> app_commands.Command[Any, ..., None]:
    """Build the command."""
    say = desk.texts.say

    @app_commands.command(name="delete", description=say("command.manage_delete.description"))
    @app_commands.describe(job=say("command.manage_delete.job"))
    async def delete(interaction: discord.Interaction[Any], job: str) -> None:
        moderator, number = requester_of(interaction), job.strip().removeprefix("#")
        check_moderator(moderator)
        if not (number.isascii() and number.isdecimal()) or len(number) > LONGEST_NUMBER:
            raise NotFound("refused.unknown_job", value=job[:LABEL])
        await interaction.response.defer(ephemeral=True, thinking=True)
        gone = await deleting.delete(RequestId(int(number)), moderator)
        await desk.show(interaction, Card(paragraphs=(say("deleting.done" if gone else "deleting.soon"),)))

    @delete.autocomplete("job")
    async def latest(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        found = await deleting.latest(requester_of(interaction), typed, limit=CHOICES)
        return [
            app_commands.Choice(name=say("deleting.choice", number=number, prompt=prompt)[:LABEL], value=str(number))
            for number, prompt in found
        ]

    return delete
