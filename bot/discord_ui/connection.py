"""The way to Discord: logging in, registering the commands and holding the gateway, however long Discord is away."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import discord
from discord.utils import MISSING

from bot.discord_ui.client import AtelierClient, Recall, Remember
from bot.discord_ui.starts import Starts
from bot.domain.errors import ConfigError

log = logging.getLogger(__name__)

LONGEST_WAIT = 60.0
"""Seconds between two tries at most."""

HOPELESS_CODES = frozenset({4004, 4010, 4012, 4013, 4014})
"""Close codes that no new connection mends: token, shard, version or intents are not accepted."""

NO_ACCESS = 50001


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Holds the client's connection. `recall` and `remember` keep what Discord was told of the commands."""

    client: AtelierClient
    token: str
    starts: Starts
    recall: Recall
    remember: Remember

    async def hold(self) -> None:
        """Until the client is closed. What passes is waited out.

        Raises:
            ConfigError: only the operator can mend it.
            Exception: the gateway ended for good; a new process may fare better.
        """
        try:
            await self._patiently(self._log_in)
            await self._patiently(self._register)
            await self._patiently(self._connect)
        except discord.PrivilegedIntentsRequired as error:
            raise ConfigError("config.bad_token") from error
        except discord.ConnectionClosed as error:
            if error.code in HOPELESS_CODES:
                raise ConfigError("config.bad_token") from error
            raise

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> None:
        wait = 1.0
        while True:
            try:
                return await step()
            except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
                if self.client.is_closed() or not _passes(error):
                    raise
                log.warning("Discord cannot be reached (%s); again in %.0f s", type(error).__name__, wait)
                # Not all at the same time once Discord is back.
                await asyncio.sleep(wait * random.uniform(0.75, 1.0))
                wait = min(LONGEST_WAIT, 2 * wait)

    async def _log_in(self) -> None:
        try:
            await self.client.login(self.token)
        except discord.LoginFailure as error:
            raise ConfigError("config.bad_token") from error
        except BaseException:
            # The next try makes a session and a connector of its own.
            await self.client.http.close()
            self.client.http.connector = MISSING
            raise

    async def _register(self) -> None:
        """What Discord does not take of the commands is no reason to leave those and the buttons that it knows."""
        try:
            await self.client.register(self.recall, self.remember)
        except discord.HTTPException as error:
            if _passes(error):
                raise
            if error.code == NO_ACCESS:
                raise ConfigError("config.guild") from error
            log.error("the commands could not be registered: HTTP %s, code %s", error.status, error.code)

    async def _connect(self) -> None:
        await self.starts.check()
        await self.client.connect()


def _passes(error: BaseException) -> bool:
    """Whether Discord is only away or busy."""
    if isinstance(error, discord.GatewayNotFound) and error.__cause__ is not None:
        return _passes(error.__cause__)
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status == 429
    return True
