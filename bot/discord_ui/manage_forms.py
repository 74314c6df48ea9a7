"""Forms below what moderators read of their server: which there are, and the right that is asked for each time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import discord

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import ButtonSpec
from bot.discord_ui.forms import Filled, FormField, show_form
from bot.domain.errors import InvalidRequest
from bot.domain.job import Requester
from bot.services.changes import check_moderator

SET_ID = re.compile(r"v1:set:(?P<form>[a-z_]{1,16})(?::(?P<rest>[eru][0-9]{1,19}))?")


class ManageForm(Protocol):
    """One form; `rest` says whom it is about, where it is about somebody."""

    @property
    def title(self) -> str:
        """What stands above it."""
        ...

    async def fields(self, moderator: Requester, rest: str) -> Sequence[FormField]:
        """What it asks for, filled in with what is in force.

        Raises:
            AtelierError: the button is not one of ours.
        """
        ...

    async def sent(self, interaction: discord.Interaction[Any], rest: str, filled: Filled) -> None:
        """Carry out what came back, and answer.

        Raises:
            AtelierError: it is not accepted; nothing was changed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ManageForms:
    """Shows and receives them, by name."""

    forms: Mapping[str, ManageForm]

    async def ask(self, interaction: discord.Interaction[Any], name: str, rest: str) -> None:
        """A button that opens a form was pressed.

        Raises:
            AtelierError: no moderator pressed it, or there is no such form.
        """
        form, moderator = self._form(name), requester_of(interaction)
        check_moderator(moderator)
        custom_id = f"v1:set:{name}:{rest}" if rest else f"v1:set:{name}"
        fields = await form.fields(moderator, rest)
        await show_form(interaction, custom_id=custom_id, title=form.title, fields=fields)

    async def sent(self, interaction: discord.Interaction[Any], match: re.Match[str], filled: Filled) -> None:
        """A form came back.

        Raises:
            AtelierError: it is not accepted; nothing was changed.
        """
        check_moderator(requester_of(interaction))
        await self._form(match["form"]).sent(interaction, match["rest"] or "", filled)

    def _form(self, name: str) -> ManageForm:
        form = self.forms.get(name)
        if form is None:
            raise InvalidRequest("refused.form_gone")
        return form


def form_button(form: str, label: str, rest: str = "") -> ButtonSpec:
    """The button that opens a form."""
    return ButtonSpec(custom_id=f"v1:form:{form}:{rest}" if rest else f"v1:form:{form}", label=label)
