"""The tables, one schema for both databases.

Times are UTC epoch seconds in double precision, money is integer micro-dollars, flags are 0 and 1, structured
values are JSON text. SQLite tables are STRICT; CHECKs are the last line behind the code.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, Table, Text, literal_column, text

from bot.domain.job import Delivery, JobState
from bot.domain.ledger import EntryKind
from bot.domain.quota import Per, Source, SubjectKind, Unit
from bot.store.columns import TIME, WHOLE, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _check(name: str, condition: str) -> CheckConstraint:
    return CheckConstraint(text(condition), name=name)


def _one_of(column: str, values: type[JobState | Delivery | EntryKind | SubjectKind | Unit | Per | Source]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


def _key() -> Column[Any]:
    return Column("id", WHOLE, primary_key=True, autoincrement=True)


STRICT: dict[str, Any] = {"sqlite_strict": True}
NUMBERED: dict[str, Any] = {"sqlite_strict": True, "sqlite_autoincrement": True}
"""Ids are never given twice: custom ids and nonces at Discord are made of them."""

requests = Table(
    "requests",
    metadata,
    _key(),
    Column("user_id", WHOLE, nullable=False),
    Column("guild_id", WHOLE, nullable=False),
    Column("role_ids", Text, nullable=False),
    Column("moderator", WHOLE, nullable=False),
    Column("place_kind", Text, nullable=False),
    Column("channel_id", WHOLE, nullable=False),
    Column("in_place", WHOLE, nullable=False),
    Column("action", Text, nullable=False),
    Column("interaction_id", WHOLE),
    Column("interaction_token", Text),
    Column("parent_id", WHOLE, ForeignKey("requests.id")),
    Column("prompt", Words, nullable=False),
    Column("ratio", Text, nullable=False),
    Column("resolution", Text, nullable=False),
    Column("exact_size", Text),
    Column("model", Text, nullable=False),
    Column("seed", WHOLE, nullable=False),
    Column("seed_chosen", WHOLE, nullable=False),
    Column("count", WHOLE, nullable=False),
    Column("spoiler", WHOLE, nullable=False),
    Column("provider", Text, nullable=False),
    Column("size", Text, nullable=False),
    Column("price", WHOLE, nullable=False),
    Column("seed_sent", WHOLE, nullable=False),
    Column("provider_chosen", WHOLE, nullable=False),
    Column("notes", Text, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("answered_at", TIME),
    Column("card_message_id", WHOLE),
    Column("thread_id", WHOLE),
    Column("result_message_id", WHOLE),
    Column("result_posted_at", TIME),
    Column("post_started_at", TIME),
    Column("post_after", TIME),
    Column("post_attempts", WHOLE, nullable=False),
    Column("delivery", Text, nullable=False),
    _check("delivery", _one_of("delivery", Delivery)),
    _check("count", "count >= 1"),
    _check("price", "price >= 0"),
    _check("seed", "seed BETWEEN 0 AND 4294967295"),
    **NUMBERED,
)

request_references = Table(
    "request_references",
    metadata,
    Column("request_id", WHOLE, ForeignKey("requests.id"), primary_key=True),
    Column("position", WHOLE, primary_key=True),
    Column("tag", Words, nullable=False),
    Column("filename", Words, nullable=False),
    Column("source", Words),
    Column("sha256", Text),
    Column("media_type", Text),
    Column("width", WHOLE),
    Column("height", WHOLE),
    **STRICT,
)

# Who asked for what is repeated here from the request: claims, counts and medians read one table.
jobs = Table(
    "jobs",
    metadata,
    _key(),
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
    _check("state", _one_of("state", JobState)),
    _check("ended", "(state IN ('succeeded', 'failed', 'cancelled', 'lost')) = (ended_at IS NOT NULL)"),
    _check("lease", "(owner IS NULL) = (leased_until IS NULL)"),
    _check("leased", "owner IS NULL OR state IN ('preparing', 'submitting', 'running', 'fetching')"),
    _check("attempt", "attempt >= 0"),
    _check("retries", "retries >= 0"),
    _check("price", "price >= 0"),
    _check("charged", "charged >= 0"),
    _check("at_once", "at_once >= 0"),
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

ledger = Table(
    "ledger",
    metadata,
    _key(),
    Column("kind", Text, nullable=False),
    Column("job_id", WHOLE, ForeignKey("jobs.id")),
    Column("guild_id", WHOLE, nullable=False),
    Column("user_id", WHOLE, nullable=False),
    Column("source", Text, nullable=False),
    Column("images", WHOLE, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("units", WHOLE, nullable=False),
    Column("held_at", TIME, nullable=False),
    Column("at", TIME, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", WHOLE, nullable=False),
    Column("actor_id", WHOLE),
    _check("kind", _one_of("kind", EntryKind)),
    _check("source", _one_of("source", Source)),
    _check("subject_kind", _one_of("subject_kind", SubjectKind)),
    _check("job", "(job_id IS NULL) = (kind IN ('grant', 'reset'))"),
    _check("images", "images >= 0"),
    _check("amount", "amount >= 0"),
    _check("units", "units >= 0"),
    **NUMBERED,
)

quota_rules = Table(
    "quota_rules",
    metadata,
    Column("guild_id", WHOLE, primary_key=True, autoincrement=False),
    Column("subject_kind", Text, primary_key=True),
    Column("subject_id", WHOLE, primary_key=True, autoincrement=False),
    Column("amount", WHOLE, nullable=False),
    Column("unit", Text, nullable=False),
    Column("per", Text, nullable=False),
    Column("at_once", WHOLE, nullable=False),
    Column("queue", WHOLE, nullable=False),
    Column("cooldown", WHOLE, nullable=False),
    _check("subject_kind", _one_of("subject_kind", SubjectKind)),
    _check("unit", _one_of("unit", Unit)),
    _check("per", _one_of("per", Per)),
    _check("amount", "amount >= 0"),
    _check("at_once", "at_once >= 0"),
    _check("queue", "queue >= 0"),
    _check("cooldown", "cooldown >= 0"),
    **STRICT,
)

guild_settings = Table(
    "guild_settings",
    metadata,
    Column("guild_id", WHOLE, primary_key=True, autoincrement=False),
    Column("settings", Text, nullable=False),
    Column("updated_by", WHOLE, nullable=False),
    Column("updated_at", TIME, nullable=False),
    **STRICT,
)

audit_log = Table(
    "audit_log",
    metadata,
    _key(),
    Column("guild_id", WHOLE, nullable=False),
    Column("actor_id", WHOLE, nullable=False),
    Column("action", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("created_at", TIME, nullable=False),
    **NUMBERED,
)

marks = Table(
    "marks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    **STRICT,
)

uploads = Table(
    "uploads",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("uri", Words, nullable=False),
    Column("expires_at", TIME, nullable=False),
    **STRICT,
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", WHOLE, nullable=False),
    Column("payload", Text, nullable=False),
    Column("request_id", WHOLE, ForeignKey("requests.id")),
    Column("created_at", TIME, nullable=False),
    **STRICT,
)

# A partial index serves only queries that repeat its condition word for word, so queries take these from here.
ACTIVE = jobs.c.ended_at.is_(None)
LEASED = jobs.c.owner.is_not(None)
MADE = jobs.c.state == literal_column("'succeeded'")
UNSETTLED = requests.c.delivery == literal_column("'pending'")
FROM_GRANT = ledger.c.source == literal_column("'grant'")
GIVEN = ledger.c.job_id.is_(None)


def _partial(condition: Any) -> dict[str, Any]:
    return {"sqlite_where": condition, "postgresql_where": condition}


Index("uq_requests_interaction_id", requests.c.interaction_id, unique=True)
Index("ix_requests_parent_id", requests.c.parent_id)
Index("ix_requests_person", requests.c.user_id, requests.c.guild_id, requests.c.created_at)
Index("ix_requests_guild", requests.c.guild_id, requests.c.id)
Index("ix_requests_unsettled", requests.c.id, **_partial(UNSETTLED))
Index("uq_jobs_request_position", jobs.c.request_id, jobs.c.position, unique=True)
Index("ix_jobs_active", jobs.c.user_id, jobs.c.guild_id, **_partial(ACTIVE))
Index("ix_jobs_leased", jobs.c.user_id, jobs.c.guild_id, jobs.c.leased_until, **_partial(LEASED))
Index("ix_jobs_last_start", jobs.c.user_id, jobs.c.started_at)
# Time first: with the provider first, SQLite takes it for claims and reads all of the past.
Index("ix_jobs_submits", jobs.c.submit_started_at, jobs.c.provider)
Index("ix_jobs_typical", jobs.c.provider, jobs.c.model, jobs.c.resolution, jobs.c.ended_at, **_partial(MADE))
Index("uq_ledger_job_kind", ledger.c.job_id, ledger.c.kind, unique=True)
Index("ix_ledger_window", ledger.c.user_id, ledger.c.guild_id, ledger.c.held_at)
Index("ix_ledger_from_grant", ledger.c.user_id, ledger.c.guild_id, **_partial(FROM_GRANT))
Index("ix_ledger_given", ledger.c.guild_id, ledger.c.subject_kind, ledger.c.subject_id, **_partial(GIVEN))
Index("ix_audit_log_guild", audit_log.c.guild_id, audit_log.c.id)
Index("ix_uploads_expires_at", uploads.c.expires_at)
Index("ix_drafts_person", drafts.c.user_id, drafts.c.created_at)
Index("ix_drafts_created_at", drafts.c.created_at)
