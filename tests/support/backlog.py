"""Unfinished jobs as a killed bot leaves them: in every state, of many people, with cards, tasks and pictures."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, text

from bot.domain.job import JobState, NewRequest, Place, PlaceKind, Requester, RequestId
from bot.domain.request import ImageRequest
from bot.playground.messages import Message, MessageFlag, MessageType
from bot.playground.server import LocalDiscord
from bot.store.blobs import Blobs
from bot.store.database import Database, Transaction
from bot.store.rows import job_values, request_values
from bot.store.spending import spend
from bot.store.tables import jobs, ledger, outputs, requests
from tests.support.png import small_png
from tests.support.requests import PRICE, new_request
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario
from tests.support.runway_task import LocalTask

READY = "ready"
"""Made, and to be posted."""

MIX = {
    JobState.WAITING: 76,
    JobState.PREPARING: 1,
    JobState.SUBMITTING: 1,
    JobState.RUNNING: 4,
    JobState.FETCHING: 2,
    READY: 16,
}
"""How many of a hundred jobs stand at each step."""

TASK = Scenario(queue=0, running=(0.5, 0.7))
AT_ONCE = 2
LEASE = 30.0
DEAD = "a process that was killed"
PICTURE = small_png(64, 36)
CARD = {"type": 17, "components": [{"type": 10, "content": "**Queued**"}]}


def mixed(count: int) -> list[str]:
    """The step of each job, evenly mixed."""
    turns = sorted(((number + 0.5) / share, step) for step, share in MIX.items() for number in range(share))
    return [turns[number % len(turns)][1] for number in range(count)]


@dataclass
class Backlog:
    """A request of one picture for each of `steps`, made at a time (a minute ago) in channels of the local Discord."""

    discord: LocalDiscord
    runway: LocalRunway
    steps: Sequence[str]
    per_person: int = 4
    channels: int = 50
    at: float = field(default_factory=lambda: time.time() - 60)
    task: Scenario = TASK
    cards: list[Message] = field(default_factory=list[Message])

    async def lay_down(self, database: Database, blobs: Blobs) -> None:
        """Write everything, as if a bot had been killed in the middle of it."""
        sha256 = await blobs.put(PICTURE)
        assert sha256 == hashlib.sha256(PICTURE).hexdigest()
        places = [self.discord.world.add_channel(f"room-{n}").id for n in range(min(self.channels, len(self.steps)))]
        every = list(enumerate(self.steps, 1))
        for start in range(0, len(every), 500):
            some = every[start : start + 500]
            await database.write(lambda tx, some=some: self._write(tx, some, places, sha256))
        if database.dialect == "postgresql":
            await database.write(_take_stock)

    def closed(self) -> int:
        """How many of the cards tell how it ended."""
        return sum("Done" in str(card.components) or "No picture" in str(card.components) for card in self.cards)

    async def _write(self, tx: Transaction, some: list[tuple[int, str]], places: list[str], sha256: str) -> None:
        rows: dict[Any, list[dict[str, Any]]] = {requests: [], jobs: [], ledger: [], outputs: []}
        for number, step in some:
            new = self._request(number, places[number % len(places)])
            card_id = self._card(new)
            at = new.created_at
            request = {"id": number, "answered_at": at, "card_message_id": card_id}
            rows[requests].append(request_values(new) | request)
            rows[jobs].append(job_values(new, RequestId(number), 0) | {"id": number} | self._job(new, step))
            rows[ledger] += self._entries(number, new, made=step == READY)
            if step == READY:
                picture = {"media_type": "image/png", "width": 64, "height": 36, "size_bytes": len(PICTURE)}
                rows[outputs].append({"job_id": number, "position": 0, "sha256": sha256} | picture)
        held = len(some) * PRICE.micros
        await spend(tx, guild_id=int(self.discord.world.guild.id), held_at=self.at, server=held)
        for table, values in rows.items():
            if values:
                await tx.execute(insert(table), values)

    def _request(self, number: int, channel_id: str) -> NewRequest:
        world = self.discord.world
        return new_request(
            request=ImageRequest(prompt=f"a lighthouse at dusk, number {number}", seed=number),
            requester=Requester(user_id=1_000_000 + number // self.per_person, guild_id=int(world.guild.id)),
            place=Place(kind=PlaceKind.CHANNEL, channel_id=int(channel_id), in_place=False),
            provider="runway",
            at_once=AT_ONCE,
            created_at=self.at,
        )

    def _card(self, new: NewRequest) -> int:
        world = self.discord.world
        message = Message(
            id=world.snowflakes.next(),
            channel_id=str(new.place.channel_id),
            author_id=world.bot.id,
            type=MessageType.DEFAULT,
            content="",
            created_at=new.created_at,
            flags=int(MessageFlag.COMPONENTS_V2),
            components=[CARD],
        )
        self.discord._core.messages.add(message)
        self.cards.append(message)
        return int(message.id)

    def _job(self, new: NewRequest, step: str) -> dict[str, Any]:
        at = new.created_at
        # One statement inserts them all, so that each has every column.
        job: dict[str, Any] = dict.fromkeys(("started_at", "submit_started_at", "submitted_at", "task_id"))
        job |= dict.fromkeys(("owner", "leased_until", "progress", "ended_at"))
        if step == JobState.WAITING:
            return job
        job |= {"attempt": 1, "started_at": at, "state": JobState.SUCCEEDED if step == READY else step}
        if step != JobState.PREPARING:
            job |= {"submit_started_at": at}
        if step in {JobState.RUNNING, JobState.FETCHING, READY}:
            task_id = str(uuid.uuid4()) if step == READY else self._task(new)
            job |= {"submitted_at": at, "task_id": task_id, "progress": 0.0}
        if step == READY:
            return job | {"ended_at": at + 20, "charged": PRICE.micros, "billed_by_provider": 1}
        return job | {"owner": DEAD, "leased_until": self.at + LEASE}

    def _task(self, new: NewRequest) -> str:
        body = {
            "model": "gen4_image",
            "promptText": new.request.prompt,
            "ratio": "1280:720",
            "seed": new.request.seed,
        }
        task = LocalTask(id=str(uuid.uuid4()), body=body, references=[], scenario=self.task, created_at=new.created_at)
        self.runway.tasks.append(task)
        return task.id

    def _entries(self, number: int, new: NewRequest, *, made: bool) -> list[dict[str, Any]]:
        entry = {"job_id": number, "guild_id": new.requester.guild_id, "user_id": new.requester.user_id}
        entry |= {"source": "window", "images": 1, "amount": PRICE.micros, "units": 0}
        entry |= {"held_at": new.created_at, "at": new.created_at}
        entry |= {"subject_kind": "user", "subject_id": new.requester.user_id}
        return [entry | {"kind": kind} for kind in (("hold", "charge") if made else ("hold",))]


async def _take_stock(tx: Transaction) -> None:
    """What autovacuum does soon after many rows came (the servers of tests run without it)."""
    await tx.execute(text("ANALYZE"))
