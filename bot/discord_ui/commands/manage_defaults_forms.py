"""Pictures and Habits, below a server's defaults: every default as a list to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord_ui.callers import requester_of
from bot.discord_ui.commands.manage_defaults import DEFAULTS_FORMS, FIELDS, KINDS, DefaultsCards
from bot.discord_ui.forms import ChoiceField, Filled, FormField, Option, TextField
from bot.domain.audit import Change
from bot.domain.errors import InvalidRequest
from bot.domain.guild import GuildSettings
from bot.domain.job import Requester
from bot.services.choices import ServerChoices

TIMEZONE_LIMIT = 64
OPERATOR = "operator"
"""How strict an image service is, where the server leaves that to the operator."""

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultsForm:
    """One of the two forms. `name` is as in `DEFAULTS_FORMS`."""

    name: str
    cards: DefaultsCards
    choices: ServerChoices

    @property
    def title(self) -> str:
        """As the button."""
        return self.cards.desk.texts.say(f"button.{self.name}")

    async def fields(self, moderator: Requester, rest: str) -> Sequence[FormField]:
        """What is in force."""
        del rest
        settings = await self.choices.get(moderator)
        return [self._field(name, settings) for name in DEFAULTS_FORMS[self.name]]

    async def sent(self, interaction: discord.Interaction[Any], rest: str, filled: Filled) -> None:
        """As `/manage defaults` with these options."""
        del rest
        chosen: dict[str, Any] = {}
        for name in DEFAULTS_FORMS[self.name]:
            value = filled.texts[name] if name in filled.texts else next(iter(filled.choices.get(name, ())), "")
            chosen[FIELDS.get(name, name)] = _value(name, value)
        settings = await self.choices.change(requester_of(interaction), Change.DEFAULTS, **chosen)
        await self.cards.desk.show_or_replace(interaction, self.cards.card(settings, changed=True))

    def _field(self, name: str, settings: GuildSettings) -> FormField:
        say = self.cards.desk.texts.say
        label, note = say(f"manage_defaults.form_{name}"), say(f"command.manage_defaults.{name}")
        if name == "timezone":
            return TextField(
                id=name, label=label, note=note, value=settings.timezone, required=True, limit=TIMEZONE_LIMIT
            )
        present = _word(getattr(settings, FIELDS.get(name, name)))
        options = [Option(value=word, label=self._said(name, word), chosen=word == present) for word in _words(name)]
        return ChoiceField(id=name, label=label, note=note, options=options)

    def _said(self, name: str, word: str) -> str:
        """An option in the words of the card; shapes, resolutions and models are their own words."""
        if name in {"ratio", "resolution", "model"}:
            return word
        said = f"{name}.{word}"
        return self.cards.desk.texts.say(f"manage_defaults.{said}").replace("**", "")


def _words(name: str) -> list[str]:
    """What may be chosen."""
    if name == "returns":
        return [YES, NO]
    values = [each.value for each in KINDS[name]]
    return [OPERATOR, *values] if name == "moderation" else values


def _word(value: object) -> str:
    """A setting as the form names it."""
    if value is None:
        return OPERATOR
    return str(value) if not isinstance(value, bool) else YES if value else NO


def _value(name: str, word: str) -> object:
    """What the form names, as a setting.

    Raises:
        InvalidRequest: the form does not name it.
    """
    if name == "timezone":
        return word
    if word not in _words(name):
        raise InvalidRequest("refused.form_gone")
    if name == "returns":
        return word == YES
    return None if word == OPERATOR else KINDS[name](word)
