"""Choosing the next job: dead workers' jobs first, then people in fair turns, within every limit."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select

from bot.domain.job import Delivery, JobId, JobState
from bot.store.tables import ACTIVE, LEASED, jobs, requests


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


def open_providers(limits: Mapping[str, int], running: Mapping[str, int]) -> list[str]:
    """The providers that may get one more job."""
    return [name for name, limit in limits.items() if running.get(name, 0) < limit]


def next_job(*, now: float, providers: Collection[str], exclude: Collection[JobId]) -> Select[int, int, str]:
    """The id, attempt and state of the job to work on next, among the jobs of these providers."""
    ready = or_(
        jobs.c.state != JobState.WAITING,
        and_(requests.c.answered_at.is_not(None), requests.c.delivery != Delivery.WITHDRAWN),
    )
    return (
        select(jobs.c.id, jobs.c.attempt, jobs.c.state)
        .join_from(jobs, requests, requests.c.id == jobs.c.request_id)
        .where(
            ACTIVE,
            lease_over(now),
            or_(jobs.c.run_after.is_(None), jobs.c.run_after <= now),
            ready,
            jobs.c.provider.in_(providers),
            _running(now, "user_id", "guild_id") < jobs.c.at_once,
            jobs.c.id.not_in(exclude),
        )
        .order_by(
            case((jobs.c.state == JobState.WAITING, 1), else_=0),
            _running(now, "user_id"),
            func.coalesce(last_start(), 0.0),
            jobs.c.request_id,
            jobs.c.position,
        )
        .limit(1)
    )


def _running(now: float, *like: str) -> ScalarSelect[int]:
    """How many jobs run that are like a job in these columns."""
    # One look into an index of leased jobs for each candidate: a join is quicker only with fresh statistics.
    running = jobs.alias("running")
    same = (running.c[column] == jobs.c[column] for column in like)
    leased = (running.c.owner.is_not(None), running.c.leased_until > now)
    return select(func.count()).select_from(running).where(*leased, *same).scalar_subquery()
