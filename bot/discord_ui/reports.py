"""Report: a form that asks for the reason, and the verdicts below a report's card in the log channel."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.discord_ui.callers import caller_of, requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk
from bot.discord_ui.forms import Filled, TextField, show_form
from bot.discord_ui.log_channels import LogCards
from bot.discord_ui.render import layout
from bot.domain.errors import InvalidRequest
from bot.domain.job import RequestId
from bot.domain.report import Verdict
from bot.services.callers import Caller
from bot.services.changes import check_moderator
from bot.services.moderation import MAX_REASON
from bot.services.reporting import Reporting

REPORT_ID = re.compile(r"v1:report:([0-9]{1,18}):([0-9]{1,20})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportForm:
    """Shows the form, passes the report on, and carries out verdicts."""

    desk: Desk
    reporting: Reporting

    async def ask(self, interaction: discord.Interaction[Any], request_id: RequestId, caller: Caller) -> None:
        """Show the form; `caller` is as if they had pressed a button of the result.

        Raises:
            AtelierError: the person may not report it.
        """
        await self.reporting.check(request_id, caller)
        say = self.desk.texts.say
        field = TextField(
            id="reason", label=say("report.reason"), note=say("report.note"), required=True, long=True, limit=MAX_REASON
        )
        custom_id = f"v1:report:{request_id}:{caller.message_id}"
        await show_form(interaction, custom_id=custom_id, title=say("button.report"), fields=[field])

    async def sent(self, interaction: discord.Interaction[Any], match: re.Match[str], filled: Filled) -> None:
        """The form came back.

        Raises:
            AtelierError: the person may not report it.
        """
        caller = replace(caller_of(interaction), message_id=int(match[2]))
        await self.reporting.report(RequestId(int(match[1])), caller, filled.texts.get("reason", ""))
        await self.desk.show(interaction, Card(paragraphs=(self.desk.texts.say("report.sent"),)))

    async def judge(self, interaction: discord.Interaction[Any], report_id: int, verdict: str) -> None:
        """A verdict was pressed; the card says who gave it, and who comes too late reads it once more.

        Raises:
            AtelierError: the person is no moderator, or there is no such report.
        """
        moderator = requester_of(interaction)
        check_moderator(moderator)
        if verdict not in set(Verdict):
            raise InvalidRequest("refused.unknown_button")
        await interaction.response.defer()
        judged = await self.reporting.judge(report_id, moderator, Verdict(verdict))
        cards = LogCards(texts=self.desk.texts, wording=self.desk.wording)
        await interaction.edit_original_response(view=layout(cards.report(judged.values)))
        if not judged.decided:
            said = (self.desk.texts.say("report.decided"), *cards.verdicts(judged.values))
            await self.desk.show(interaction, Card(paragraphs=("\n".join(said),)))
