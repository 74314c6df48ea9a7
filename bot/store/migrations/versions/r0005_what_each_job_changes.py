"""What each job sends of the seed, and what its service changes, apart from the request's other jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the step. The notes of older requests stay with the request, for all its jobs."""
    op.add_column("jobs", sa.Column("seed_sent", WHOLE, nullable=False, server_default=sa.text("1")))
    op.add_column("jobs", sa.Column("notes", sa.Text, nullable=False, server_default=sa.text("'[]'")))
    op.execute("UPDATE jobs SET seed_sent = (SELECT r.seed_sent FROM requests r WHERE r.id = jobs.request_id)")
