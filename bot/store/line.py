"""The waiting line as people see it: the order in which the next claims would go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true

from bot.domain.job import JobState, RequestId
from bot.store.claims import IN_TURN, last_start
from bot.store.tables import ACTIVE, jobs, requests

_STARTED = jobs.c.state != JobState.WAITING
_SHOWN = (
    *jobs.c["id", "request_id", "position", "user_id", "guild_id", "provider", "state"],
    *jobs.c["started_at", "submitted_at", "progress", "cancel_requested_by"],
    requests.c.created_at,
    requests.c.interaction_token.is_not(None).label("has_token"),
)


def started_jobs(provider: str | None) -> Any:
    """Jobs that somebody works on, oldest start first."""
    return (
        select(*_SHOWN)
        .join_from(jobs, requests, requests.c.id == jobs.c.request_id)
        .where(ACTIVE, _STARTED, _at(provider))
        .order_by(jobs.c.started_at, jobs.c.id)
    )


def waiting_jobs(provider: str | None, *, depth: int | None, request_id: RequestId | None) -> Any:
    """The first `depth` jobs (all for `None`) that wait at each provider, and those of one request, with their places.

    The next turn is of the person with the fewest jobs running, then of the one whose last start is longest ago, then
    of the one with the oldest job; each turn counts as one more running, as if nothing ended meanwhile. Who never had a
    job started comes first.
    """
    ranked = _ranked(provider)
    near = [true() if depth is None else ranked.c.place <= depth]
    if request_id is not None:
        near.append(ranked.c.request_id == request_id)
    return (
        select(*_SHOWN, ranked.c.place)
        .join_from(ranked, jobs, jobs.c.id == ranked.c.id)
        .join(requests, requests.c.id == jobs.c.request_id)
        .where(or_(*near))
        .order_by(*ranked.c[*IN_TURN])
    )


def _ranked(provider: str | None) -> Any:
    theirs = jobs.alias("theirs")
    running = select(func.count()).where(
        theirs.c.user_id == jobs.c.user_id, theirs.c.ended_at.is_(None), theirs.c.state != JobState.WAITING
    )
    whose, oldest_first = (jobs.c.user_id, jobs.c.provider), (jobs.c.request_id, jobs.c.position)
    turn = func.row_number().over(partition_by=whose, order_by=oldest_first)
    turns = (
        select(
            *jobs.c["id", "request_id", "provider"],
            func.first_value(jobs.c.request_id).over(partition_by=whose, order_by=oldest_first).label("oldest"),
            turn.label("turn"),
            (running.scalar_subquery() + turn).label("level"),
            func.coalesce(last_start(), 0.0).label("last_start"),
        )
        .where(ACTIVE, jobs.c.state == JobState.WAITING, _at(provider))
        .subquery("turns")
    )
    place = func.row_number().over(partition_by=turns.c.provider, order_by=tuple(turns.c[*IN_TURN]))
    return select(turns, place.label("place")).subquery("ranked")


def _at(provider: str | None) -> ColumnElement[bool]:
    return true() if provider is None else jobs.c.provider == provider
