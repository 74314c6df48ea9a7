"""Where pictures lie: uploads at the image services that are still good."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from bot.store.columns import TIME, Words
from bot.store.tables.base import STRICT, metadata

uploads = Table(
    "uploads",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("uri", Words, nullable=False),
    Column("expires_at", TIME, nullable=False),
    **STRICT,
)

Index("ix_uploads_expires_at", uploads.c.expires_at)
