"""How often the bot may still start a session at the gateway: Discord resets the token of one that starts too often."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

import discord

from bot.domain.errors import ConfigError

log = logging.getLogger(__name__)

DAY = 24 * 3600.0

Recall = Callable[[], Awaitable[str | None]]
Remember = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """Sessions that a bot started since a time, kept over restarts."""

    bot_id: int
    since: float
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """Counts session starts beside Discord and stops while there is a reserve.

    1,000 a day; at the limit Discord ends all sessions and resets the token (docs, "Session Start Limit").
    """

    client: discord.AutoShardedClient
    recall: Recall
    remember: Remember
    clock: Callable[[], float]

    async def check(self) -> None:
        """Whether the bot may connect now.

        Raises:
            ConfigError: too few starts are left (`config.starts`).
        """
        await self._check()

    async def spend(self) -> None:
        """Count one start that is about to happen. Raises as `check`."""
        count = await self._check()
        await self.remember(json.dumps(asdict(count) | {"count": count.count + 1}))

    async def _check(self) -> _Count:
        shards, _, limit = await self.client.http.get_bot_gateway()
        count = await self._count()
        reserve = max(shards, 10, limit["total"] // 50)
        by_us = limit["total"] - count.count
        left = min(limit["remaining"], by_us)
        if left <= reserve:
            seconds = limit["reset_after"] / 1000 if left == limit["remaining"] else count.since + DAY - self.clock()
            hours = max(1, math.ceil(seconds / 3600))
            log.critical("only %s of %s session starts are left for %s h", left, limit["total"], hours)
            raise ConfigError("config.starts", left=left, total=limit["total"], count=hours)
        return count

    async def _count(self) -> _Count:
        fresh = _Count(bot_id=self.client.application_id or 0, since=self.clock())
        kept = await self.recall()
        if kept is None:
            return fresh
        count = _Count(**json.loads(kept))
        outdated = count.bot_id != fresh.bot_id or not count.since <= fresh.since < count.since + DAY
        return fresh if outdated else count
