"""Requests as they come out of the store, made without one: everything has a default, the rest is said in the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.domain.job import (
    Action,
    Job,
    JobId,
    JobState,
    Output,
    Place,
    PlaceKind,
    Requester,
    RequestId,
    RequestRecord,
)
from bot.domain.money import Money
from bot.domain.request import ImageRequest
from bot.domain.shapes import Size
from bot.services.ports import Picture

PRICE = Money.dollars("0.05")


def job(*, position: int = 0, state: JobState = JobState.WAITING, **changes: Any) -> Job:
    """The job of one picture of request 77; its id counts from 1."""
    plain = Job(
        id=JobId(position + 1),
        request_id=RequestId(77),
        position=position,
        state=state,
        attempt=0,
        provider="sketch",
        size=Size(1280, 720),
        seed=7 + position,
        price=PRICE,
    )
    return replace(plain, **changes)


def record(*, jobs: Sequence[Job] | None = None, **changes: Any) -> RequestRecord:
    """Request 77 by person 42 in channel 100 of server 10, made at 1000.0; `changes` also reach what was asked for."""
    asked = {name: changes.pop(name) for name in tuple(changes) if name in ImageRequest.__dataclass_fields__}
    request = replace(ImageRequest(prompt="a lighthouse at dusk", seed=7, count=len(jobs or "1")), **asked)
    plain = RequestRecord(
        id=RequestId(77),
        request=request,
        requester=Requester(user_id=42, guild_id=10),
        place=Place(kind=PlaceKind.CHANNEL, channel_id=100, in_place=False),
        action=Action.IMAGINE,
        provider="sketch",
        size=Size(1280, 720),
        price=PRICE,
        seed_sent=True,
        notes=(),
        created_at=1000.0,
        answered_at=1000.5,
        card_message_id=500,
        jobs=tuple(jobs or (job(),)),
    )
    return replace(plain, **changes)


def picture(of: Job, *, content: bytes = b"picture", media_type: str = "image/png", reencoded: bool = False) -> Picture:
    """The finished picture of a job."""
    output = Output(
        job_id=of.id,
        position=of.position,
        sha256="ab" * 32,
        media_type=media_type,
        width=of.size.width,
        height=of.size.height,
        size_bytes=len(content),
    )
    return Picture(job=of, output=output, content=content, media_type=media_type, reencoded=reencoded)
