"""What each button does: one call of a service, with every error turned into a sentence."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord_ui.callers import requester_of
from bot.discord_ui.choosing import Choosing
from bot.discord_ui.commands.leaderboard import LeaderboardDesk
from bot.discord_ui.commands.manage import Manage
from bot.discord_ui.commands.privacy import MyData
from bot.discord_ui.desk import Desk
from bot.discord_ui.form_requests import FormRequests
from bot.discord_ui.library import LibraryDesk
from bot.discord_ui.library_cards import EVERY
from bot.discord_ui.more import More
from bot.domain.draft import Choice
from bot.domain.errors import InvalidRequest, NotFound
from bot.domain.job import RequestId
from bot.domain.library import Scope
from bot.domain.shapes import Ratio
from bot.services.cancelling import Cancelling
from bot.services.submissions import Submissions

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPresses:
    """Carries out buttons; ids come from outside and are checked by the services."""

    desk: Desk
    submissions: Submissions
    cancelling: Cancelling
    manage: Manage
    choosing: Choosing
    library_desk: LibraryDesk
    form_requests: FormRequests
    more: More
    mydata: MyData
    leaderboard: LeaderboardDesk

    async def card(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """A button of a card or result."""
        await self.desk.guarded(interaction, self._card(interaction, match))

    async def confirm(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """A Confirm button."""
        if match["what"] == "forget":
            confirmed = self.library_desk.confirmed(interaction, match["rest"])
        elif match["what"] == "mydata":
            confirmed = self.mydata.confirmed(interaction, match["rest"])
        else:
            confirmed = self.manage.confirmed(interaction, match["what"], match["rest"])
        await self.desk.guarded(interaction, confirmed)

    async def library(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """Previous or Next."""
        scope = None if match["scope"] == EVERY else Scope(match["scope"])
        await self.desk.guarded(interaction, self.library_desk.list(interaction, scope, int(match["page"])))

    async def form(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """A button that opens a form."""
        asked = self.form_requests.manage_forms.ask(interaction, match["form"], match["rest"] or "")
        await self.desk.guarded(interaction, asked)

    async def draft(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        """Use it or Use mine."""
        decided = self.choosing.decided(interaction, Choice(match["choice"]), match["draft"])
        await self.desk.guarded(interaction, decided)

    async def _card(self, interaction: discord.Interaction[Any], match: re.Match[str]) -> None:
        request_id, argument = RequestId(int(match["request"])), match["argument"]
        if match["version"] != "v1" or request_id > LARGEST_ID:
            raise InvalidRequest("refused.unknown_button")
        actions: dict[str, Callable[[], Awaitable[object]]] = {
            "reroll": lambda: self.desk.ask(interaction, lambda caller: self.submissions.reroll(request_id, caller)),
            "finer": lambda: self.desk.ask(interaction, lambda caller: self.submissions.make_finer(request_id, caller)),
            "ratio": lambda: self._ratio(interaction, request_id, argument or ""),
            "edit": lambda: self.form_requests.edit(interaction, request_id),
            "reference": lambda: self.form_requests.library_form.ask(interaction, request_id),
            "more": lambda: self.more.show(interaction, request_id),
            "judge": lambda: self.form_requests.report_form.judge(interaction, int(request_id), argument or ""),
            "join": lambda: self.leaderboard.join(interaction, int(request_id)),
            "leave": lambda: self.leaderboard.leave(interaction, int(request_id)),
            "cancel": lambda: self._cancel(interaction, request_id),
        }
        name = match["action"]
        action = actions.get(name) or self.more.action(name, interaction, request_id, argument or "")
        if action is None:
            raise InvalidRequest("refused.unknown_button")
        await action()

    async def _ratio(self, interaction: discord.Interaction[Any], request_id: RequestId, argument: str) -> None:
        ratio = argument.replace("x", ":")
        if ratio not in set(Ratio):
            raise NotFound("refused.unknown_button")
        await self.desk.ask(interaction, lambda caller: self.submissions.change_ratio(request_id, Ratio(ratio), caller))

    async def _cancel(self, interaction: discord.Interaction[Any], request_id: RequestId) -> None:
        await self.cancelling.cancel(request_id, requester_of(interaction))
        await interaction.response.defer()
