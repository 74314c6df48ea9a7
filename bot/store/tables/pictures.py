"""Where pictures lie: clean copies of people's files, and uploads at the image services that are still good."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from bot.store.columns import TIME, WHOLE, Words
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

# `source` is the hash of the file that was copied, `form` what it was made into; the last three are its look.
copies = Table(
    "copies",
    metadata,
    Column("source", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("width", WHOLE, nullable=False),
    Column("height", WHOLE, nullable=False),
    Column("notes", Text, nullable=False),
    Column("used_at", TIME, nullable=False),
    Column("side", WHOLE),
    Column("light", TIME),
    Column("outline", Text),
    Column("bare", WHOLE),
    **STRICT,
)

Index("ix_copies_sha256", copies.c.sha256)
Index("ix_copies_used_at", copies.c.used_at)
Index("ix_uploads_expires_at", uploads.c.expires_at)
