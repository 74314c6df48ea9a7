"""Saved references, pictures whose bytes are to go, and finding what needs a picture."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.Double[float]().with_variant(sa.REAL(), "sqlite")


def _required(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "saved_references",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        *_required(sa.Text, "scope"),
        *_required(WHOLE, "owner_id"),
        *_required(sa.Text, "name", "folded", "sha256", "preview", "media_type"),
        *_required(WHOLE, "width", "height", "saved_by"),
        *_required(TIME, "saved_at"),
        sa.CheckConstraint("scope IN ('me', 'server')", name=op.f("ck_saved_references_scope")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_references")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    name = ["scope", "owner_id", "folded"]
    op.create_index("uq_saved_references_name", "saved_references", name, unique=True)
    for column in ("sha256", "preview"):
        op.create_index(f"ix_saved_references_{column}", "saved_references", [column])
    op.create_table(
        "dropped_pictures",
        *_required(sa.Text, "sha256"),
        *_required(TIME, "dropped_at"),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_dropped_pictures")),
        sqlite_strict=True,
    )
    op.create_index("ix_request_references_sha256", "request_references", ["sha256"])
    op.create_index("ix_outputs_sha256", "outputs", ["sha256"])
