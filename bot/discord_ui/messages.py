"""Requests by message: mentions, replies, direct messages and forwards, each answered by a reply."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from bot.discord_ui.callers import caller_by_message
from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk
from bot.discord_ui.pictures import is_hidden, pictures_of, upload_of
from bot.discord_ui.render import layout
from bot.domain.errors import InvalidRequest, NotAllowed
from bot.domain.handed import each_once, first_three, without_mention
from bot.domain.options import Options, image_request
from bot.domain.references import Upload
from bot.services.callers import Caller
from bot.services.recovery import MESSAGE_ANSWER_TIME
from bot.services.submissions import Submissions

log = logging.getLogger(__name__)

ANSWER_LIMIT = MESSAGE_ANSWER_TIME / 2
"""Seconds for sending the card; a busy channel may make it wait."""

KINDS = frozenset({discord.MessageType.default, discord.MessageType.reply})
HELP = frozenset({"help", "?"})
DIRECT = discord.Permissions(view_channel=True, send_messages=True, attach_files=True, read_message_history=True)
"""What a bot may do in a direct message, as far as it matters here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message that asks for a picture: its words, its pictures, and where it stands.

    `author` and `own` are the permissions of its author and of the bot there.
    """

    words: str
    pictures: tuple[Upload, ...]
    channel: Any
    author: discord.Permissions
    own: discord.Permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRequests:
    """Turns messages that are meant for the bot into requests; never raises."""

    desk: Desk
    submissions: Submissions
    client: discord.Client

    async def heard(self, message: discord.Message) -> None:
        """A message was sent somewhere. Told of it again, the bot does nothing more."""
        me = self.client.user
        if me is None or message.author.bot or message.webhook_id is not None or message.type not in KINDS:
            return
        # Answering the bot pings it too, which alone asks for nothing: its name must stand in the words.
        if not _is_direct(message) and (message.guild is None or me.id not in message.raw_mentions):
            return
        try:
            await self._answer(message, me.id)
        except Exception as error:  # noqa: BLE001 - the edge: the person gets a sentence, the log the rest
            await self._say(message, self.desk.explain(error))

    async def _answer(self, message: discord.Message, me: int) -> None:
        asked = await self._read(message, me)
        if asked.pictures and not asked.words:
            await self._say(message, self.desk.texts.say("mention.pictures"))
            return
        if not asked.words or asked.words.casefold() in HELP:
            await self._say(message, self.desk.texts.say("mention.help"))
            return
        caller = await self._caller(message, asked)
        pictures, notes = first_three(asked.pictures)
        fallback = await self.submissions.fallback(caller.requester.guild_id)
        request = image_request(asked.words, pictures, Options(), fallback=fallback)
        accepted = await self.submissions.submit(request, caller, notes=notes)
        if accepted.repeated:
            return
        try:
            card_id = await self._reply(message, self.desk.cards.accepted(accepted), asked.own, "card")
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            await self.desk.not_answered(accepted.record, error)
            return
        place = accepted.standing.position
        await self.submissions.answered(accepted.record, card_message_id=card_id, place=place)

    async def _read(self, message: discord.Message, me: int) -> Asked:
        words = without_mention(message.content, me)
        if not words and message.message_snapshots:
            words = without_mention(message.message_snapshots[0].content, me)
        # Its own files count whatever they are: one that is no picture is refused with a sentence, as by a command.
        own = [*(upload_of(each) for each in message.attachments), *pictures_of(message)]
        channel, author, bot = await self._rights(message)
        return Asked(
            words=words,
            pictures=each_once([*own, *_answered(message)]),
            channel=channel,
            author=author,
            own=bot,
        )

    async def _rights(self, message: discord.Message) -> tuple[Any, discord.Permissions, discord.Permissions]:
        """The channel, and what the message's author and the bot may do there."""
        channel: Any = message.channel
        if message.guild is None:
            return channel, DIRECT, DIRECT
        if isinstance(channel, discord.PartialMessageable):
            # A thread that slept is not known, and has to be asked for.
            channel = await self.client.fetch_channel(channel.id)
        return channel, channel.permissions_for(message.author), channel.permissions_for(message.guild.me)

    async def _caller(self, message: discord.Message, asked: Asked) -> Caller:
        """Who asks, and where the result will go.

        Raises:
            NotAllowed: the person may use no commands there, or the bot may not post.
        """
        if not (_is_direct(message) or asked.author.use_application_commands or asked.author.administrator):
            raise NotAllowed("refused.no_commands")
        return await self.desk.placed(caller_by_message(message, asked.channel, asked.author), asked.own)

    async def _say(self, message: discord.Message, sentence: str) -> None:
        """Answer with a sentence, where the bot may: there is no way to show it to one person alone."""
        try:
            channel, _, own = await self._rights(message)
            may = own.send_messages_in_threads if isinstance(channel, discord.Thread) else own.send_messages
            if not may and not own.administrator:
                log.info("a mention could not be answered: no right to write there")
                return
            await self._reply(message, Card(paragraphs=(sentence,)), own, "word")
        except discord.HTTPException as error:
            log.warning("a mention could not be answered: %s (code %s)", error.status, error.code)
        except (aiohttp.ClientError, discord.ClientException, OSError, TimeoutError) as error:
            log.warning("a mention could not be answered: %s", type(error).__name__)

    async def _reply(self, message: discord.Message, card: Card, own: discord.Permissions, what: str) -> int:
        """One message that pings nobody; sent again within minutes, Discord gives the first one back."""
        channel = self.client.get_partial_messageable(message.channel.id)
        refers = own.read_message_history or own.administrator
        reference = message.to_reference(fail_if_not_exists=False) if refers else None
        async with asyncio.timeout(ANSWER_LIMIT):
            options: Any = {"reference": reference, "nonce": f"{what}-{message.id}"}
            sent: discord.Message = await channel.send(view=layout(card), **options)
        return sent.id


def _is_direct(message: discord.Message) -> bool:
    """Whether it is a direct message; a server that is not known yet is none."""
    return isinstance(message.channel, discord.DMChannel)


def _answered(message: discord.Message) -> tuple[Upload, ...]:
    """The pictures of the message that this one answers.

    Raises:
        InvalidRequest: Discord does not show them to the bot.
    """
    original = message.reference.resolved if message.reference is not None else None
    if not isinstance(original, discord.Message):
        return ()
    if is_hidden(original) and not original.message_snapshots:
        raise InvalidRequest("refused.hidden_message")
    return pictures_of(original)
