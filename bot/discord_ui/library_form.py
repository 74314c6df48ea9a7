"""The button Reference: a form that asks under which name a result's picture is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord_ui.callers import caller_of, requester_of
from bot.discord_ui.desk import Desk
from bot.discord_ui.forms import ChoiceField, Filled, FormField, Option, TextField, show_form
from bot.discord_ui.library_cards import LibraryCards
from bot.domain.errors import NotFound
from bot.domain.job import Requester, RequestId, RequestRecord
from bot.domain.library import Scope, suggest_name
from bot.services.library import LibraryService
from bot.services.submissions import Submissions

KEEP_ID = re.compile(r"v1:keep:([0-9]{1,18})")
NAME_LIMIT = 17
"""Characters of a name, and the @ that people may put before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryForm:
    """Shows the form and keeps the picture; rights are asked for when it is sent, not only when it is shown."""

    desk: Desk
    submissions: Submissions
    library: LibraryService
    cards: LibraryCards

    async def ask(self, interaction: discord.Interaction[Any], request_id: RequestId) -> None:
        """Show the form, with a free name that fits the prompt.

        Raises:
            NotFound, NotAllowed: the person may not use this result, or it has no picture.
        """
        record = await self.submissions.pressed(request_id, caller_of(interaction))
        if not record.outputs:
            raise NotFound("refused.pictures_gone", detail=f"request {request_id} has no picture")
        requester, say = requester_of(interaction), self.desk.texts.say
        name = suggest_name(record.request.prompt, await self.library.names(requester))
        fields: list[FormField] = [
            TextField(
                id="name",
                label=say("library.form_name"),
                note=say("library.form_name_note"),
                value=name,
                required=True,
                limit=NAME_LIMIT,
            ),
            *self._scope(requester),
            *self._which(record),
        ]
        await show_form(interaction, custom_id=f"v1:keep:{request_id}", title=say("library.form"), fields=fields)

    async def sent(self, interaction: discord.Interaction[Any], request_id: RequestId, filled: Filled) -> None:
        """Keep the picture that was chosen.

        Raises:
            Refused: the name or the right is not what it has to be, or the picture is gone.
        """
        record = await self.submissions.pressed(request_id, caller_of(interaction))
        requester, name = requester_of(interaction), filled.texts.get("name", "")
        scope = Scope(next(iter(filled.choices.get("scope", ())), Scope.ME))
        await self.library.check(requester, scope, name)
        chosen = next(iter(filled.choices.get("picture", ())), "0")
        number = int(chosen) if chosen.isdecimal() else 0
        if number >= len(record.outputs):
            raise NotFound("refused.pictures_gone", detail=f"request {request_id} has no picture {number}")
        await interaction.response.defer(ephemeral=True, thinking=True)
        kept = await self.library.save_stored(requester, scope, name, record.outputs[number].sha256)
        await self.desk.show(interaction, self.cards.kept(kept))

    def _scope(self, requester: Requester) -> list[FormField]:
        """Only moderators are asked for whom."""
        if not requester.moderator:
            return []
        say = self.desk.texts.say
        options = [
            Option(value=scope.value, label=say(f"library.scope_{scope}"), chosen=scope is Scope.ME) for scope in Scope
        ]
        return [ChoiceField(id="scope", label=say("library.form_scope"), options=options)]

    def _which(self, record: RequestRecord) -> list[FormField]:
        if len(record.outputs) == 1:
            return []
        say, seeds = self.desk.texts.say, {job.id: job.seed for job in record.jobs}
        options = [
            Option(
                value=str(number),
                label=say("library.form_option", number=number + 1, seed=seeds[output.job_id]),
                chosen=number == 0,
            )
            for number, output in enumerate(record.outputs)
        ]
        return [ChoiceField(id="picture", label=say("library.form_picture"), options=options)]
