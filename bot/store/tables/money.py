"""The append-only ledger and the rules that it is held against."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, literal_column

from bot.domain.ledger import EntryKind
from bot.domain.quota import Per, Source, SubjectKind, Unit
from bot.store.columns import TIME, WHOLE
from bot.store.tables.base import NUMBERED, STRICT, check, key, metadata, one_of, partial

ledger = Table(
    "ledger",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("job_id", WHOLE, ForeignKey("jobs.id")),
    Column("guild_id", WHOLE, nullable=False),
    Column("user_id", WHOLE, nullable=False),
    Column("source", Text, nullable=False),
    Column("images", WHOLE, nullable=False),
    Column("amount", WHOLE, nullable=False),
    Column("units", WHOLE, nullable=False),
    Column("held_at", TIME, nullable=False),
    Column("at", TIME, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", WHOLE, nullable=False),
    Column("actor_id", WHOLE),
    check("kind", one_of("kind", EntryKind)),
    check("source", one_of("source", Source)),
    check("subject_kind", one_of("subject_kind", SubjectKind)),
    check("job", "(job_id IS NULL) = (kind IN ('grant', 'reset'))"),
    check("images", "images >= 0"),
    check("amount", "amount >= 0"),
    check("units", "units >= 0"),
    **NUMBERED,
)

quota_rules = Table(
    "quota_rules",
    metadata,
    Column("guild_id", WHOLE, primary_key=True, autoincrement=False),
    Column("subject_kind", Text, primary_key=True),
    Column("subject_id", WHOLE, primary_key=True, autoincrement=False),
    Column("amount", WHOLE, nullable=False),
    Column("unit", Text, nullable=False),
    Column("per", Text, nullable=False),
    Column("at_once", WHOLE, nullable=False),
    Column("queue", WHOLE, nullable=False),
    Column("cooldown", WHOLE, nullable=False),
    check("subject_kind", one_of("subject_kind", SubjectKind)),
    check("unit", one_of("unit", Unit)),
    check("per", one_of("per", Per)),
    check("amount", "amount >= 0"),
    check("at_once", "at_once >= 0"),
    check("queue", "queue >= 0"),
    check("cooldown", "cooldown >= 0"),
    **STRICT,
)

# Sums of the ledger by quarters of an hour, so that a month's spending is read in one range however much was made.
# Every zone's days begin with a quarter. `EVERYWHERE` stands for all servers together, with the operator's losses.
spending = Table(
    "spending",
    metadata,
    Column("guild_id", WHOLE, primary_key=True, autoincrement=False),
    Column("quarter", WHOLE, primary_key=True, autoincrement=False),
    Column("amount", WHOLE, nullable=False),
    sqlite_with_rowid=False,
    **STRICT,
)

EVERYWHERE = -1

FROM_GRANT = ledger.c.source == literal_column("'grant'")
GIVEN = ledger.c.job_id.is_(None)

Index("uq_ledger_job_kind", ledger.c.job_id, ledger.c.kind, unique=True)
Index("ix_ledger_window", ledger.c.user_id, ledger.c.guild_id, ledger.c.held_at)
Index("ix_ledger_from_grant", ledger.c.user_id, ledger.c.guild_id, **partial(FROM_GRANT))
Index("ix_ledger_given", ledger.c.guild_id, ledger.c.subject_kind, ledger.c.subject_id, **partial(GIVEN))
