"""The button More of a result: a card with what is needed less often, seen by whoever pressed it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.discord_ui.callers import caller_of, requester_of
from bot.discord_ui.calls import called
from bot.discord_ui.cards import ButtonSpec, Card
from bot.discord_ui.client import AtelierClient
from bot.discord_ui.codes import NO_DIRECT, code_of
from bot.discord_ui.desk import Desk
from bot.discord_ui.details import DetailCards
from bot.discord_ui.opinions import PICKERS, SETTINGS, OpinionPresses, Setting, in_rows
from bot.discord_ui.render import files, layout
from bot.discord_ui.reports import ReportForm
from bot.domain.errors import DeliveryFailed, InvalidRequest, NotAllowed
from bot.domain.job import NO_GUILD, JobId, RequestId, RequestRecord
from bot.domain.opinion import Seen
from bot.domain.request import COUNT_MAX
from bot.services.callers import Caller
from bot.services.deleting import Deleting
from bot.services.results import Results
from bot.services.submissions import Submissions


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """Shows the card and carries out its buttons, each of which names the message of the result that it is about."""

    desk: Desk
    client: AtelierClient
    submissions: Submissions
    results: Results
    deleting: Deleting
    details: DetailCards
    report_form: ReportForm
    opinions: OpinionPresses

    async def show(self, interaction: discord.Interaction[Any], request_id: RequestId) -> None:
        """Show the card.

        Raises:
            NotFound, NotAllowed: the person may not use this result.
        """
        caller = caller_of(interaction)
        seen = await self.opinions.opinions.see(request_id, caller, words=False)
        await self.desk.show(interaction, self._card(seen, caller))

    def _card(self, seen: Seen, caller: Caller) -> Card:
        say, cards = self.desk.texts.say, self.opinions.cards
        if seen.record.forgotten_at is not None:
            forgotten = (f"### {say('more.title')}", say("refused.forgotten"))
            return Card(paragraphs=forgotten, rows=in_rows(self._last_buttons(seen.record, caller)))
        note = say("more.variations", count=COUNT_MAX, price=seen.record.price * COUNT_MAX)
        paragraphs = (
            f"### {say('more.title')}",
            *cards.lines(seen, caller),
            f"{cards.how(seen, caller)}\n-# {note}",
        )
        return Card(paragraphs=paragraphs, rows=in_rows(self._buttons(seen, caller)))

    def _buttons(self, seen: Seen, caller: Caller) -> tuple[ButtonSpec, ...]:
        record = seen.record
        say, where = self.desk.texts.say, f"{record.id}:{caller.message_id}"
        buttons = [
            ButtonSpec(custom_id=f"v1:details:{where}", label=say("button.details")),
            *self.opinions.cards.buttons(seen, caller),
            ButtonSpec(custom_id=f"v1:vary:{where}", label=say("button.variations")),
        ]
        if caller.requester.guild_id != NO_GUILD and record.outputs:
            buttons.append(ButtonSpec(custom_id=f"v1:send:{where}", label=say("button.send")))
        return (*buttons, *self._last_buttons(record, caller))

    def _last_buttons(self, record: RequestRecord, caller: Caller) -> tuple[ButtonSpec, ...]:
        """What can be done about a message whatever is still known of it."""
        say, where = self.desk.texts.say, f"{record.id}:{caller.message_id}"
        buttons: list[ButtonSpec] = []
        if caller.requester.guild_id != NO_GUILD:
            buttons.append(ButtonSpec(custom_id=f"v1:report:{where}", label=say("button.report")))
        if caller.requester.moderator or caller.requester.user_id == record.requester.user_id:
            buttons.append(ButtonSpec(custom_id=f"v1:delete:{where}", label=say("button.delete"), danger=True))
        return tuple(buttons)

    def action(
        self, name: str, interaction: discord.Interaction[Any], request_id: RequestId, argument: str
    ) -> Callable[[], Awaitable[object]] | None:
        """What a button of the card does; `None` for those of other cards."""
        actions = {
            "details": self._details,
            "vary": self._vary,
            "send": self._send,
            "report": self._report,
            "delete": self._delete,
        }
        if name in SETTINGS:
            return lambda: self._think(interaction, SETTINGS[name], JobId(int(request_id)), argument)
        if name in PICKERS:
            return lambda: self._pick(interaction, request_id, argument, votes=PICKERS[name])
        chosen = actions.get(name)
        return None if chosen is None else lambda: chosen(interaction, request_id, argument)

    async def _details(self, interaction: discord.Interaction[Any], request_id: RequestId, argument: str) -> None:
        seen = await self.opinions.opinions.see(request_id, _pressed_at(caller_of(interaction), argument))
        await self.desk.show(interaction, self.details.of_request(seen.record, seen.votes))

    async def _pick(
        self, interaction: discord.Interaction[Any], request_id: RequestId, argument: str, *, votes: bool
    ) -> None:
        await self.opinions.pick(interaction, request_id, _pressed_at(caller_of(interaction), argument), votes=votes)

    async def _think(
        self, interaction: discord.Interaction[Any], setting: Setting, job_id: JobId, argument: str
    ) -> None:
        caller = _pressed_at(caller_of(interaction), argument)
        seen = await self.opinions.set(setting, job_id, caller)
        if interaction.message is None or not interaction.message.flags.ephemeral:
            await self.desk.show(interaction, self.opinions.cards.about(seen, job_id, caller))
        elif len(seen.opinions) == 1:
            await self.desk.show_or_replace(interaction, self._card(seen, caller))
        else:
            await self.desk.show_or_replace(interaction, self.opinions.cards.picker(seen, caller, votes=setting.votes))

    async def _vary(self, interaction: discord.Interaction[Any], request_id: RequestId, argument: str) -> None:
        await self.desk.ask(
            interaction, lambda caller: self.submissions.vary(request_id, _pressed_at(caller, argument))
        )

    async def _send(self, interaction: discord.Interaction[Any], request_id: RequestId, argument: str) -> None:
        caller = _pressed_at(caller_of(interaction), argument)
        await self.submissions.pressed(request_id, caller)
        await interaction.response.defer(ephemeral=True, thinking=True)
        result = await self.results.again(request_id, caller)
        card, record, say = self.desk.cards.result(result), result.record, self.desk.texts.say
        link = self.desk.wording.link(
            guild_id=record.requester.guild_id,
            channel_id=record.result_channel_id or record.place.channel_id,
            message_id=int(argument),
        )
        card = replace(card, paragraphs=(*card.paragraphs, f"-# {say('more.sent_from', link=link)}"), rows=())
        try:
            opened = await called(self.client, self.client.http.start_private_message(interaction.user.id))
            channel = self.client.get_partial_messageable(int(opened["id"]))
            await called(self.client, channel.send(view=layout(card), files=files(card)))
        except DeliveryFailed as error:
            if code_of(error) in NO_DIRECT:
                raise NotAllowed("refused.no_direct") from error
            raise
        await self.desk.show(interaction, Card(paragraphs=(say("more.sent"),)))

    async def _report(self, interaction: discord.Interaction[Any], request_id: RequestId, argument: str) -> None:
        await self.report_form.ask(interaction, request_id, _pressed_at(caller_of(interaction), argument))

    async def _delete(self, interaction: discord.Interaction[Any], request_id: RequestId, argument: str) -> None:
        await self.submissions.pressed(request_id, _pressed_at(caller_of(interaction), argument), words=False)
        await interaction.response.defer(ephemeral=True, thinking=True)
        gone = await self.deleting.delete(request_id, requester_of(interaction))
        say = self.desk.texts.say
        await self.desk.show(interaction, Card(paragraphs=(say("deleting.done" if gone else "deleting.soon"),)))


def _pressed_at(caller: Caller, argument: str) -> Caller:
    """The caller as if they had pressed a button of the result itself."""
    if not (argument.isascii() and argument.isdecimal()):
        raise InvalidRequest("refused.unknown_button")
    return replace(caller, message_id=int(argument))
