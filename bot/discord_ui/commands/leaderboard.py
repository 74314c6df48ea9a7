"""`/leaderboard`: who was voted for and who made most, seen by whoever asks; Join and Leave."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import ButtonSpec, Card
from bot.discord_ui.desk import Desk
from bot.domain.leaderboard import Leaders
from bot.services.leaderboard import LeaderboardService

DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardDesk:
    """What the command and its buttons do; the days stand in the buttons."""

    desk: Desk
    leaderboard: LeaderboardService

    async def show(self, interaction: discord.Interaction[Any], days: int) -> None:
        """Show both lists.

        Raises:
            InvalidRequest: the server has no leaderboard, or too few or too many days.
        """
        leaders = await self.leaderboard.show(requester_of(interaction), days=days)
        await self.desk.show(interaction, self._card(leaders))

    async def join(self, interaction: discord.Interaction[Any], days: int) -> None:
        """Be listed. Raises as `show`."""
        leaders = await self.leaderboard.join(requester_of(interaction), days=days)
        await self.desk.show_or_replace(interaction, self._card(leaders))

    async def leave(self, interaction: discord.Interaction[Any], days: int) -> None:
        """Be listed no more. Raises as `show`."""
        leaders = await self.leaderboard.leave(requester_of(interaction), days=days)
        await self.desk.show_or_replace(interaction, self._card(leaders))

    def _card(self, leaders: Leaders) -> Card:
        say = self.desk.texts.say
        paragraphs = [f"### {say('leaderboard.title', count=leaders.days)}"]
        if leaders.voted:
            paragraphs.append(self._list(say("leaderboard.voted"), "opinion.votes", leaders.voted))
        if leaders.made:
            paragraphs.append(self._list(say("leaderboard.made"), "usage.pictures", leaders.made))
        if len(paragraphs) == 1:
            paragraphs.append(say("leaderboard.nobody"))
        paragraphs.append(say("leaderboard.joined" if leaders.joined else "leaderboard.not_joined"))
        row = (
            ButtonSpec(custom_id=f"v1:join:{leaders.days}", label=say("button.join"), disabled=leaders.joined),
            ButtonSpec(custom_id=f"v1:leave:{leaders.days}", label=say("button.leave"), disabled=not leaders.joined),
        )
        return Card(paragraphs=(*paragraphs, f"-# {say('leaderboard.note')}"), rows=(row,))

    def _list(self, title: str, amount: str, places: Sequence[tuple[int, int]]) -> str:
        say = self.desk.texts.say
        lines = [
            say("usage.person", place=place, user_id=user_id, amount=say(amount, count=count))
            for place, (user_id, count) in enumerate(places, 1)
        ]
        return "\n".join([f"**{title}**", *lines])


def leaderboard_command(leaderboard: LeaderboardDesk) -> app_commands.Command[Any, ..., None]:
    """Build the command."""
    say = leaderboard.desk.texts.say

    @app_commands.command(name="leaderboard", description=say("command.leaderboard.description"))
    @app_commands.describe(days=say("command.leaderboard.days"))
    @app_commands.guild_only()
    async def show(interaction: discord.Interaction[Any], days: int = DAYS) -> None:
        await leaderboard.show(interaction, days)

    return show
