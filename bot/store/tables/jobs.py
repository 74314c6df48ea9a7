"""Jobs and the pictures they made."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, literal_column, text

from bot.domain.job import JobState
from bot.store.columns import TIME, WHOLE, Words
from bot.store.tables.base import NUMBERED, STRICT, check, key, metadata, one_of, partial

# Who asked for what is repeated here from the request: claims, counts and medians read one table.
jobs = Table(
    "jobs",
    metadata,
    key(),
    Column("request_id", WHOLE, ForeignKey("requests.id"), nullable=False),
    Column("position", WHOLE, nullable=False),
    Column("user_id", WHOLE, nullable=False),
    Column("guild_id", WHOLE, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("resolution", Text, nullable=False),
    Column("at_once", WHOLE, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", WHOLE, nullable=False),
    Column("size", Text, nullable=False),
    Column("seed", WHOLE, nullable=False),
    Column("price", WHOLE, nullable=False),
    Column("owner", Text),
    Column("leased_until", TIME),
    Column("run_after", TIME),
    Column("task_id", Words),
    Column("progress", TIME),
    Column("last_progress_at", TIME),
    Column("retries", WHOLE, nullable=False),
    Column("submit_started_at", TIME),
    Column("submitted_at", TIME),
    Column("started_at", TIME),
    Column("ended_at", TIME),
    Column("cancel_requested_by", WHOLE),
    Column("failure_key", Text),
    Column("failure_values", Text, nullable=False),
    Column("charged", WHOLE, nullable=False),
    Column("billed_by_provider", WHOLE, nullable=False),
    Column("seed_sent", WHOLE, nullable=False, server_default=text("1")),
    Column("notes", Text, nullable=False, server_default=text("'[]'")),
    check("state", one_of("state", JobState)),
    check("ended", "(state IN ('succeeded', 'failed', 'cancelled', 'lost')) = (ended_at IS NOT NULL)"),
    check("lease", "(owner IS NULL) = (leased_until IS NULL)"),
    check("leased", "owner IS NULL OR state IN ('preparing', 'submitting', 'running', 'fetching')"),
    check("attempt", "attempt >= 0"),
    check("retries", "retries >= 0"),
    check("price", "price >= 0"),
    check("charged", "charged >= 0"),
    check("at_once", "at_once >= 0"),
    **NUMBERED,
)

outputs = Table(
    "outputs",
    metadata,
    Column("job_id", WHOLE, ForeignKey("jobs.id"), primary_key=True),
    Column("position", WHOLE, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("width", WHOLE, nullable=False),
    Column("height", WHOLE, nullable=False),
    Column("size_bytes", WHOLE, nullable=False),
    **STRICT,
)

ACTIVE = jobs.c.ended_at.is_(None)
LEASED = jobs.c.owner.is_not(None)
MADE = jobs.c.state == literal_column("'succeeded'")

Index("ix_outputs_sha256", outputs.c.sha256)
Index("uq_jobs_request_position", jobs.c.request_id, jobs.c.position, unique=True)
Index("ix_jobs_active", jobs.c.user_id, jobs.c.guild_id, **partial(ACTIVE))
Index("ix_jobs_leased", jobs.c.user_id, jobs.c.guild_id, jobs.c.leased_until, **partial(LEASED))
Index("ix_jobs_last_start", jobs.c.user_id, jobs.c.started_at)
# Time first: with the provider first, SQLite takes it for claims and reads all of the past.
Index("ix_jobs_submits", jobs.c.submit_started_at, jobs.c.provider)
Index("ix_jobs_typical", jobs.c.provider, jobs.c.model, jobs.c.resolution, jobs.c.ended_at, **partial(MADE))
