"""Holding a request against its server's rules, before anything is held or paid."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from bot.domain.errors import NotAllowed
from bot.domain.guild import GuildSettings
from bot.domain.job import NO_GUILD
from bot.domain.request import ImageRequest
from bot.domain.rules import Block, check_age_rule, may_use, must_cover
from bot.domain.words import word_filter
from bot.services.callers import Caller
from bot.store.blocks import BlockStore
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who may ask, where, and in which words. Direct messages and the command line know no rules."""

    database: Database
    guilds: GuildStore
    blocks: BlockStore

    async def applied(self, request: ImageRequest, caller: Caller) -> ImageRequest:
        """The request as the server's rules let it through: covered by a spoiler where they say so.

        Raises:
            NotAllowed: the person is blocked, the place is not one for pictures, or a word is not accepted.
        """
        guild_id = caller.requester.guild_id
        if guild_id == NO_GUILD:
            return request

        async def load(tx: Transaction) -> tuple[GuildSettings, Block | None]:
            settings = await self.guilds.get(tx, guild_id)
            return settings, await self.blocks.get(tx, guild_id, caller.requester.user_id)

        settings, block = await self.database.read(load)
        if block is not None:
            raise NotAllowed("refused.blocked")
        if not may_use(settings, caller.channel_ids):
            raise _other_channel(settings)
        check_age_rule(settings, age_restricted=caller.age_restricted)
        if settings.words:
            # A new list takes a while to prepare.
            await asyncio.to_thread(_check_words, settings.words, request)
        covered = must_cover(settings, age_restricted=caller.age_restricted)
        return replace(request, spoiler=True) if covered else request


def _other_channel(settings: GuildSettings) -> NotAllowed:
    allowed = settings.channels_allowed
    if not allowed:
        return NotAllowed("refused.channel")
    return NotAllowed("refused.channel_elsewhere", channels=", ".join(f"<#{each}>" for each in allowed[:5]))


def _check_words(words: tuple[str, ...], request: ImageRequest) -> None:
    texts = (request.prompt, *(reference.tag for reference in request.references))
    if word_filter(words).find(texts) is not None:
        # Which word it was is for moderators only: the answer would teach how to get past it.
        raise NotAllowed("refused.words")
