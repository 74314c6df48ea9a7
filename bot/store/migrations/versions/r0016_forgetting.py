"""Forgetting people, servers and old requests, and the key that pseudonyms are made with."""

from __future__ import annotations

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.Double[float]().with_variant(sa.REAL(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    kept = op.create_table(
        "secrets",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
        sqlite_strict=True,
    )
    op.execute(sa.insert(kept).values(name="pseudonyms", value=token_hex(32)))
    op.create_table(
        "erasures",
        sa.Column("user_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("up_to", WHOLE, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_erasures")),
        sqlite_strict=True,
    )
    op.create_table(
        "departures",
        sa.Column("guild_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("left_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_departures")),
        sqlite_strict=True,
    )
    op.create_index("ix_departures_left_at", "departures", ["left_at"])
    op.add_column("requests", sa.Column("forgotten_at", TIME))
    remembered = sa.text("forgotten_at IS NULL")
    op.create_index(
        "ix_requests_remembered",
        "requests",
        ["created_at"],
        sqlite_where=remembered,
        postgresql_where=remembered,
    )
