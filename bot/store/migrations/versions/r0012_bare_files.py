"""Whether people's files hold nothing but the picture; of those taken before it is not known, which counts as no."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.add_column("copies", sa.Column("bare", WHOLE))
    op.add_column("request_references", sa.Column("bare", WHOLE))
