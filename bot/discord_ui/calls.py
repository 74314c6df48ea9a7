"""discord.py's calls with the limits that it lacks: a time for each try, and an eye on calls that Discord refuses."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any, TypeVar

import aiohttp
import discord
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter

from bot.discord_ui.codes import failure
from bot.domain.errors import DeliveryFailed

T = TypeVar("T")

CALL_LIMIT = 30.0
"""Seconds for one try of one call; discord.py itself sets none (aiohttp's default is 300 s, five times)."""

ANSWER_LIMIT = 2.5
"""Seconds for sending an answer, all tries together: Discord takes none after 3 (docs, "Receiving and Responding")."""

ALREADY_ANSWERED = 40060

REFUSED_SECONDS = 600.0
REFUSED_LIMIT = 5_000
"""Calls refused within ten minutes after which the bot rests: at 10,000 Discord bans the address (docs, "Invalid
Request Limit")."""

_tries: ContextVar[list[int] | None] = ContextVar("tries", default=None)


class AnsweredElsewhere(discord.DiscordException):
    """Discord refused the only try to answer because there is an answer: another process has the same token."""


class Refusals:
    """Counts 401, 403 and 429, and notices when Discord does not accept the token any more."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque()
        self.bad_token = asyncio.Event()

    def trace(self) -> aiohttp.TraceConfig:
        """What has to be given to the client so that its calls are seen."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._begun)
        trace.on_request_end.append(self._ended)
        return trace

    def note(self, status: int, *, shared: bool = False) -> None:
        """A call came back with this status; a limit that the whole place shares (`shared`) is nobody's fault."""
        if status in {401, 403} or (status == 429 and not shared):
            self._times.append(self._clock())

    @property
    def count(self) -> int:
        """How many calls were refused within the last ten minutes."""
        while self._times and self._times[0] <= self._clock() - REFUSED_SECONDS:
            self._times.popleft()
        return len(self._times)

    @property
    def too_many(self) -> bool:
        """Whether calls that can wait have to wait."""
        return self.count >= REFUSED_LIMIT

    async def _begun(self, _session: Any, _context: SimpleNamespace, _params: aiohttp.TraceRequestStartParams) -> None:
        tries = _tries.get()
        if tries is not None:
            tries[0] += 1

    async def _ended(self, _session: Any, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
        response = params.response
        self.note(response.status, shared=response.headers.get("X-RateLimit-Scope") == "shared")
        # Interaction tokens end after 15 minutes; only elsewhere it is the bot's own that is refused.
        own = "/webhooks/" not in params.url.path and "/interactions/" not in params.url.path
        if response.status == 401 and own:
            self.bad_token.set()


class BoundedHTTP(HTTPClient):
    """Calls with the bot's token."""

    async def request(self, route: Route, **kwargs: Any) -> Any:
        """As discord.py's, but no try takes longer than the limit. Raises `TimeoutError` then."""
        kwargs.setdefault("timeout", aiohttp.ClientTimeout(total=CALL_LIMIT))
        return await super().request(route, **kwargs)


class PromptAdapter(AsyncWebhookAdapter):
    """Calls with an interaction's token; discord.py takes the adapter from the context (`async_context`)."""

    async def request(self, route: Route, session: aiohttp.ClientSession, **kwargs: Any) -> Any:
        """As discord.py's, but within the time in which it is of any use.

        Raises:
            TimeoutError: that time is over.
            AnsweredElsewhere: the only try was refused because of an answer that can be nobody's but another process's.
        """
        answers = route.path.endswith("/callback")
        tries = [0]
        token = _tries.set(tries)
        try:
            async with asyncio.timeout(ANSWER_LIMIT if answers else CALL_LIMIT):
                return await super().request(route, session, **kwargs)
        except discord.HTTPException as error:
            if answers and error.code == ALREADY_ANSWERED and tries == [1]:
                raise AnsweredElsewhere("the interaction has an answer already") from error
            raise
        finally:
            _tries.reset(token)


async def called(client: discord.Client, call: Coroutine[Any, Any, T]) -> T:
    """What a call of Discord gives.

    Raises:
        DeliveryFailed: Discord refused, or cannot be reached now (`retry`).
    """
    if client.application_id is None:
        call.close()
        raise DeliveryFailed("place.busy", retry=True, detail="not logged in yet")
    try:
        return await call
    except discord.HTTPException as error:
        raise failure(error) from error
    except (aiohttp.ClientError, OSError) as error:
        raise DeliveryFailed("place.busy", retry=True, detail=type(error).__name__) from error
