"""What people think of pictures: their favourites, and their votes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.Double[float]().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "favourites",
        sa.Column("user_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("job_id", WHOLE, nullable=False),
        sa.Column("marked_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_favourites_job_id")),
        sa.PrimaryKeyConstraint("user_id", "job_id", name=op.f("pk_favourites")),
        sqlite_strict=True,
    )
    op.create_index("ix_favourites_job_id", "favourites", ["job_id"])
    op.create_table(
        "votes",
        sa.Column("job_id", WHOLE, nullable=False),
        sa.Column("user_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("guild_id", WHOLE, nullable=False),
        sa.Column("owner_id", WHOLE, nullable=False),
        sa.Column("voted_at", TIME, nullable=False),
        sa.CheckConstraint("user_id != owner_id", name=op.f("ck_votes_others")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_votes_job_id")),
        sa.PrimaryKeyConstraint("job_id", "user_id", name=op.f("pk_votes")),
        sqlite_strict=True,
    )
    op.create_index("ix_votes_user_id", "votes", ["user_id"])
    op.create_index("ix_votes_guild", "votes", ["guild_id", "voted_at"])
