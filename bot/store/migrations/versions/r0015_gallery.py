"""Pictures that entered their server's gallery: each once, with the message that shows it there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.Double[float]().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "gallery",
        sa.Column("job_id", WHOLE, nullable=False),
        sa.Column("request_id", WHOLE, nullable=False),
        sa.Column("votes", WHOLE, nullable=False),
        sa.Column("entered_at", TIME, nullable=False),
        sa.Column("channel_id", WHOLE),
        sa.Column("message_id", WHOLE),
        sa.Column("dropped_at", TIME),
        sa.CheckConstraint("votes >= 0", name=op.f("ck_gallery_votes")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_gallery_job_id")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_gallery")),
        sqlite_strict=True,
    )
    op.create_index("ix_gallery_request_id", "gallery", ["request_id"])
