"""Showing requests on Discord by ids alone, so that it works an hour or a restart later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import discord
from discord.http import Route

from bot.discord_ui.calls import called
from bot.discord_ui.cards import Card, Cards
from bot.discord_ui.client import AtelierClient
from bot.discord_ui.codes import (
    AUTOMOD,
    GONE,
    NO_MORE_EDITS,
    NO_TOKEN,
    THREAD_EXISTS,
    UNEDITABLE,
    code_of,
)
from bot.discord_ui.posting import Posting, missing_permissions
from bot.discord_ui.render import layout
from bot.discord_ui.wording import thread_title
from bot.domain.errors import DeliveryFailed
from bot.domain.job import INTERACTION_LIFE, PlaceKind, RequestRecord
from bot.services.ports import CardView, Clock, Posted, Result

log = logging.getLogger(__name__)

T = TypeVar("T")

EDIT_LIMIT = 5.0
"""Seconds for showing progress or deleting: what takes longer must not hold up the others."""

REQUEST_LIMIT = 24 * 1024 * 1024
"""Bytes of all attachments of one message: 25 MiB for the request, less its form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordPresenter:
    """The presenter port on a logged-in discord.py client."""

    client: AtelierClient
    cards: Cards
    clock: Clock
    posting: Posting

    def upload_limit(self, record: RequestRecord) -> int:
        """What the place takes of a file, and all files of the message together within one request."""
        return min(record.place.file_limit, REQUEST_LIMIT // max(1, len(record.jobs)))

    async def update_card(self, view: CardView) -> bool:
        """Progress edits are the first thing to drop when Discord is busy."""
        if self.client.refusals.too_many:
            return True
        try:
            async with asyncio.timeout(EDIT_LIMIT):
                await self._edit_card(view.record, self.cards.underway(view))
        except (DeliveryFailed, TimeoutError) as error:
            log.info("request %s: card not updated: %s", view.record.id, error)
            return code_of(error) not in NO_MORE_EDITS
        return True

    async def open_place(self, record: RequestRecord) -> int | None:
        """A thread made from a message has the message's id, so a second try finds the first one's thread."""
        if record.card_message_id is None:
            return None
        try:
            return await self._open_thread(record, thread_title(record.request.prompt))
        except DeliveryFailed as error:
            if code_of(error) == THREAD_EXISTS:
                return record.card_message_id
            if code_of(error) not in AUTOMOD:
                raise self._no_thread(record, error) from error
        return await self._open_thread(record, self.cards.texts.say("card.title"))

    async def _open_thread(self, record: RequestRecord, title: str) -> int:
        start = self.client.http.start_thread_with_message(
            record.place.channel_id,
            record.card_message_id or 0,
            name=title,
            auto_archive_duration=1440,
            reason=None,
        )
        return int((await self._call(start))["id"])

    def _no_thread(self, record: RequestRecord, error: DeliveryFailed) -> DeliveryFailed:
        if error.retry:
            return error
        missing = missing_permissions(self.client, record.place.channel_id, "create_public_threads")
        key = "place.thread_missing" if missing else "place.no_thread"
        return DeliveryFailed(key, retry=False, detail=error.detail, missing=" ".join(missing))

    async def parent_of(self, record: RequestRecord) -> int | None:
        """As the interaction told, or as the gateway did."""
        if record.place.parent_id is not None:
            return record.place.parent_id
        thread = self.client.get_channel(record.place.channel_id)
        return thread.parent_id if isinstance(thread, discord.Thread) else None

    async def direct_channel(self, record: RequestRecord) -> int | None:
        """Opening it again gives the same channel."""
        if record.place.kind is PlaceKind.COMMAND_LINE:
            return None
        channel = await self._call(self.client.http.start_private_message(record.requester.user_id))
        return int(channel["id"])

    async def find_result(self, record: RequestRecord, channel_id: int) -> Posted | None:
        """Through its buttons."""
        return await self.posting.find(record, channel_id)

    async def post_result(self, result: Result, channel_id: int) -> Posted:
        """With a nonce that stands for the request."""
        return await self.posting.post(result, channel_id)

    async def close_card(self, result: Result) -> None:
        """The card's last edit; a sentence without a picture needs a message of its own where it cannot be edited."""
        try:
            await self._edit_card(result.record, self.cards.closed(result))
        except DeliveryFailed as error:
            if result.pictures or code_of(error) not in UNEDITABLE:
                raise
            await self._tell_ending(result)

    async def _tell_ending(self, result: Result) -> None:
        """In the place of the card, or else directly to the person who asked."""
        try:
            await self._send_ending(result, _target(result.record))
        except DeliveryFailed as error:
            direct = None if error.retry else await self.direct_channel(result.record)
            if direct is None:
                raise
            await self._send_ending(result, direct)

    async def _send_ending(self, result: Result, channel_id: int) -> None:
        channel = self.client.get_partial_messageable(channel_id)
        nonce = f"atelier-{result.record.id}-end"
        await self._call(channel.send(view=layout(self.cards.closed(result)), nonce=nonce))

    async def delete_result(self, record: RequestRecord) -> None:
        """The message goes; the card stays for what hangs on it, such as a thread, but without the prompt."""
        if record.place.kind is PlaceKind.COMMAND_LINE:
            return
        try:
            async with asyncio.timeout(EDIT_LIMIT):
                await self._delete_result(record)
        except TimeoutError as error:
            raise DeliveryFailed(retry=True, detail="no answer in time") from error

    async def _delete_result(self, record: RequestRecord) -> None:
        channel_id = record.result_channel_id
        if record.result_message_id is not None and channel_id is not None:
            try:
                await self._call(self.client.http.delete_message(channel_id, record.result_message_id))
            except DeliveryFailed as error:
                if code_of(error) not in GONE:
                    raise
        try:
            await self._edit_card(record, self.cards.deleted())
        except DeliveryFailed as error:
            if error.retry:
                raise

    async def find_card(self, record: RequestRecord) -> int | None:
        """Ask for the interaction's original response (404 means that there was none), or look for the reply."""
        if record.by_message:
            return await self.posting.find_message(record.place.channel_id, f"v1:cancel:{record.id}")
        if record.interaction_token is None:
            return None
        route = Route(
            "GET",
            "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
            webhook_id=self.client.application_id or 0,
            webhook_token=record.interaction_token,
        )
        try:
            message: Any = await self._call(self.client.http.request(route))
        except DeliveryFailed as error:
            if error.retry:
                raise
            return None
        return int(message["id"])

    async def _edit_card(self, record: RequestRecord, card: Card) -> None:
        try:
            await self._edit(record, card)
        except DeliveryFailed as error:
            if code_of(error) not in AUTOMOD:
                raise
            await self._edit(record, self.cards.without_prompt(card, record))

    async def _edit(self, record: RequestRecord, card: Card) -> None:
        """Through the interaction while its token lives (outside the global rate limit), then as the bot."""
        if record.card_message_id is None:
            return
        age = self.clock() - record.created_at
        app_id = self.client.application_id
        if record.interaction_token is not None and app_id is not None and age < INTERACTION_LIFE:
            webhook = discord.Webhook.partial(app_id, record.interaction_token, client=self.client)
            try:
                await self._call(webhook.edit_message(record.card_message_id, view=layout(card)))
                return
            except DeliveryFailed as error:
                if code_of(error) not in NO_TOKEN:
                    raise
        message = self.client.get_partial_messageable(record.place.channel_id).get_partial_message(
            record.card_message_id
        )
        # An edit reads the mentions anew: without this a reply would mark whom it answers.
        await self._call(message.edit(view=layout(card), allowed_mentions=discord.AllowedMentions.none()))

    async def _call(self, call: Coroutine[Any, Any, T]) -> T:
        return await called(self.client, call)


def _target(record: RequestRecord) -> int:
    if record.place.kind is PlaceKind.COMMAND_LINE:
        raise DeliveryFailed(retry=False, detail="a command-line request has no place on Discord")
    return record.thread_id or record.place.channel_id
