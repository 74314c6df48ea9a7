"""The first schema: requests, jobs and pictures, the ledger, quota rules, settings, audit log and uploads."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.Double[float]().with_variant(sa.REAL(), "sqlite")
NUMBERED: dict[str, Any] = {"sqlite_strict": True, "sqlite_autoincrement": True}


def _partial(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    """Apply the step."""
    _create_audit_log()
    _create_guild_settings()
    _create_marks()
    _create_quota_rules()
    _create_requests()
    _create_uploads()
    _create_jobs()
    _create_request_references()
    _create_ledger()
    _create_outputs()


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("guild_id", WHOLE, nullable=False),
        sa.Column("actor_id", WHOLE, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        **NUMBERED,
    )
    op.create_index("ix_audit_log_guild", "audit_log", ["guild_id", "id"])


def _create_guild_settings() -> None:
    op.create_table(
        "guild_settings",
        sa.Column("guild_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("updated_by", WHOLE, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_guild_settings")),
        sqlite_strict=True,
    )


def _create_marks() -> None:
    op.create_table(
        "marks",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
        sqlite_strict=True,
    )


def _create_quota_rules() -> None:
    op.create_table(
        "quota_rules",
        sa.Column("guild_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("subject_kind", sa.Text, nullable=False),
        sa.Column("subject_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("per", sa.Text, nullable=False),
        sa.Column("at_once", WHOLE, nullable=False),
        sa.Column("queue", WHOLE, nullable=False),
        sa.Column("cooldown", WHOLE, nullable=False),
        sa.CheckConstraint("per IN ('hour', 'day', 'week', 'month')", name=op.f("ck_quota_rules_per")),
        sa.CheckConstraint("subject_kind IN ('everyone', 'role', 'user')", name=op.f("ck_quota_rules_subject_kind")),
        sa.CheckConstraint("unit IN ('images', 'credits')", name=op.f("ck_quota_rules_unit")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_quota_rules_amount")),
        sa.CheckConstraint("at_once >= 0", name=op.f("ck_quota_rules_at_once")),
        sa.CheckConstraint("cooldown >= 0", name=op.f("ck_quota_rules_cooldown")),
        sa.CheckConstraint("queue >= 0", name=op.f("ck_quota_rules_queue")),
        sa.PrimaryKeyConstraint("guild_id", "subject_kind", "subject_id", name=op.f("pk_quota_rules")),
        sqlite_strict=True,
    )


def _create_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("user_id", WHOLE, nullable=False),
        sa.Column("guild_id", WHOLE, nullable=False),
        sa.Column("role_ids", sa.Text, nullable=False),
        sa.Column("moderator", WHOLE, nullable=False),
        sa.Column("place_kind", sa.Text, nullable=False),
        sa.Column("channel_id", WHOLE, nullable=False),
        sa.Column("in_place", WHOLE, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("interaction_id", WHOLE),
        sa.Column("interaction_token", sa.Text),
        sa.Column("parent_id", WHOLE),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("ratio", sa.Text, nullable=False),
        sa.Column("resolution", sa.Text, nullable=False),
        sa.Column("exact_size", sa.Text),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("seed", WHOLE, nullable=False),
        sa.Column("seed_chosen", WHOLE, nullable=False),
        sa.Column("count", WHOLE, nullable=False),
        sa.Column("spoiler", WHOLE, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("size", sa.Text, nullable=False),
        sa.Column("price", WHOLE, nullable=False),
        sa.Column("seed_sent", WHOLE, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("answered_at", TIME),
        sa.Column("card_message_id", WHOLE),
        sa.Column("thread_id", WHOLE),
        sa.Column("result_message_id", WHOLE),
        sa.Column("result_posted_at", TIME),
        sa.Column("post_started_at", TIME),
        sa.Column("post_after", TIME),
        sa.Column("post_attempts", WHOLE, nullable=False),
        sa.Column("delivery", sa.Text, nullable=False),
        sa.CheckConstraint(
            "delivery IN ('pending', 'delivered', 'undeliverable', 'withdrawn')", name=op.f("ck_requests_delivery")
        ),
        sa.CheckConstraint("count >= 1", name=op.f("ck_requests_count")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_requests_price")),
        sa.CheckConstraint("seed BETWEEN 0 AND 4294967295", name=op.f("ck_requests_seed")),
        sa.ForeignKeyConstraint(["parent_id"], ["requests.id"], name=op.f("fk_requests_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        **NUMBERED,
    )
    op.create_index("ix_requests_guild", "requests", ["guild_id", "id"])
    op.create_index("ix_requests_parent_id", "requests", ["parent_id"])
    op.create_index("ix_requests_person", "requests", ["user_id", "guild_id", "created_at"])
    op.create_index("ix_requests_unsettled", "requests", ["id"], **_partial("delivery = 'pending'"))
    op.create_index("uq_requests_interaction_id", "requests", ["interaction_id"], unique=True)


def _create_uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("provider", "sha256", name=op.f("pk_uploads")),
        sqlite_strict=True,
    )
    op.create_index("ix_uploads_expires_at", "uploads", ["expires_at"])


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("request_id", WHOLE, nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("user_id", WHOLE, nullable=False),
        sa.Column("guild_id", WHOLE, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("resolution", sa.Text, nullable=False),
        sa.Column("at_once", WHOLE, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempt", WHOLE, nullable=False),
        sa.Column("size", sa.Text, nullable=False),
        sa.Column("seed", WHOLE, nullable=False),
        sa.Column("price", WHOLE, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("leased_until", TIME),
        sa.Column("run_after", TIME),
        sa.Column("task_id", sa.Text),
        sa.Column("progress", TIME),
        sa.Column("last_progress_at", TIME),
        sa.Column("retries", WHOLE, nullable=False),
        sa.Column("submit_started_at", TIME),
        sa.Column("submitted_at", TIME),
        sa.Column("started_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("cancel_requested_by", WHOLE),
        sa.Column("failure_key", sa.Text),
        sa.Column("failure_values", sa.Text, nullable=False),
        sa.Column("charged", WHOLE, nullable=False),
        sa.Column("billed_by_provider", WHOLE, nullable=False),
        sa.CheckConstraint(
            "(state IN ('succeeded', 'failed', 'cancelled', 'lost')) = (ended_at IS NOT NULL)",
            name=op.f("ck_jobs_ended"),
        ),
        sa.CheckConstraint(
            "owner IS NULL OR state IN ('preparing', 'submitting', 'running', 'fetching')", name=op.f("ck_jobs_leased")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'preparing', 'submitting', 'running', 'fetching', "
            "'succeeded', 'failed', 'cancelled', 'lost')",
            name=op.f("ck_jobs_state"),
        ),
        sa.CheckConstraint("(owner IS NULL) = (leased_until IS NULL)", name=op.f("ck_jobs_lease")),
        sa.CheckConstraint("at_once >= 0", name=op.f("ck_jobs_at_once")),
        sa.CheckConstraint("attempt >= 0", name=op.f("ck_jobs_attempt")),
        sa.CheckConstraint("charged >= 0", name=op.f("ck_jobs_charged")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_jobs_price")),
        sa.CheckConstraint("retries >= 0", name=op.f("ck_jobs_retries")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_jobs_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        **NUMBERED,
    )
    op.create_index("ix_jobs_active", "jobs", ["user_id", "guild_id"], **_partial("ended_at IS NULL"))
    op.create_index("ix_jobs_last_start", "jobs", ["user_id", "started_at"])
    leased = _partial("owner IS NOT NULL")
    op.create_index("ix_jobs_leased", "jobs", ["user_id", "guild_id", "leased_until"], **leased)
    made = _partial("state = 'succeeded'")
    op.create_index("ix_jobs_typical", "jobs", ["provider", "model", "resolution", "ended_at"], **made)
    op.create_index("uq_jobs_request_position", "jobs", ["request_id", "position"], unique=True)


def _create_request_references() -> None:
    op.create_table(
        "request_references",
        sa.Column("request_id", WHOLE, nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("tag", sa.Text, nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("sha256", sa.Text),
        sa.Column("media_type", sa.Text),
        sa.Column("width", WHOLE),
        sa.Column("height", WHOLE),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_request_references_request_id")),
        sa.PrimaryKeyConstraint("request_id", "position", name=op.f("pk_request_references")),
        sqlite_strict=True,
    )


def _create_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("job_id", WHOLE),
        sa.Column("guild_id", WHOLE, nullable=False),
        sa.Column("user_id", WHOLE, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("images", WHOLE, nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.Column("units", WHOLE, nullable=False),
        sa.Column("held_at", TIME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("subject_kind", sa.Text, nullable=False),
        sa.Column("subject_id", WHOLE, nullable=False),
        sa.Column("actor_id", WHOLE),
        sa.CheckConstraint("(job_id IS NULL) = (kind IN ('grant', 'reset'))", name=op.f("ck_ledger_job")),
        sa.CheckConstraint(
            "kind IN ('hold', 'charge', 'release', 'loss', 'grant', 'reset')", name=op.f("ck_ledger_kind")
        ),
        sa.CheckConstraint("source IN ('window', 'grant')", name=op.f("ck_ledger_source")),
        sa.CheckConstraint("subject_kind IN ('everyone', 'role', 'user')", name=op.f("ck_ledger_subject_kind")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_ledger_amount")),
        sa.CheckConstraint("images >= 0", name=op.f("ck_ledger_images")),
        sa.CheckConstraint("units >= 0", name=op.f("ck_ledger_units")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_ledger_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        **NUMBERED,
    )
    op.create_index("ix_ledger_from_grant", "ledger", ["user_id", "guild_id"], **_partial("source = 'grant'"))
    op.create_index(
        "ix_ledger_given", "ledger", ["guild_id", "subject_kind", "subject_id"], **_partial("job_id IS NULL")
    )
    op.create_index("ix_ledger_window", "ledger", ["user_id", "guild_id", "held_at"])
    op.create_index("uq_ledger_job_kind", "ledger", ["job_id", "kind"], unique=True)


def _create_outputs() -> None:
    op.create_table(
        "outputs",
        sa.Column("job_id", WHOLE, nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("width", WHOLE, nullable=False),
        sa.Column("height", WHOLE, nullable=False),
        sa.Column("size_bytes", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_outputs_job_id")),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_outputs")),
        sqlite_strict=True,
    )
