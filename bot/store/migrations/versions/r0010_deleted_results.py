"""Results that were deleted: by whom, when, and whether their message is gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.Double[float]().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.add_column("requests", sa.Column("deleted_at", TIME))
    op.add_column("requests", sa.Column("deleted_by", WHOLE))
    op.add_column("requests", sa.Column("taken_down_at", TIME))
    still_shown = sa.text("deleted_at IS NOT NULL AND taken_down_at IS NULL")
    op.create_index(
        "ix_requests_still_shown", "requests", ["id"], sqlite_where=still_shown, postgresql_where=still_shown
    )
