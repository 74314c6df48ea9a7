"""Forms that wait for their person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.Double[float]().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "forms",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("user_id", WHOLE, nullable=False),
        sa.Column("pictures", sa.Text, nullable=False),
        sa.Column("request_id", WHOLE),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_forms_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forms")),
        sqlite_strict=True,
    )
    op.create_index("ix_forms_created_at", "forms", ["created_at"])
