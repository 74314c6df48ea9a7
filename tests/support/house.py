"""One process of the bot without Discord and image services: the real services on a real store, at a clock set by hand.

The test plays the worker: it claims jobs and says how they end.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from bot.app import no_fresh_link
from bot.assembly import App
from bot.domain.errors import ProviderError, UnusableImage
from bot.domain.job import Job, JobState, Output, Place, PlaceKind, Requester, RequestId, RequestRecord
from bot.domain.money import Money
from bot.domain.quota import QuotaRule
from bot.domain.request import ImageRequest
from bot.imaging.decoder import Decoder
from bot.providers.base import Provider
from bot.providers.runway_facts import RUNWAY
from bot.services.admission import Accepted
from bot.services.callers import Caller
from bot.services.ports import NoSteps, Posted, Presenter, Result
from bot.settings import BudgetSettings, JobsSettings, Settings
from bot.store.blobs import open_blobs
from bot.store.database import Database
from tests.support.png import small_png

GUILD = 10
LEASE = 60.0
PICTURE = small_png(64, 64)
SHA256 = hashlib.sha256(PICTURE).hexdigest()


@dataclass
class Now:
    """A clock that is set by hand, and remembers how far it has been."""

    at: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Wall:
    """Where results are shown: how many messages each request has."""

    posts: Counter[RequestId] = field(default_factory=Counter[RequestId])

    async def open_place(self, record: RequestRecord) -> int | None:
        return None

    async def find_result(self, record: RequestRecord, channel_id: int) -> Posted | None:
        return Posted(channel_id=channel_id, message_id=int(record.id)) if self.posts[record.id] else None

    async def post_result(self, result: Result, channel_id: int) -> Posted:
        self.posts[result.record.id] += 1
        return Posted(channel_id=channel_id, message_id=int(result.record.id))

    async def delete_result(self, record: RequestRecord) -> None:
        del self.posts[record.id]

    async def close_card(self, result: Result) -> None:
        return None

    def upload_limit(self, record: RequestRecord) -> int:
        return 2**31


class _Runway:
    facts = RUNWAY


async def _no_file(_: str, __: BinaryIO) -> None:
    raise UnusableImage("image.gone")


@dataclass(frozen=True, kw_only=True)
class Process(App):
    """One process, with what people and its worker do in it."""

    name: str
    now: Now

    @classmethod
    def of(
        cls,
        *,
        name: str,
        database: Database,
        clock: Now,
        wall: Wall,
        folder: Path,
        rule: QuotaRule,
        cap: BudgetSettings | None = None,
    ) -> Process:
        """A process on a database; clock and wall are shared with other processes or outlive it."""
        return cls(
            name=name,
            settings=Settings(budget=cap or BudgetSettings(), jobs=JobsSettings(lease=LEASE)),
            database=database,
            blobs=open_blobs(f"file:{folder}"),
            providers={"runway": cast(Provider, _Runway())},
            presenter=cast(Presenter, wall),
            steps=NoSteps(),
            rule=rule,
            fetch=_no_file,
            refresh=no_fresh_link,
            decoder=Decoder(memory=0),
            now=clock,
            clock=clock,
        )

    async def ask(self, requester: Requester, interaction_id: int, *, count: int = 1, answer: bool = True) -> Accepted:
        """`/imagine`, and the card that answers it."""
        caller = Caller(
            requester=requester,
            place=Place(kind=PlaceKind.CHANNEL, channel_id=100),
            interaction_id=interaction_id,
            interaction_token="token",
        )
        request = ImageRequest(prompt="a lighthouse at dusk", seed=7, count=count)
        accepted = await self.submissions.submit(request, caller)
        if answer:
            await self.submissions.answered(accepted.record, card_message_id=interaction_id)
        return accepted

    async def claim(self) -> Job | None:
        """The next job to work on, up to the intent to submit it."""
        taken = await self.database.write(
            lambda tx: self.jobs.claim(tx, now=self.clock(), owner=self.name, lease=LEASE, providers={"runway": 3})
        )
        job = taken[0] if taken else None
        if job is None or job.state is not JobState.PREPARING:
            return job
        return await self.checkpoints.intend(job, at_most=None)

    async def succeed(self, job: Job, cost: Money | None) -> Job:
        """The picture is there; `cost` is what the service said that it billed."""
        await self.blobs.put(PICTURE)
        output = Output(
            job_id=job.id,
            position=0,
            sha256=SHA256,
            media_type="image/png",
            width=64,
            height=64,
            size_bytes=len(PICTURE),
        )
        return await self.checkpoints.succeed(job, await self.checkpoints.request_of(job), [output], cost)

    async def fail(self, job: Job, billed: Money | None, *, state: JobState = JobState.FAILED) -> Job:
        """It ended without a picture."""
        error = ProviderError(provider="runway", billed=billed)
        return await self.checkpoints.fail(job, await self.checkpoints.request_of(job), error, state=state)

    async def lose(self, job: Job) -> Job:
        """Nobody can tell whether it started."""
        error = ProviderError("provider.unknown", provider="runway")
        return await self.checkpoints.lose(job, await self.checkpoints.request_of(job), error)

    async def deliver(self) -> None:
        """Bring what is due to its place."""
        for record in await self.deliveries.take():
            await self.deliveries.deliver(record)
