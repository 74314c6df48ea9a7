"""Posting results: what Discord's refusals mean for a result, and what is tried instead in the same place."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import Any

import discord
from discord.utils import snowflake_time

from bot.discord_ui.calls import called
from bot.discord_ui.cards import Card, Cards
from bot.discord_ui.client import AtelierClient
from bot.discord_ui.codes import AUTOMOD, FORBIDDEN, FORUM, INVALID_FORM, TAG_REQUIRED, code_of
from bot.discord_ui.render import files, layout, plain_content, plain_view
from bot.discord_ui.wording import thread_title
from bot.domain.errors import DeliveryFailed
from bot.domain.job import RequestRecord
from bot.services.ports import Clock, Posted, Result

log = logging.getLogger(__name__)

FORBIDDEN_SECONDS = 600.0
"""How long a channel is not tried again that refused a post for want of permissions."""

FIRST_POSTS = 10
"""Posts of a forum that are looked through for a result: the first of its title since it was about to be posted."""

CLOCK_MARGIN = 60.0
"""Seconds by which our clock may be ahead of Discord's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Posts and finds results."""

    client: AtelierClient
    cards: Cards
    clock: Clock
    _forbidden: dict[int, float] = field(default_factory=dict[int, float])

    async def post(self, result: Result, channel_id: int) -> Posted:
        """Post a result; without the prompt where AutoMod minds it, as a post of its own in a forum."""
        self._check(channel_id)
        try:
            return await self._post(result, channel_id)
        except DeliveryFailed as error:
            if code_of(error) not in AUTOMOD:
                raise self._explained(error, channel_id) from error
            log.warning("request %s: AutoMod does not let the prompt through", result.record.id)
        try:
            return await self._post(result, channel_id, quiet=True)
        except DeliveryFailed as error:
            raise self._explained(error, channel_id) from error

    async def _post(self, result: Result, channel_id: int, *, quiet: bool = False) -> Posted:
        card = self.cards.result(result)
        if quiet:
            card = self.cards.without_prompt(card, result.record)
        try:
            return Posted(channel_id=channel_id, message_id=await self._send(result.record, card, channel_id))
        except DeliveryFailed as error:
            if code_of(error) not in FORUM:
                raise
        title = self.cards.texts.say("card.title") if quiet else thread_title(result.record.request.prompt)
        return await self._in_forum(card, title, channel_id)

    async def _send(self, record: RequestRecord, card: Card, channel_id: int) -> int:
        """Sent with the bot's own token and a nonce: Discord gives the first message back for a few minutes."""
        target = self.client.get_partial_messageable(channel_id)
        nonce = f"atelier-{record.id}"
        try:
            sent = await called(self.client, target.send(view=layout(card), files=files(card), nonce=nonce))
        except DeliveryFailed as error:
            if code_of(error) != INVALID_FORM:
                raise
            log.error("request %s: Discord refused the components: %s", record.id, error.detail)
            plain = target.send(
                plain_content(card),
                view=plain_view(card),
                files=files(card, plain=True),
                nonce=nonce,
                suppress_embeds=True,
            )
            sent = await called(self.client, plain)
        return sent.id

    async def _in_forum(self, card: Card, title: str, forum_id: int) -> Posted:
        """A post of its own, with the first tag where one is required. There is no nonce for this."""
        forum = await called(self.client, self.client.fetch_channel(forum_id))
        if not isinstance(forum, discord.ForumChannel):
            raise DeliveryFailed("place.refused", retry=False, detail="neither a text channel nor a forum")

        async def create(tags: list[discord.ForumTag]) -> Posted:
            post = forum.create_thread(name=title, view=layout(card), files=files(card), applied_tags=tags)
            made = await called(self.client, post)
            return Posted(channel_id=made.thread.id, message_id=made.message.id)

        try:
            return await create([])
        except DeliveryFailed as error:
            if code_of(error) != TAG_REQUIRED:
                raise
        return await create([tag for tag in forum.available_tags if not tag.moderated][:1])

    async def find(self, record: RequestRecord, channel_id: int) -> Posted | None:
        """The message there that carries this request's buttons."""
        for place in (channel_id, *await self._posts_of(record, channel_id)):
            message_id = await self.find_message(place, f"v1:reroll:{record.id}")
            if message_id is not None:
                return Posted(channel_id=place, message_id=message_id)
        return None

    async def find_message(self, channel_id: int, custom_id: str) -> int | None:
        """Our latest message there that has this button, among the last ones.

        Raises:
            DeliveryFailed: Discord cannot be reached now.
        """
        return await find_own(self.client, channel_id, f'"{custom_id}"')

    async def _posts_of(self, record: RequestRecord, channel_id: int) -> list[int]:
        """Our posts that may be this result, where the channel is a forum."""
        if not isinstance(await self._channel(channel_id), discord.ForumChannel):
            return []
        active = await called(self.client, self.client.http.get_active_threads(record.requester.guild_id))
        own = str(self.client.user.id) if self.client.user else ""
        titles = {thread_title(record.request.prompt), self.cards.texts.say("card.title")}
        ids = [
            int(thread["id"])
            for thread in active["threads"]
            if thread["owner_id"] == own and int(thread["parent_id"]) == channel_id and thread["name"] in titles
        ]
        since = (record.post_started_at or 0.0) - CLOCK_MARGIN
        return sorted(each for each in ids if snowflake_time(each).timestamp() > since)[:FIRST_POSTS]

    async def _channel(self, channel_id: int) -> object:
        """The channel; right after a start the gateway has not told of any yet, and a post must not be made twice."""
        try:
            return self.client.get_channel(channel_id) or await called(
                self.client, self.client.fetch_channel(channel_id)
            )
        except DeliveryFailed as error:
            if error.retry:
                raise
            return None

    def _check(self, channel_id: int) -> None:
        """Discord counts refused calls: what was forbidden lately is not tried again, nor anything beyond a limit."""
        if self._forbidden.get(channel_id, 0.0) > self.clock():
            raise self._missing(channel_id, "refused a moment ago")
        if self.client.refusals.too_many:
            raise DeliveryFailed(retry=True, detail=f"{self.client.refusals.count} calls were refused in ten minutes")

    def _explained(self, error: DeliveryFailed, channel_id: int) -> DeliveryFailed:
        if code_of(error) not in FORBIDDEN:
            return error
        now = self.clock()
        for known in [known for known, until in self._forbidden.items() if until <= now]:
            del self._forbidden[known]
        self._forbidden[channel_id] = now + FORBIDDEN_SECONDS
        return self._missing(channel_id, error.detail)

    def _missing(self, channel_id: int, detail: str) -> DeliveryFailed:
        names = missing_permissions(self.client, channel_id, "attach_files")
        key = "place.missing" if names else "place.forbidden"
        return DeliveryFailed(key, retry=False, detail=detail, missing=" ".join(names))


async def find_own(client: AtelierClient, channel_id: int, words: str) -> int | None:
    """Our latest message there whose components, as compact JSON, hold these words; looked for among the last ones.

    Raises:
        DeliveryFailed: Discord cannot be reached now.
    """
    try:
        latest: Any = await called(client, client.http.logs_from(channel_id, 50))
    except DeliveryFailed as error:
        if error.retry:
            raise
        # Reading the past is no right the bot asks for; the nonce alone has to keep the message single.
        return None
    own = str(client.user.id) if client.user else ""
    for message in latest:
        if message["author"]["id"] == own and words in json.dumps(message["components"], separators=(",", ":")):
            return int(message["id"])
    return None


def missing_permissions(client: discord.Client, channel_id: int, *more: str) -> list[str]:
    """What the bot lacks for writing in a channel, as far as the gateway told."""
    channel = client.get_channel(channel_id)
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return []
    have = channel.permissions_for(channel.guild.me)
    send = "send_messages_in_threads" if isinstance(channel, discord.Thread) else "send_messages"
    return [name for name in ("view_channel", send, *more) if not getattr(have, name)]
