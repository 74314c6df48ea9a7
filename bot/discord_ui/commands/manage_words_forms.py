"""Add words and Remove words, below the list of words: several at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord_ui.callers import requester_of
from bot.discord_ui.commands.manage_rules import RuleCards
from bot.discord_ui.forms import MOST_OPTIONS, ChoiceField, Filled, FormField, Option, TextField
from bot.domain.errors import NotFound
from bot.domain.job import Requester
from bot.services.moderation import Moderation

TEXT_LIMIT = 4000
"""Characters of a text field (Discord reference, "Text Input")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWords:
    """One word or phrase a line."""

    cards: RuleCards
    moderation: Moderation

    @property
    def title(self) -> str:
        """As the button."""
        return self.cards.desk.texts.say("button.add_words")

    async def fields(self, moderator: Requester, rest: str) -> Sequence[FormField]:
        """One long text."""
        del moderator, rest
        say = self.cards.desk.texts.say
        note = say("rules.form_words_note")
        return [
            TextField(id="words", label=say("rules.form_words"), note=note, required=True, long=True, limit=TEXT_LIMIT)
        ]

    async def sent(self, interaction: discord.Interaction[Any], rest: str, filled: Filled) -> None:
        """All of them or none."""
        del rest
        moderator = requester_of(interaction)
        lines = [line.strip() for line in filled.texts.get("words", "").splitlines()]
        await self.moderation.add_words(moderator, [line for line in lines if line])
        settings = await self.moderation.settings(moderator)
        await self.cards.desk.show_or_replace(interaction, self.cards.words(settings))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveWords:
    """Chosen from the list, as far as Discord's list of options reaches."""

    cards: RuleCards
    moderation: Moderation

    @property
    def title(self) -> str:
        """As the button."""
        return self.cards.desk.texts.say("button.remove_words")

    async def fields(self, moderator: Requester, rest: str) -> Sequence[FormField]:
        """One list, of which several may be chosen.

        Raises:
            NotFound: the list is empty by now.
        """
        del rest
        say = self.cards.desk.texts.say
        words = (await self.moderation.settings(moderator)).words
        if not words:
            raise NotFound("rules.no_words")
        note = say("rules.form_first", limit=MOST_OPTIONS) if len(words) > MOST_OPTIONS else ""
        options = [Option(value=word, label=word) for word in words[:MOST_OPTIONS]]
        return [
            ChoiceField(id="words", label=say("rules.form_remove"), note=note, options=options, most=MOST_OPTIONS),
        ]

    async def sent(self, interaction: discord.Interaction[Any], rest: str, filled: Filled) -> None:
        """All of them or none."""
        del rest
        moderator = requester_of(interaction)
        await self.moderation.remove_words(moderator, filled.choices.get("words", ()))
        settings = await self.moderation.settings(moderator)
        await self.cards.desk.show_or_replace(interaction, self.cards.words(settings))
