"""The first schema: requests, jobs and pictures, the ledger, quota rules, settings, audit log, uploads and drafts."""

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


def _required(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _optional(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names]


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))


def upgrade() -> None:
    """Apply the step."""
    _create_audit_log()
    _create_guild_settings()
    _create_marks()
    _create_quota_rules()
    _create_requests()
    _index_requests()
    _create_uploads()
    _create_jobs()
    _index_jobs()
    _create_request_references()
    _create_ledger()
    _create_outputs()
    _create_drafts()


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        *_required(WHOLE, "guild_id", "actor_id"),
        *_required(sa.Text, "action", "subject"),
        *_optional(sa.Text, "before", "after"),
        *_required(TIME, "created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        **NUMBERED,
    )
    op.create_index("ix_audit_log_guild", "audit_log", ["guild_id", "id"])


def _create_guild_settings() -> None:
    op.create_table(
        "guild_settings",
        sa.Column("guild_id", WHOLE, autoincrement=False, nullable=False),
        *_required(sa.Text, "settings"),
        *_required(WHOLE, "updated_by"),
        *_required(TIME, "updated_at"),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_guild_settings")),
        sqlite_strict=True,
    )


def _create_marks() -> None:
    op.create_table(
        "marks",
        *_required(sa.Text, "name", "value"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
        sqlite_strict=True,
    )


def _create_quota_rules() -> None:
    op.create_table(
        "quota_rules",
        sa.Column("guild_id", WHOLE, autoincrement=False, nullable=False),
        *_required(sa.Text, "subject_kind"),
        sa.Column("subject_id", WHOLE, autoincrement=False, nullable=False),
        *_required(WHOLE, "amount"),
        *_required(sa.Text, "unit", "per"),
        *_required(WHOLE, "at_once", "queue", "cooldown"),
        _check("ck_quota_rules_per", "per IN ('hour', 'day', 'week', 'month')"),
        _check("ck_quota_rules_subject_kind", "subject_kind IN ('everyone', 'role', 'user')"),
        _check("ck_quota_rules_unit", "unit IN ('images', 'credits')"),
        _check("ck_quota_rules_amount", "amount >= 0"),
        _check("ck_quota_rules_at_once", "at_once >= 0"),
        _check("ck_quota_rules_cooldown", "cooldown >= 0"),
        _check("ck_quota_rules_queue", "queue >= 0"),
        sa.PrimaryKeyConstraint("guild_id", "subject_kind", "subject_id", name=op.f("pk_quota_rules")),
        sqlite_strict=True,
    )


def _create_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        *_required(WHOLE, "user_id", "guild_id"),
        *_required(sa.Text, "role_ids"),
        *_required(WHOLE, "moderator"),
        *_required(sa.Text, "place_kind"),
        *_required(WHOLE, "channel_id", "in_place"),
        *_required(sa.Text, "action"),
        *_optional(WHOLE, "interaction_id"),
        *_optional(sa.Text, "interaction_token"),
        *_optional(WHOLE, "parent_id"),
        *_required(sa.Text, "prompt", "ratio", "resolution"),
        *_optional(sa.Text, "exact_size"),
        *_required(sa.Text, "model"),
        *_required(WHOLE, "seed", "seed_chosen", "count", "spoiler"),
        *_required(sa.Text, "provider", "size"),
        *_required(WHOLE, "price", "seed_sent", "provider_chosen"),
        *_required(sa.Text, "notes"),
        *_required(TIME, "created_at"),
        *_optional(TIME, "answered_at"),
        *_optional(WHOLE, "card_message_id", "thread_id", "result_message_id"),
        *_optional(TIME, "result_posted_at", "post_started_at", "post_after"),
        *_required(WHOLE, "post_attempts"),
        *_required(sa.Text, "delivery"),
        _check("ck_requests_delivery", "delivery IN ('pending', 'delivered', 'undeliverable', 'withdrawn')"),
        _check("ck_requests_count", "count >= 1"),
        _check("ck_requests_price", "price >= 0"),
        _check("ck_requests_seed", "seed BETWEEN 0 AND 4294967295"),
        sa.ForeignKeyConstraint(["parent_id"], ["requests.id"], name=op.f("fk_requests_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        **NUMBERED,
    )


def _index_requests() -> None:
    op.create_index("ix_requests_guild", "requests", ["guild_id", "id"])
    op.create_index("ix_requests_parent_id", "requests", ["parent_id"])
    op.create_index("ix_requests_person", "requests", ["user_id", "guild_id", "created_at"])
    op.create_index("ix_requests_unsettled", "requests", ["id"], **_partial("delivery = 'pending'"))
    op.create_index("uq_requests_interaction_id", "requests", ["interaction_id"], unique=True)


def _create_uploads() -> None:
    op.create_table(
        "uploads",
        *_required(sa.Text, "provider", "sha256", "uri"),
        *_required(TIME, "expires_at"),
        sa.PrimaryKeyConstraint("provider", "sha256", name=op.f("pk_uploads")),
        sqlite_strict=True,
    )
    op.create_index("ix_uploads_expires_at", "uploads", ["expires_at"])


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        *_required(WHOLE, "request_id", "position", "user_id", "guild_id"),
        *_required(sa.Text, "provider", "model", "resolution"),
        *_required(WHOLE, "at_once"),
        *_required(sa.Text, "state"),
        *_required(WHOLE, "attempt"),
        *_required(sa.Text, "size"),
        *_required(WHOLE, "seed", "price"),
        *_optional(sa.Text, "owner"),
        *_optional(TIME, "leased_until", "run_after"),
        *_optional(sa.Text, "task_id"),
        *_optional(TIME, "progress", "last_progress_at"),
        *_required(WHOLE, "retries"),
        *_optional(TIME, "submit_started_at", "submitted_at", "started_at", "ended_at"),
        *_optional(WHOLE, "cancel_requested_by"),
        *_optional(sa.Text, "failure_key"),
        *_required(sa.Text, "failure_values"),
        *_required(WHOLE, "charged", "billed_by_provider"),
        _check("ck_jobs_ended", "(state IN ('succeeded', 'failed', 'cancelled', 'lost')) = (ended_at IS NOT NULL)"),
        _check("ck_jobs_leased", "owner IS NULL OR state IN ('preparing', 'submitting', 'running', 'fetching')"),
        _check(
            "ck_jobs_state",
            "state IN ('waiting', 'preparing', 'submitting', 'running', 'fetching', "
            "'succeeded', 'failed', 'cancelled', 'lost')",
        ),
        _check("ck_jobs_lease", "(owner IS NULL) = (leased_until IS NULL)"),
        _check("ck_jobs_at_once", "at_once >= 0"),
        _check("ck_jobs_attempt", "attempt >= 0"),
        _check("ck_jobs_charged", "charged >= 0"),
        _check("ck_jobs_price", "price >= 0"),
        _check("ck_jobs_retries", "retries >= 0"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_jobs_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        **NUMBERED,
    )


def _index_jobs() -> None:
    op.create_index("ix_jobs_active", "jobs", ["user_id", "guild_id"], **_partial("ended_at IS NULL"))
    op.create_index("ix_jobs_submits", "jobs", ["submit_started_at", "provider"])
    op.create_index("ix_jobs_last_start", "jobs", ["user_id", "started_at"])
    leased = _partial("owner IS NOT NULL")
    op.create_index("ix_jobs_leased", "jobs", ["user_id", "guild_id", "leased_until"], **leased)
    made = _partial("state = 'succeeded'")
    op.create_index("ix_jobs_typical", "jobs", ["provider", "model", "resolution", "ended_at"], **made)
    op.create_index("uq_jobs_request_position", "jobs", ["request_id", "position"], unique=True)


def _create_request_references() -> None:
    op.create_table(
        "request_references",
        *_required(WHOLE, "request_id", "position"),
        *_required(sa.Text, "tag", "filename"),
        *_optional(sa.Text, "source", "sha256", "media_type"),
        *_optional(WHOLE, "width", "height"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_request_references_request_id")),
        sa.PrimaryKeyConstraint("request_id", "position", name=op.f("pk_request_references")),
        sqlite_strict=True,
    )


def _create_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        *_required(sa.Text, "kind"),
        *_optional(WHOLE, "job_id"),
        *_required(WHOLE, "guild_id", "user_id"),
        *_required(sa.Text, "source"),
        *_required(WHOLE, "images", "amount", "units"),
        *_required(TIME, "held_at", "at"),
        *_required(sa.Text, "subject_kind"),
        *_required(WHOLE, "subject_id"),
        *_optional(WHOLE, "actor_id"),
        _check("ck_ledger_job", "(job_id IS NULL) = (kind IN ('grant', 'reset'))"),
        _check("ck_ledger_kind", "kind IN ('hold', 'charge', 'release', 'loss', 'grant', 'reset')"),
        _check("ck_ledger_source", "source IN ('window', 'grant')"),
        _check("ck_ledger_subject_kind", "subject_kind IN ('everyone', 'role', 'user')"),
        _check("ck_ledger_amount", "amount >= 0"),
        _check("ck_ledger_images", "images >= 0"),
        _check("ck_ledger_units", "units >= 0"),
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
        *_required(WHOLE, "job_id", "position"),
        *_required(sa.Text, "sha256", "media_type"),
        *_required(WHOLE, "width", "height", "size_bytes"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_outputs_job_id")),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_outputs")),
        sqlite_strict=True,
    )


def _create_drafts() -> None:
    op.create_table(
        "drafts",
        *_required(sa.Text, "id"),
        *_required(WHOLE, "user_id"),
        *_required(sa.Text, "payload"),
        *_optional(WHOLE, "request_id"),
        *_required(TIME, "created_at"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_drafts_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sqlite_strict=True,
    )
    op.create_index("ix_drafts_created_at", "drafts", ["created_at"])
    op.create_index("ix_drafts_person", "drafts", ["user_id", "created_at"])
