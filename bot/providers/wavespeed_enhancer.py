"""WaveSpeedAI's prompt optimiser: one text in, a richer text out, within a time limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from bot.domain.errors import PollFailed
from bot.providers.failures import failure_text
from bot.providers.http import HttpClient
from bot.providers.wavespeed_api import BASE_URL, WaveSpeedApi
from bot.providers.wavespeed_facts import NAME
from bot.providers.wavespeed_wire import Prediction

PATH: Final = "wavespeed-ai/prompt-optimizer"
LIMIT_SECONDS: Final = 20.0
_REST: Final = 1.0
_ENDED: Final = frozenset({"failed", "timeout", "deleted", "cancelled", "canceled"})


class WaveSpeedEnhancer:
    """Asks for a better prompt. What comes is the service's own words: whether it may be used is the caller's to say.

    `limit` is how long it may take in all, in seconds. `sleep` is there for tests.
    """

    def __init__(
        self,
        *,
        http: HttpClient,
        api_key: str,
        base_url: str = BASE_URL,
        limit: float = LIMIT_SECONDS,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = WaveSpeedApi(http=http, api_key=api_key, base_url=base_url, timeout=limit, clock=clock)
        self._limit = limit
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"WaveSpeedEnhancer({self._api!r})"

    async def enhance(self, prompt: str) -> str:
        """The optimised prompt. Costs the operator a little; not repeated.

        Raises:
            ProviderError: there is none, or not in time.
        """
        try:
            async with asyncio.timeout(self._limit):
                return await self._optimised(prompt)
        except TimeoutError:
            raise PollFailed(provider=NAME, detail="the prompt optimiser took too long") from None

    async def _optimised(self, prompt: str) -> str:
        # The body that the service's own desktop program sends (WaveSpeedAI/wavespeed-desktop, src/api/client.ts).
        body = {"text": prompt, "mode": "image", "style": "default", "enable_sync_mode": True}
        task = await self._api.submit(PATH, body)
        while (text := _text_of(task)) is None:
            await self._sleep(_REST)
            told = await self._api.result(task.id)
            task = told or task
        return text


def _text_of(task: Prediction) -> str | None:
    """The text, `None` while there is none yet."""
    status = (task.status or "").strip().casefold()
    if status in _ENDED:
        raise failure_text(task.error or "", provider=NAME, billed=None)
    if status != "completed":
        return None
    text = task.outputs[0].strip() if task.outputs else ""
    if not text:
        raise PollFailed(provider=NAME, detail="the prompt optimiser said nothing")
    return text
