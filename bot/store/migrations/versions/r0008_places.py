"""Where else a result may be posted, how large its files may be there, and where it was posted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the step. Results so far stand in their thread or where they were asked for."""
    op.add_column("requests", sa.Column("parent_channel_id", WHOLE))
    op.add_column("requests", sa.Column("file_limit", WHOLE, nullable=False, server_default=sa.text("10485760")))
    op.add_column("requests", sa.Column("result_channel_id", WHOLE))
    op.execute(
        "UPDATE requests SET result_channel_id = coalesce(thread_id, channel_id) WHERE result_message_id IS NOT NULL"
    )
