"""Fresh links to files in messages: Discord signs each for about a day, and anew whenever the message is read."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord

from bot.domain.links import attachment_of

log = logging.getLogger(__name__)

LIMIT = 5.0
"""Seconds for the question: a bad file must be told of within 15 (product.md, section 7)."""
AROUND = 10
"""Messages to look through: a file's id is made just before that of its message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Reads messages again, where the bot may read the past of a channel."""

    client: discord.Client

    async def fresh(self, link: str) -> str | None:
        """A link to the same file that works now; `None` when it is no file of a message that is still there."""
        file = attachment_of(link)
        if file is None:
            return None
        try:
            async with asyncio.timeout(LIMIT):
                found: Any = await self.client.http.logs_from(file.channel_id, AROUND, around=file.attachment_id)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("a link could not be made anew: %s", type(error).__name__)
            return None
        for message in found:
            for attachment in message["attachments"]:
                if attachment["id"] == str(file.attachment_id):
                    return attachment["url"]
        return None
