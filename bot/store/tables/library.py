"""References that people saved under names, and pictures whose bytes are to be deleted."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from bot.domain.library import Scope
from bot.store.columns import TIME, WHOLE, Words
from bot.store.tables.base import NUMBERED, STRICT, check, key, metadata, one_of

saved_references = Table(
    "saved_references",
    metadata,
    key(),
    Column("scope", Text, nullable=False),
    Column("owner_id", WHOLE, nullable=False),
    Column("name", Words, nullable=False),
    Column("folded", Words, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("preview", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("width", WHOLE, nullable=False),
    Column("height", WHOLE, nullable=False),
    Column("saved_by", WHOLE, nullable=False),
    Column("saved_at", TIME, nullable=False),
    check("scope", one_of("scope", Scope)),
    **NUMBERED,
)

# The intent to delete is kept with what was deleted: a process that ends in between leaves no bytes behind.
dropped_pictures = Table(
    "dropped_pictures",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("dropped_at", TIME, nullable=False),
    **STRICT,
)

Index("uq_saved_references_name", *(saved_references.c[name] for name in ("scope", "owner_id", "folded")), unique=True)
Index("ix_saved_references_sha256", saved_references.c.sha256)
Index("ix_saved_references_preview", saved_references.c.preview)
