"""What people asked for: requests, their references, and questions that are still open."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, and_, literal_column, text

from bot.domain.job import DEFAULT_FILE_LIMIT, Delivery
from bot.store.columns import TIME, WHOLE, Words
from bot.store.tables.base import NUMBERED, STRICT, check, key, metadata, one_of, partial

requests = Table(
    "requests",
    metadata,
    key(),
    Column("user_id", WHOLE, nullable=False),
    Column("guild_id", WHOLE, nullable=False),
    Column("role_ids", Text, nullable=False),
    Column("moderator", WHOLE, nullable=False),
    Column("place_kind", Text, nullable=False),
    Column("channel_id", WHOLE, nullable=False),
    Column("in_place", WHOLE, nullable=False),
    Column("action", Text, nullable=False),
    Column("interaction_id", WHOLE),
    Column("interaction_token", Text),
    Column("parent_id", WHOLE, ForeignKey("requests.id")),
    Column("prompt", Words, nullable=False),
    Column("ratio", Text, nullable=False),
    Column("resolution", Text, nullable=False),
    Column("exact_size", Text),
    Column("model", Text, nullable=False),
    Column("seed", WHOLE, nullable=False),
    Column("seed_chosen", WHOLE, nullable=False),
    Column("count", WHOLE, nullable=False),
    Column("spoiler", WHOLE, nullable=False),
    Column("provider", Text, nullable=False),
    Column("size", Text, nullable=False),
    Column("price", WHOLE, nullable=False),
    Column("seed_sent", WHOLE, nullable=False),
    Column("provider_chosen", WHOLE, nullable=False),
    Column("notes", Text, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("answered_at", TIME),
    Column("card_message_id", WHOLE),
    Column("thread_id", WHOLE),
    Column("result_message_id", WHOLE),
    Column("result_posted_at", TIME),
    Column("post_started_at", TIME),
    Column("post_after", TIME),
    Column("post_attempts", WHOLE, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("parent_channel_id", WHOLE),
    Column("file_limit", WHOLE, nullable=False, server_default=text(str(DEFAULT_FILE_LIMIT))),
    Column("result_channel_id", WHOLE),
    Column("deleted_at", TIME),
    Column("deleted_by", WHOLE),
    Column("taken_down_at", TIME),
    Column("forgotten_at", TIME),
    check("delivery", one_of("delivery", Delivery)),
    check("count", "count >= 1"),
    check("price", "price >= 0"),
    check("seed", "seed BETWEEN 0 AND 4294967295"),
    **NUMBERED,
)

request_references = Table(
    "request_references",
    metadata,
    Column("request_id", WHOLE, ForeignKey("requests.id"), primary_key=True),
    Column("position", WHOLE, primary_key=True),
    Column("tag", Words, nullable=False),
    Column("filename", Words, nullable=False),
    Column("source", Words),
    Column("sha256", Text),
    Column("media_type", Text),
    Column("width", WHOLE),
    Column("height", WHOLE),
    Column("bare", WHOLE),
    **STRICT,
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", WHOLE, nullable=False),
    Column("payload", Text, nullable=False),
    Column("request_id", WHOLE, ForeignKey("requests.id")),
    Column("created_at", TIME, nullable=False),
    **STRICT,
)

forms = Table(
    "forms",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", WHOLE, nullable=False),
    Column("pictures", Text, nullable=False),
    Column("request_id", WHOLE, ForeignKey("requests.id")),
    Column("created_at", TIME, nullable=False),
    **STRICT,
)

UNSETTLED = requests.c.delivery == literal_column("'pending'")
STILL_SHOWN = and_(requests.c.deleted_at.is_not(None), requests.c.taken_down_at.is_(None))
REMEMBERED = requests.c.forgotten_at.is_(None)

Index("uq_requests_interaction_id", requests.c.interaction_id, unique=True)
Index("ix_requests_parent_id", requests.c.parent_id)
Index("ix_requests_person", requests.c.user_id, requests.c.guild_id, requests.c.created_at)
Index("ix_requests_guild", requests.c.guild_id, requests.c.id)
Index("ix_requests_unsettled", requests.c.id, **partial(UNSETTLED))
Index("ix_requests_still_shown", requests.c.id, **partial(STILL_SHOWN))
Index("ix_requests_remembered", requests.c.created_at, **partial(REMEMBERED))
Index("ix_request_references_sha256", request_references.c.sha256)
Index("ix_drafts_person", drafts.c.user_id, drafts.c.created_at)
Index("ix_drafts_created_at", drafts.c.created_at)
Index("ix_forms_created_at", forms.c.created_at)
