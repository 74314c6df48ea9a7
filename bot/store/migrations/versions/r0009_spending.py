"""Money spent, by servers and quarters of an hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

FILL = """
    INSERT INTO spending (guild_id, quarter, amount)
    SELECT guild_id, quarter, sum(amount) FROM (
        SELECT guild_id, {quarter} AS quarter, CASE kind WHEN 'hold' THEN amount ELSE -amount END AS amount
          FROM ledger WHERE kind IN ('hold', 'release')
        UNION ALL
        SELECT -1, {quarter}, CASE kind WHEN 'release' THEN -amount ELSE amount END
          FROM ledger WHERE kind IN ('hold', 'release', 'loss')
    ) AS entries
    GROUP BY guild_id, quarter HAVING sum(amount) <> 0
"""
QUARTER = {"sqlite": "CAST(held_at / 900 AS INTEGER)", "postgresql": "CAST(floor(held_at / 900) AS BIGINT)"}


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "spending",
        sa.Column("guild_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("quarter", WHOLE, autoincrement=False, nullable=False),
        sa.Column("amount", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "quarter", name=op.f("pk_spending")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(FILL.format(quarter=QUARTER[op.get_bind().dialect.name]))
