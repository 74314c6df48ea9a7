"""What servers' log channels are still to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.Double[float]().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "server_log",
        sa.Column("id", WHOLE, autoincrement=True, nullable=False),
        sa.Column("guild_id", WHOLE, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("mark", sa.Text),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("post_after", TIME),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("ended_at", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_log")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    untold = sa.text("ended_at IS NULL")
    op.create_index("uq_server_log_mark", "server_log", ["guild_id", "mark"], unique=True)
    op.create_index("ix_server_log_untold", "server_log", ["id"], sqlite_where=untold, postgresql_where=untold)
    op.create_index("ix_server_log_ended_at", "server_log", ["ended_at"])
