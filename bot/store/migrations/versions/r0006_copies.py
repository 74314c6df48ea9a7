"""Clean copies of people's files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.Double[float]().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "copies",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("width", WHOLE, nullable=False),
        sa.Column("height", WHOLE, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("used_at", TIME, nullable=False),
        sa.Column("side", WHOLE),
        sa.Column("light", TIME),
        sa.Column("outline", sa.Text),
        sa.PrimaryKeyConstraint("source", "form", name=op.f("pk_copies")),
        sqlite_strict=True,
    )
    op.create_index("ix_copies_sha256", "copies", ["sha256"])
    op.create_index("ix_copies_used_at", "copies", ["used_at"])
