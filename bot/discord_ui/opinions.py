"""Favourite and Vote: what the buttons say, and the question which picture is meant where there are several.

Each button carries what it sets, so that pressing it twice in a row does no more than pressing it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.discord_ui.cards import ButtonSpec, Card
from bot.discord_ui.desk import Desk
from bot.domain.job import NO_GUILD, JobId, RequestId
from bot.domain.opinion import Opinion, Seen
from bot.services.callers import Caller
from bot.services.opinions import Opinions
from bot.texts import Texts

IN_A_ROW = 5
"""Buttons that Discord puts side by side (docs, "Action Row")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a button sets: a vote or a favourite, there or not."""

    votes: bool
    wanted: bool


SETTINGS = {
    "vote": Setting(votes=True, wanted=True),
    "unvote": Setting(votes=True, wanted=False),
    "favour": Setting(votes=False, wanted=True),
    "unfavour": Setting(votes=False, wanted=False),
}
NAMES = {(setting.votes, setting.wanted): name for name, setting in SETTINGS.items()}

PICKERS = {"votes": True, "favourites": False}
"""Buttons that ask which picture is meant; whether for a vote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionCards:
    """What people read of favourites and votes. In direct messages there is nobody to vote."""

    texts: Texts

    def lines(self, seen: Seen, caller: Caller) -> list[str]:
        """What is thought of the pictures, a line each."""
        said = [self._thought(each, caller) for each in seen.opinions]
        if len(said) == 1:
            return said
        return ["\n".join(f"{self._name(number)}: {text}" for number, text in enumerate(said, 1))] if said else []

    def how(self, seen: Seen, caller: Caller) -> str:
        """How the buttons work, and what brings a picture to the gallery where there is one."""
        say = self.texts.say
        if _alone(caller):
            return f"-# {say('opinion.how_alone')}"
        how = f"-# {say('opinion.how')}"
        if seen.gallery is None:
            return how
        return f"{how}\n-# {say('opinion.gallery', count=seen.needed, channel_id=seen.gallery)}"

    def buttons(self, seen: Seen, caller: Caller) -> list[ButtonSpec]:
        """Favourite and Vote; with several pictures they ask which one is meant."""
        kinds = [(False, "favourites", "button.favourite"), (True, "votes", "button.vote")]
        if not seen.opinions:
            return []
        buttons: list[ButtonSpec] = []
        for votes, picker, key in kinds[:1] if _alone(caller) else kinds:
            label = self.texts.say(key)
            if len(seen.opinions) == 1:
                buttons.append(self._button(seen.opinions[0], label, caller, votes=votes))
            else:
                where = f"{seen.record.id}:{caller.message_id}"
                buttons.append(ButtonSpec(custom_id=f"v1:{picker}:{where}", label=label))
        return buttons

    def picker(self, seen: Seen, caller: Caller, *, votes: bool) -> Card:
        """The question which picture is meant, as things stand."""
        buttons = [
            self._button(each, self._name(number), caller, votes=votes) for number, each in enumerate(seen.opinions, 1)
        ]
        title = self.texts.say("opinion.which_vote" if votes else "opinion.which_favourite")
        paragraphs = (f"### {title}", *self.lines(seen, caller), self.how(seen, caller))
        return Card(paragraphs=paragraphs, rows=in_rows(buttons))

    def about(self, seen: Seen, job_id: JobId, caller: Caller) -> Card:
        """One picture, after a button that everybody sees was pressed; what was set can be taken back here."""
        one = replace(seen, opinions=tuple(each for each in seen.opinions if each.job_id == job_id))
        paragraphs = (*self.lines(one, caller), self.how(seen, caller))
        return Card(paragraphs=paragraphs, rows=in_rows(self.buttons(one, caller)))

    def _button(self, opinion: Opinion, label: str, caller: Caller, *, votes: bool) -> ButtonSpec:
        there = opinion.voted if votes else opinion.favourite
        name = NAMES[votes, not there]
        return ButtonSpec(custom_id=f"v1:{name}:{opinion.job_id}:{caller.message_id}", label=label, primary=there)

    def _thought(self, opinion: Opinion, caller: Caller) -> str:
        say = self.texts.say
        parts = [say("opinion.favourite")] if opinion.favourite else []
        if not _alone(caller):
            votes = say("opinion.votes", count=opinion.votes) if opinion.votes else say("opinion.no_votes")
            parts = [votes, *([say("opinion.voted")] if opinion.voted else []), *parts]
        return " · ".join(parts or [say("opinion.no_favourite")])

    def _name(self, number: int) -> str:
        return self.texts.say("opinion.picture", number=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionPresses:
    """What the buttons do; `caller` is as if they had pressed a button of the result itself."""

    desk: Desk
    opinions: Opinions
    cards: OpinionCards

    async def pick(
        self, interaction: discord.Interaction[Any], request_id: RequestId, caller: Caller, *, votes: bool
    ) -> None:
        """Ask which picture is meant.

        Raises:
            NotFound, NotAllowed: the person may not use this result.
        """
        seen = await self.opinions.see(request_id, caller)
        await self.desk.show(interaction, self.cards.picker(seen, caller, votes=votes))

    async def set(self, setting: Setting, job_id: JobId, caller: Caller) -> Seen:
        """Set it; how things stand then.

        Raises:
            NotFound, NotAllowed, InvalidRequest: the person may not do that.
        """
        change = self.opinions.vote if setting.votes else self.opinions.favour
        return await change(job_id, caller, wanted=setting.wanted)


def in_rows(buttons: Sequence[ButtonSpec]) -> tuple[tuple[ButtonSpec, ...], ...]:
    """As many rows as the buttons need."""
    return tuple(tuple(buttons[start : start + IN_A_ROW]) for start in range(0, len(buttons), IN_A_ROW))


def _alone(caller: Caller) -> bool:
    return caller.requester.guild_id == NO_GUILD
