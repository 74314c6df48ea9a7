"""Servers' galleries on Discord: what a picture looks like there, and who may see it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.discord_ui.calls import called
from bot.discord_ui.cards import DONE, ButtonSpec, Card, Cards
from bot.discord_ui.client import AtelierClient
from bot.discord_ui.codes import AUTOMOD, GONE, code_of
from bot.discord_ui.posting import find_own
from bot.discord_ui.render import files, layout
from bot.discord_ui.wording import code_block, shortened
from bot.domain.errors import DeliveryFailed
from bot.domain.job import JobId, RequestRecord
from bot.services.gallery import Exhibit, Room

PROMPT_ROOM = 300
"""UTF-16 units of a prompt that the gallery shows; all of it is behind the link."""

Place = discord.abc.GuildChannel | discord.Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryCards:
    """The screen of a picture in the gallery."""

    cards: Cards

    def exhibit(self, exhibit: Exhibit, *, quiet: bool = False) -> Card:
        """The picture with its credit and the buttons that everybody may use; `quiet` without the prompt's words."""
        say, record = self.cards.texts.say, exhibit.record
        facts: dict[str, Any] = {
            "user_id": record.requester.user_id,
            "link": self.cards.wording.link(
                guild_id=record.requester.guild_id,
                channel_id=record.result_channel_id or 0,
                message_id=record.result_message_id or 0,
            ),
        }
        credit = say("gallery.by_moderator", **facts)
        if exhibit.votes:
            credit = say("gallery.by_votes", count=exhibit.votes, **facts)
        picture = replace(self.cards.picture(record, exhibit.picture), spoiler=exhibit.covered)
        paragraphs = (credit, code_block(shortened(record.request.prompt, PROMPT_ROOM)))
        if quiet:
            paragraphs, picture = (credit,), replace(picture, alt=say("card.alt_plain"))
        row = self._buttons(record, exhibit.picture.job.id)
        return Card(paragraphs=paragraphs, pictures=(picture,), rows=(row,), accent=DONE)

    def _buttons(self, record: RequestRecord, job_id: JobId) -> tuple[ButtonSpec, ...]:
        """They name the result's own message, as those of More do."""
        say, message_id = self.cards.texts.say, record.result_message_id
        return (
            ButtonSpec(custom_id=f"v1:details:{record.id}:{message_id}", label=say("button.details")),
            ButtonSpec(custom_id=f"v1:favour:{job_id}:{message_id}", label=say("button.favourite")),
            ButtonSpec(custom_id=vote_id(record, job_id), label=say("button.vote")),
            ButtonSpec(custom_id=f"v1:send:{record.id}:{message_id}", label=say("button.send")),
        )


def vote_id(record: RequestRecord, job_id: JobId) -> str:
    """The id of a picture's button Vote; by it its message is found again."""
    return f"v1:vote:{job_id}:{record.result_message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Galleries:
    """The port of the services on a logged-in discord.py client."""

    client: AtelierClient
    cards: GalleryCards

    async def room(self, record: RequestRecord, channel_id: int) -> Room:
        """By the channel's roles, and as Discord asks: what is age-restricted stays in age-restricted channels."""
        gallery = await self._place(channel_id)
        source = await self._place(record.result_channel_id or record.place.channel_id)
        if isinstance(source, discord.Thread):
            source = None if source.is_private() else await self._place(source.parent_id)
        if not isinstance(gallery, discord.TextChannel) or source is None:
            return Room(fits=False, age_restricted=False)
        fits = gallery.nsfw or not getattr(source, "nsfw", False)
        for role in gallery.guild.roles:
            seen = gallery.permissions_for(role).view_channel
            fits = fits and (not seen or source.permissions_for(role).view_channel)
        return Room(fits=fits, age_restricted=gallery.nsfw)

    async def _place(self, channel_id: int) -> Place | None:
        known = self.client.get_channel(channel_id)
        if known is None:
            try:
                known = await called(self.client, self.client.fetch_channel(channel_id))
            except DeliveryFailed as error:
                if error.retry:
                    raise
        return known if isinstance(known, discord.abc.GuildChannel | discord.Thread) else None

    async def find(self, record: RequestRecord, job_id: JobId, channel_id: int) -> int | None:
        """Through its button Vote."""
        return await find_own(self.client, channel_id, f'"{vote_id(record, job_id)}"')

    async def post(self, exhibit: Exhibit, channel_id: int) -> int:
        """With a nonce that stands for the picture; without the prompt where AutoMod minds it."""
        try:
            return await self._send(self.cards.exhibit(exhibit), exhibit, channel_id)
        except DeliveryFailed as error:
            if code_of(error) not in AUTOMOD:
                raise
        return await self._send(self.cards.exhibit(exhibit, quiet=True), exhibit, channel_id)

    async def _send(self, card: Card, exhibit: Exhibit, channel_id: int) -> int:
        target = self.client.get_partial_messageable(channel_id)
        nonce = f"atelier-gal-{exhibit.picture.job.id}"
        return (await called(self.client, target.send(view=layout(card), files=files(card), nonce=nonce))).id

    async def take_down(self, channel_id: int, message_id: int) -> None:
        """What somebody deleted before is gone."""
        try:
            await called(self.client, self.client.http.delete_message(channel_id, message_id))
        except DeliveryFailed as error:
            if code_of(error) not in GONE:
                raise
