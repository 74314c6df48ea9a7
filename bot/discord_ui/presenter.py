"""Showing requests on Discord by ids alone, so that it works an hour or a restart later."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import discord
from discord.http import Route

from bot.discord_ui.cards import Card, Cards
from bot.discord_ui.client import AtelierClient
from bot.discord_ui.render import files, layout, plain_content, plain_view
from bot.discord_ui.wording import thread_title
from bot.domain.errors import DeliveryFailed
from bot.domain.job import INTERACTION_LIFE, PlaceKind, RequestRecord
from bot.services.ports import CardView, Clock, Result

log = logging.getLogger(__name__)

T = TypeVar("T")

EDIT_LIMIT = 5.0
"""Seconds for showing progress: a card that takes longer must not hold up the others."""

FILE_LIMIT = 10 * 1024 * 1024
"""Bytes one attachment may have in a server without boosts (docs, "Uploading Files")."""

REQUEST_LIMIT = 24 * 1024 * 1024
"""Bytes of all attachments of one message: 25 MiB for the request, less its form."""

THREAD_EXISTS = 160004
INVALID_FORM = 50035
_NO_THREAD_HERE = {10008, 50001, 50013, 50024, 50083, 160005, 160006}
"""Card deleted, no access, no right, wrong kind of channel, archived, locked, too many threads: post in the channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordPresenter:
    """The presenter port on a logged-in discord.py client."""

    client: AtelierClient
    cards: Cards
    clock: Clock

    def upload_limit(self, record: RequestRecord) -> int:
        """Ten MiB a file, and all files of the message together within one request."""
        return min(FILE_LIMIT, REQUEST_LIMIT // max(1, len(record.jobs)))

    async def update_card(self, view: CardView) -> None:
        """Progress edits are the first thing to drop when Discord is busy."""
        if self.client.refusals.too_many:
            return
        try:
            async with asyncio.timeout(EDIT_LIMIT):
                await self._edit_card(view.record, self.cards.underway(view))
        except (DeliveryFailed, TimeoutError) as error:
            log.info("request %s: card not updated: %s", view.record.id, error)

    async def open_place(self, record: RequestRecord) -> int | None:
        """A thread made from a message has the message's id, so a second try finds the first one's thread."""
        if record.card_message_id is None:
            return None
        start = self.client.http.start_thread_with_message(
            record.place.channel_id,
            record.card_message_id,
            name=thread_title(record.request.prompt),
            auto_archive_duration=1440,
            reason=None,
        )
        try:
            thread = await self._call(start)
        except DeliveryFailed as error:
            code = _code_of(error)
            if code == THREAD_EXISTS:
                return record.card_message_id
            if code in _NO_THREAD_HERE:
                log.warning("request %s: no thread (code %s); posting in the channel", record.id, code)
                return None
            raise
        return int(thread["id"])

    async def find_result(self, record: RequestRecord) -> int | None:
        """Among the place's latest messages, the one of ours that carries this request's buttons."""
        return await self._find(_target(record), f"v1:reroll:{record.id}")

    async def _find(self, channel_id: int, custom_id: str) -> int | None:
        """Our latest message there that has this button, among the last ones.

        Raises:
            DeliveryFailed: Discord cannot be reached now.
        """
        try:
            latest: Any = await self._call(self.client.http.logs_from(channel_id, 50))
        except DeliveryFailed as error:
            if error.retry:
                raise
            # Reading the past is no right the bot asks for; the nonce alone has to keep the result single.
            return None
        own = str(self.client.user.id) if self.client.user else ""
        for message in latest:
            if message["author"]["id"] == own and f'"{custom_id}"' in json.dumps(message["components"]):
                return int(message["id"])
        return None

    async def post_result(self, result: Result) -> int:
        """Sent with the bot's own token and a nonce: Discord gives the first message back for a few minutes."""
        card = self.cards.result(result)
        target = self.client.get_partial_messageable(_target(result.record))
        nonce = f"atelier-{result.record.id}"
        try:
            sent = await self._call(target.send(view=layout(card), files=files(card), nonce=nonce))
        except DeliveryFailed as error:
            if _code_of(error) != INVALID_FORM:
                raise
            log.error("request %s: Discord refused the components: %s", result.record.id, error.detail)
            sent = await self._call(
                target.send(
                    plain_content(card),
                    view=plain_view(card),
                    files=files(card, plain=True),
                    nonce=nonce,
                    suppress_embeds=True,
                )
            )
        return sent.id

    async def close_card(self, result: Result) -> None:
        """The card's last edit."""
        await self._edit_card(result.record, self.cards.closed(result))

    async def find_card(self, record: RequestRecord) -> int | None:
        """Ask for the interaction's original response (404 means that there was none), or look for the reply."""
        if record.by_message:
            return await self._find(record.place.channel_id, f"v1:cancel:{record.id}")
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
        """Through the interaction while its token lives (outside the global rate limit), then as the bot."""
        if record.card_message_id is None:
            return
        age = self.clock() - record.created_at
        app_id = self.client.application_id
        if record.interaction_token is not None and app_id is not None and age < INTERACTION_LIFE:
            webhook = discord.Webhook.partial(app_id, record.interaction_token, client=self.client)
            await self._call(webhook.edit_message(record.card_message_id, view=layout(card)))
            return
        message = self.client.get_partial_messageable(record.place.channel_id).get_partial_message(
            record.card_message_id
        )
        # An edit reads the mentions anew: without this a reply would mark whom it answers.
        await self._call(message.edit(view=layout(card), allowed_mentions=discord.AllowedMentions.none()))

    async def _call(self, call: Coroutine[Any, Any, T]) -> T:
        return await called(self.client, call)


async def called(client: AtelierClient, call: Coroutine[Any, Any, T]) -> T:
    """What a call of Discord gives.

    Raises:
        DeliveryFailed: Discord refused, or cannot be reached now (`retry`).
    """
    if client.application_id is None:
        call.close()
        raise DeliveryFailed(retry=True, detail="not logged in yet")
    try:
        return await call
    except discord.HTTPException as error:
        raise _failure(error) from error
    except (aiohttp.ClientError, OSError) as error:
        raise DeliveryFailed(retry=True, detail=type(error).__name__) from error


def _target(record: RequestRecord) -> int:
    if record.place.kind is PlaceKind.COMMAND_LINE:
        raise DeliveryFailed(retry=False, detail="a command-line request has no place on Discord")
    return record.thread_id or record.place.channel_id


def _failure(error: discord.HTTPException) -> DeliveryFailed:
    """Busy or broken is worth another try; gone, closed or refused is not."""
    retry = error.status >= 500 or error.status == 429
    return DeliveryFailed(retry=retry, detail=f"HTTP {error.status}, code {error.code}")


def _code_of(failure: DeliveryFailed) -> int:
    """Discord's code behind a failure, 0 without one."""
    cause = failure.__cause__
    return cause.code if isinstance(cause, discord.HTTPException) else 0
