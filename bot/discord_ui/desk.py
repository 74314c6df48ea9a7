"""Answering interactions: one call with the card or the refusal, and the one edge where errors become sentences."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.discord_ui.callers import caller_of, check_bot_permissions
from bot.discord_ui.calls import AnsweredElsewhere
from bot.discord_ui.cards import Card, Cards
from bot.discord_ui.codes import AUTOMOD
from bot.discord_ui.presenter import DiscordPresenter
from bot.discord_ui.render import files, layout
from bot.discord_ui.wording import Wording
from bot.domain.errors import AtelierError, DeliveryFailed, NotAllowed, NotFound, Refused, StorageUnavailable
from bot.domain.guild import ThreadMode
from bot.domain.job import RequestRecord
from bot.services.accepted import Accepted
from bot.services.callers import Caller
from bot.services.submissions import Submissions
from bot.texts import Texts

log = logging.getLogger(__name__)

LATE = 10062
"""Code of an answer to an interaction that Discord has given up."""

FINISH_LIMIT = 4.0
"""Seconds that a shutdown waits for answers that are being made."""

Ask = Callable[[Caller], Awaitable[Accepted]]


class Underway:
    """Counts what is going on, so that the end can wait for it."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    def __enter__(self) -> None:
        self._count += 1
        self._none.clear()

    def __exit__(self, *_: object) -> None:
        self._count -= 1
        if self._count == 0:
            self._none.set()

    async def over(self) -> None:
        """Wait until nothing goes on."""
        await self._none.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every command and button does around its one call of a service."""

    texts: Texts
    wording: Wording
    cards: Cards
    submissions: Submissions
    presenter: DiscordPresenter
    underway: Underway = field(default_factory=Underway)

    async def quiet(self) -> None:
        """Wait until every person who asked has their answer, for a few seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_LIMIT):
                await self.underway.over()

    async def caller(self, interaction: discord.Interaction[Any]) -> Caller:
        """Who asks, and where the result will go.

        Raises:
            NotAllowed: the bot may not post it there.
        """
        return await self.placed(caller_of(interaction), interaction.app_permissions)

    async def placed(self, caller: Caller, have: discord.Permissions) -> Caller:
        """The caller with the place that the server chose for results; `have` are the bot's permissions there.

        Raises:
            NotAllowed: the bot may not post it there.
        """
        mode = await self.submissions.thread_mode(caller.requester.guild_id)
        in_place = caller.place.in_place or mode is ThreadMode.CHANNEL
        caller = replace(caller, place=replace(caller.place, in_place=in_place))
        check_bot_permissions(have, caller.place)
        return caller

    async def ask(self, interaction: discord.Interaction[Any], ask: Ask) -> bool:
        """Let a service accept a request and answer with its card; whether the request stands.

        When the answer did not reach the person, the hold is released: nothing was asked for.

        Raises:
            AtelierError: refused; nothing was held.
        """
        with self.underway:
            return await self._ask(interaction, ask)

    async def _ask(self, interaction: discord.Interaction[Any], ask: Ask) -> bool:
        accepted = await ask(await self.caller(interaction))
        if accepted.repeated:
            await self._acknowledge(interaction)
            return True
        try:
            card_id = await self._answer(interaction, self.cards.accepted(accepted), accepted.record)
        except AnsweredElsewhere:
            log.error("request %s: another process answered; is the token in use twice?", accepted.record.id)
            await self.submissions.withdraw(accepted.record)
            return False
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            await self.not_answered(accepted.record, error)
            return False
        place = accepted.standing.position
        await self.submissions.answered(accepted.record, card_message_id=card_id, place=place)
        return True

    async def _answer(self, interaction: discord.Interaction[Any], card: Card, record: RequestRecord) -> int | None:
        try:
            response = await interaction.response.send_message(view=layout(card))
        except discord.HTTPException as error:
            if error.code not in AUTOMOD:
                raise
            response = await interaction.response.send_message(view=layout(self.cards.without_prompt(card, record)))
        return response.message_id

    async def _acknowledge(self, interaction: discord.Interaction[Any]) -> None:
        """A second press of the same button: accept it without a word."""
        if interaction.type is discord.InteractionType.component:
            await interaction.response.defer()
        else:
            await self.show(interaction, Card(paragraphs=(self.texts.say("error.late"),)))

    async def not_answered(self, record: RequestRecord, error: Exception) -> None:
        """The callback failed; it may still have arrived. What Discord shows decides."""
        if isinstance(error, discord.HTTPException) and error.code == LATE:
            log.warning("request %s: the answer came too late", record.id)
        else:
            log.warning("request %s: answering failed: %s", record.id, type(error).__name__)
        try:
            card_id = await self.presenter.find_card(record)
        except DeliveryFailed:
            log.warning("request %s: cannot tell whether it was answered; asked again later", record.id)
            return
        if card_id is None:
            await self.submissions.withdraw(record)
        else:
            await self.submissions.answered(record, card_message_id=card_id)

    async def show(self, interaction: discord.Interaction[Any], card: Card) -> None:
        """Show a card that only the person sees."""
        if interaction.response.is_done():
            await interaction.followup.send(view=layout(card), files=files(card), ephemeral=True)
        else:
            await interaction.response.send_message(view=layout(card), files=files(card), ephemeral=True)

    async def show_or_replace(self, interaction: discord.Interaction[Any], card: Card) -> None:
        """After a button or form that only its person sees: in place of its card; otherwise as a note of its own."""
        if interaction.message is not None and interaction.message.flags.ephemeral:
            await interaction.response.edit_message(view=layout(card), attachments=files(card))
        else:
            await self.show(interaction, card)

    async def guarded(self, interaction: discord.Interaction[Any], work: Awaitable[None]) -> None:
        """The edge of buttons: whatever goes wrong becomes a sentence. discord.py would only log it."""
        with self.underway:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - the edge: the person gets a sentence, the log the rest
                await self.failed(interaction, error)

    async def failed(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Tell the person what went wrong and that nothing was charged; note what is ours to mend."""
        if isinstance(error, app_commands.CommandInvokeError):
            error = error.original
        if _nobody_waits(error):
            log.warning("an answer came too late or was given elsewhere")
            return
        text = self.explain(error)
        try:
            await self.show(interaction, Card(paragraphs=(text,)))
        except (discord.HTTPException, AnsweredElsewhere) as failure:
            log.warning("the refusal could not be shown: %s", failure)
        except (aiohttp.ClientError, OSError) as failure:
            log.warning("the refusal could not be shown: %s", type(failure).__name__)

    def explain(self, error: Exception) -> str:
        """The sentence for an error."""
        if isinstance(error, NotAllowed) and "missing" in error.values:
            return self._missing(error)
        if isinstance(error, Refused):
            return self.wording.refusal(error)
        if isinstance(error, StorageUnavailable):
            log.error("storage: %s", error.detail)
            return self.texts.say(error.key)
        if isinstance(error, app_commands.CommandSignatureMismatch | app_commands.CommandNotFound):
            return self.wording.refusal(NotFound("refused.unknown_button"))
        incident = secrets.token_hex(4)
        detail = error.detail if isinstance(error, AtelierError) else type(error).__name__
        log.error("incident %s: %s", incident, detail, exc_info=error)
        return self.texts.say("error.internal", incident=incident)

    def _missing(self, error: NotAllowed) -> str:
        names = [self.texts.say(f"permission.{name}") for name in str(error.values["missing"]).split()]
        sentence = self.texts.say(error.key, names=", ".join(f"*{name}*" for name in names), count=len(names))
        return f"{sentence} {self.texts.say('refused.nothing_charged')}"


def _nobody_waits(error: Exception) -> bool:
    """Whether Discord takes no answer any more, so that none is to be tried."""
    return isinstance(error, AnsweredElsewhere) or (isinstance(error, discord.HTTPException) and error.code == LATE)
