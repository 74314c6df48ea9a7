"""How many people a change touches: Discord's own numbers, or what the bot itself has seen."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from bot.domain.job import Requester
from bot.domain.quota import Subject, SubjectKind
from bot.services.quotas import QuotaService
from bot.texts import Texts

log = logging.getLogger(__name__)

PATIENCE = 1.5
"""Seconds for Discord's number: the question has to come within three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """Counts without the privileged list of members.

    Of a server Discord tells about how many members it has. Of its roles it tells those who may manage roles
    (discord.py, `Guild.role_member_counts`), which is a right that the bot does not ask for: where it lacks it, people
    are counted who have asked for pictures.
    """

    quotas: QuotaService
    texts: Texts

    async def of(self, interaction: discord.Interaction[Any], moderator: Requester, subject: Subject) -> str:
        """The sentence that says how many a role's or everyone's rule touches, and whose number that is."""
        count = await self._by_discord(interaction.client, moderator.guild_id, subject)
        if count is None:
            known = await self.quotas.known_people(moderator, subject)
            return self.texts.say("touches.known", count=known)
        return self.texts.say(f"touches.{subject.kind}", count=count)

    async def _by_discord(self, client: discord.Client, guild_id: int, subject: Subject) -> int | None:
        try:
            async with asyncio.timeout(PATIENCE):
                if subject.kind is SubjectKind.ROLE:
                    counts = await client.http.get_role_member_counts(guild_id)
                    return counts.get(str(subject.id), 0)
                guild = await client.http.get_guild(guild_id, with_counts=True)
                return guild.get("approximate_member_count")
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("server %s: Discord told no number of people: %s", guild_id, type(error).__name__)
            return None
