"""What people report of results, and what moderators made of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.Double[float]().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "reports",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("guild_id", WHOLE, nullable=False),
        sa.Column("request_id", WHOLE, nullable=False),
        sa.Column("user_id", WHOLE, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("deeds", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("uq_reports_once", "reports", ["request_id", "user_id"], unique=True)
    op.create_index("ix_reports_person", "reports", ["user_id", "guild_id", "created_at"])
