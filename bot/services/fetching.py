"""Bringing finished pictures home: downloaded, decoded in full, and kept before they count."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot import imaging
from bot.domain.errors import OutputUnavailable, PollFailed, RateLimited
from bot.domain.job import Job, Output
from bot.providers.base import Done, Provider, RemotePicture
from bot.services.ports import Steps
from bot.store.blobs import Blobs

log = logging.getLogger(__name__)

TRIES = 4
RETRY_DELAYS = (0.5, 2.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A picture that is in the blob store, and not yet in the books."""

    output: Output
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Fetches a task's pictures into the blob store. `turn` is held by whoever deletes bytes there."""

    blobs: Blobs
    steps: Steps
    turn: asyncio.Lock

    async def keep(self, job: Job, provider: Provider, done: Done) -> list[Fetched]:
        """The pictures of a finished task. Safe to repeat: the store knows pictures by their content.

        Raises:
            OutputUnavailable: none could be fetched, however often and with fresh links.
        """
        for attempt in range(TRIES):
            try:
                return [
                    await self._keep_one(job, provider, position, picture)
                    for position, picture in enumerate(done.pictures)
                ]
            except OutputUnavailable as error:
                log.warning("job %s: fetch %s of %s failed: %s", job.id, attempt + 1, TRIES, error.detail)
                if attempt + 1 == TRIES:
                    raise
                await asyncio.sleep(RETRY_DELAYS[attempt])
                done = await self._fresh_links(provider, done)
        raise AssertionError("unreachable")

    async def _keep_one(self, job: Job, provider: Provider, position: int, picture: RemotePicture) -> Fetched:
        content = await provider.download(picture)
        await self.steps.reached("downloaded")
        try:
            found = await asyncio.to_thread(imaging.probe, content)
        except imaging.DamagedPicture as error:
            raise OutputUnavailable(provider=job.provider, detail=f"damaged: {error}") from None
        output = Output(
            job_id=job.id,
            position=position,
            sha256=await self.blobs.put(content),
            media_type=found.media_type,
            width=found.width,
            height=found.height,
            size_bytes=len(content),
        )
        return Fetched(output=output, content=content)

    async def record(self, fetched: Sequence[Fetched], write: Callable[[list[Output]], Awaitable[Job]]) -> Job:
        """Write pictures into the books; bytes that were deleted with another result meanwhile are kept again."""
        async with self.turn:
            for each in fetched:
                if not await self.blobs.exists(each.output.sha256):
                    await self.blobs.put(each.content)
            return await write([each.output for each in fetched])

    async def _fresh_links(self, provider: Provider, done: Done) -> Done:
        try:
            state = await provider.poll(done.task_id)
        except (PollFailed, RateLimited):
            return done
        return state if isinstance(state, Done) else done
