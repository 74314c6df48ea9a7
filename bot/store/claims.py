"""Choosing the next jobs: dead workers' jobs first, then people in fair turns, within every limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, Text, and_, case, func, literal, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from bot.domain.job import Delivery, JobId, JobState
from bot.store.tables import ACTIVE, LEASED, jobs, requests

IN_TURN = ("level", "turn", "last_start", "oldest")
"""The order of turns: how many jobs the person has running by then, which of their own turns it is, when they last got
a job started, and the oldest of their requests. Second turns among equals follow each other as the first ones did."""


def lease_over(now: float) -> ColumnElement[bool]:
    """Whether nobody works on a job now."""
    return or_(jobs.c.leased_until.is_(None), jobs.c.leased_until <= now)


def last_start() -> ColumnElement[float | None]:
    """When the person of a job last got one started, over all their jobs."""
    theirs = jobs.alias("theirs")
    return select(func.max(theirs.c.started_at)).where(theirs.c.user_id == jobs.c.user_id).scalar_subquery()


def running_by_provider(now: float) -> Select[str, int]:
    """How many jobs run at each provider."""
    return (
        select(jobs.c.provider, func.count().label("running"))
        .where(LEASED, jobs.c.leased_until > now)
        .group_by(jobs.c.provider)
    )


def open_providers(limits: Mapping[str, int], running: Mapping[str, int]) -> dict[str, int]:
    """How many more jobs each provider may get, of those that may get any."""
    free = {name: limit - running.get(name, 0) for name, limit in limits.items()}
    return {name: places for name, places in free.items() if places > 0}


def next_jobs(*, now: float, providers: Collection[str], exclude: Collection[JobId], limit: int) -> Select[Any]:
    """The jobs of these providers to work on next, in turn; the first one may be taken, later ones see `within_limits`.

    Every turn that a person gets here counts as one more running, as if all of their jobs might run at once.
    """
    waits = case((jobs.c.state == JobState.WAITING, 1), else_=0)
    whose, oldest_first = jobs.c.user_id, (waits, jobs.c.request_id, jobs.c.position)
    turn, here = func.row_number().over(partition_by=whose, order_by=oldest_first), _running(now, "user_id", "guild_id")
    ready = (
        select(
            *jobs.c["id", "provider", "user_id", "guild_id", "at_once"],
            waits.label("waits"),
            here.label("here"),
            (_running(now, "user_id") + turn).label("level"),
            turn.label("turn"),
            func.coalesce(last_start(), 0.0).label("last_start"),
            func.first_value(jobs.c.request_id).over(partition_by=whose, order_by=oldest_first).label("oldest"),
        )
        .join_from(jobs, requests, requests.c.id == jobs.c.request_id)
        .where(_ready(now), jobs.c.provider.in_(providers), here < jobs.c.at_once, jobs.c.id.not_in(exclude))
        .subquery()
    )
    return select(ready).order_by(*ready.c["waits", *IN_TURN]).limit(limit)


def _ready(now: float) -> ColumnElement[bool]:
    answered = and_(requests.c.answered_at.is_not(None), requests.c.delivery != Delivery.WITHDRAWN)
    return and_(
        ACTIVE,
        lease_over(now),
        or_(jobs.c.run_after.is_(None), jobs.c.run_after <= now),
        or_(jobs.c.state != JobState.WAITING, answered),
    )


def within_limits(found: Iterable[Row[Any]], free: Mapping[str, int]) -> list[int]:
    """The ids of those found that may run together: at their providers, and for each person in each server."""
    left, more = dict(free), Counter[tuple[int, int]]()
    ids: list[int] = []
    for row in found:
        whose = (row.user_id, row.guild_id)
        if left[row.provider] > 0 and row.here + more[whose] < row.at_once:
            left[row.provider] -= 1
            more[whose] += 1
            ids.append(row.id)
    return ids


def take(ids: Collection[int], *, now: float, owner: str, lease: float) -> ReturningUpdate[Any]:
    """Lease jobs with a new attempt number, but for those that somebody cancelled, ended or renewed meanwhile."""
    return (
        update(jobs)
        .where(jobs.c.id.in_(ids), ACTIVE, lease_over(now))
        .values(
            state=case((jobs.c.state == JobState.WAITING, literal(JobState.PREPARING, Text)), else_=jobs.c.state),
            attempt=jobs.c.attempt + 1,
            owner=owner,
            leased_until=now + lease,
            run_after=None,
            started_at=func.coalesce(jobs.c.started_at, now),
        )
        .returning(jobs)
    )


def _running(now: float, *like: str) -> ScalarSelect[int]:
    """How many jobs run that are like a job in these columns."""
    # One look into an index of leased jobs for each candidate: a join is quicker only with fresh statistics.
    running = jobs.alias("running")
    same = (running.c[column] == jobs.c[column] for column in like)
    leased = (running.c.owner.is_not(None), running.c.leased_until > now)
    return select(func.count()).select_from(running).where(*leased, *same).scalar_subquery()
