"""Rows made into domain values, and domain values into rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row

from bot.domain.job import (
    Action,
    Delivery,
    Job,
    JobId,
    JobState,
    LineEntry,
    NewRequest,
    Output,
    Place,
    PlaceKind,
    Requester,
    RequestId,
    RequestRecord,
)
from bot.domain.money import Money
from bot.domain.references import Reference
from bot.domain.request import ImageRequest
from bot.domain.shapes import Model, Ratio, Resolution, Shape, Size


def to_json(value: Mapping[str, object] | Iterable[object]) -> str:
    """A mapping or a sequence as JSON text; what JSON does not know (an amount, a size) as its own text."""
    return json.dumps(dict(value) if isinstance(value, Mapping) else list(value), default=str)


def from_json(text: str | None) -> Any:
    """The value of a JSON text, `None` for none."""
    return None if text is None else json.loads(text)


def request_values(new: NewRequest) -> dict[str, Any]:
    """The columns of a new request."""
    request, requester, place = new.request, new.requester, new.place
    return {
        "user_id": requester.user_id,
        "guild_id": requester.guild_id,
        "role_ids": to_json(requester.role_ids),
        "moderator": int(requester.moderator),
        "place_kind": place.kind,
        "channel_id": place.channel_id,
        "in_place": int(place.in_place),
        "parent_channel_id": place.parent_id,
        "file_limit": place.file_limit,
        "action": new.action,
        "interaction_id": new.interaction_id,
        "interaction_token": new.interaction_token,
        "parent_id": new.parent_id,
        "prompt": request.prompt,
        **shape_values(request.shape),
        "model": request.model,
        "seed": request.seed,
        "seed_chosen": int(request.seed_chosen),
        "count": request.count,
        "spoiler": int(request.spoiler),
        "provider": new.provider,
        "size": str(new.size),
        "price": new.price.micros,
        "seed_sent": int(new.seed_sent),
        "provider_chosen": int(new.provider_chosen),
        "notes": "[]",
        "created_at": new.created_at,
        "post_attempts": 0,
        "delivery": Delivery.PENDING,
    }


def shape_values(shape: Shape) -> dict[str, Any]:
    """The columns that tell one shape from another."""
    return {
        "ratio": shape.ratio,
        "resolution": shape.resolution,
        "exact_size": None if shape.size is None else str(shape.size),
    }


def reference_values(request_id: RequestId, position: int, reference: Reference) -> dict[str, Any]:
    """The columns of a reference."""
    return {
        "request_id": request_id,
        "position": position,
        "tag": reference.tag,
        "filename": reference.filename,
        "source": reference.source,
        "sha256": reference.sha256,
        "media_type": reference.media_type,
        "width": reference.width,
        "height": reference.height,
        "bare": int(reference.bare),
    }


def job_values(new: NewRequest, request_id: RequestId, position: int) -> dict[str, Any]:
    """The columns of a new job, in line."""
    return {
        "request_id": request_id,
        "position": position,
        "user_id": new.requester.user_id,
        "guild_id": new.requester.guild_id,
        "provider": new.provider,
        "model": new.request.model,
        "resolution": new.request.shape.resolution,
        "at_once": new.at_once,
        "state": JobState.WAITING,
        "attempt": 0,
        "size": str(new.size),
        "seed": new.request.seed_of(position),
        "price": new.price.micros,
        "retries": 0,
        "failure_values": "{}",
        "charged": 0,
        "billed_by_provider": 0,
        "seed_sent": int(new.seed_sent),
        "notes": to_json(new.notes),
    }


def output_values(output: Output) -> dict[str, Any]:
    """The columns of a picture."""
    return {
        "job_id": output.job_id,
        "position": output.position,
        "sha256": output.sha256,
        "media_type": output.media_type,
        "width": output.width,
        "height": output.height,
        "size_bytes": output.size_bytes,
    }


def record_of(
    row: Row[Any], *, references: Iterable[Any], jobs: Iterable[Job], outputs: Iterable[Any]
) -> RequestRecord:
    """A row of `requests` with the rows that belong to it."""
    return RequestRecord(
        id=RequestId(row.id),
        request=_image_request(row, references),
        requester=Requester(
            user_id=row.user_id,
            guild_id=row.guild_id,
            role_ids=tuple(from_json(row.role_ids)),
            moderator=bool(row.moderator),
        ),
        place=_place(row),
        action=Action(row.action),
        provider=row.provider,
        size=_size(row.size),
        price=Money(row.price),
        seed_sent=bool(row.seed_sent),
        provider_chosen=bool(row.provider_chosen),
        notes=tuple(from_json(row.notes)),
        created_at=row.created_at,
        interaction_id=row.interaction_id,
        interaction_token=row.interaction_token,
        parent_id=None if row.parent_id is None else RequestId(row.parent_id),
        answered_at=row.answered_at,
        card_message_id=row.card_message_id,
        thread_id=row.thread_id,
        result_channel_id=row.result_channel_id,
        result_message_id=row.result_message_id,
        result_posted_at=row.result_posted_at,
        post_started_at=row.post_started_at,
        post_attempts=row.post_attempts,
        delivery=Delivery(row.delivery),
        deleted_at=row.deleted_at,
        forgotten_at=row.forgotten_at,
        jobs=tuple(jobs),
        outputs=tuple(output_of(output) for output in outputs),
    )


def _place(row: Row[Any]) -> Place:
    return Place(
        kind=PlaceKind(row.place_kind),
        channel_id=row.channel_id,
        in_place=bool(row.in_place),
        parent_id=row.parent_channel_id,
        file_limit=row.file_limit,
    )


def _image_request(row: Row[Any], references: Iterable[Any]) -> ImageRequest:
    return ImageRequest(
        prompt=row.prompt,
        references=tuple(_reference(reference) for reference in references),
        shape=Shape(
            ratio=Ratio(row.ratio),
            resolution=Resolution(row.resolution),
            size=None if row.exact_size is None else _size(row.exact_size),
        ),
        model=Model(row.model),
        seed=row.seed,
        seed_chosen=bool(row.seed_chosen),
        # `count` is a method of every row.
        count=row._mapping["count"],  # pyright: ignore[reportPrivateUsage] - SQLAlchemy's public name for it
        spoiler=bool(row.spoiler),
    )


def _reference(row: Row[Any]) -> Reference:
    return Reference(
        tag=row.tag,
        filename=row.filename,
        source=row.source,
        sha256=row.sha256,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        bare=bool(row.bare),
    )


def job_of(row: Row[Any]) -> Job:
    """A row of `jobs`."""
    return Job(
        id=JobId(row.id),
        request_id=RequestId(row.request_id),
        position=row.position,
        state=JobState(row.state),
        attempt=row.attempt,
        provider=row.provider,
        size=_size(row.size),
        seed=row.seed,
        price=Money(row.price),
        task_id=row.task_id,
        progress=row.progress,
        retries=row.retries,
        submit_started_at=row.submit_started_at,
        submitted_at=row.submitted_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        cancel_requested_by=row.cancel_requested_by,
        last_progress_at=row.last_progress_at,
        failure_key=row.failure_key,
        failure_values=from_json(row.failure_values),
        charged=Money(row.charged),
        billed_by_provider=bool(row.billed_by_provider),
        seed_sent=bool(row.seed_sent),
        notes=tuple(from_json(row.notes)),
    )


_STATES = {state.value: state for state in JobState}
"""Quicker than asking the enumeration: lines are long and read often."""


def line_entry_of(row: Row[Any], *, place: int = 0) -> LineEntry:
    """A row of `jobs` with its request's time, and whether its card is reached through the interaction's token."""
    return LineEntry(
        job_id=JobId(row.id),
        request_id=RequestId(row.request_id),
        position=row.position,
        user_id=row.user_id,
        guild_id=row.guild_id,
        provider=row.provider,
        state=_STATES[row.state],
        created_at=row.created_at,
        place=place,
        has_token=bool(row.has_token),
        started_at=row.started_at,
        submitted_at=row.submitted_at,
        progress=row.progress,
        cancelling=row.cancel_requested_by is not None,
    )


def output_of(row: Row[Any]) -> Output:
    """A row of `outputs`."""
    return Output(
        job_id=JobId(row.job_id),
        position=row.position,
        sha256=row.sha256,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        size_bytes=row.size_bytes,
    )


def _size(text: str) -> Size:
    size = Size.parse(text)
    if size is None:
        raise ValueError(f"no size: {text!r}")
    return size
