"""What each column holds of people. Export, deletion and forgetting follow this, so every column must be in here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, Text, and_, select, true

from bot.store.columns import Words
from bot.store.tables import jobs, metadata, requests


class Kind(StrEnum):
    """What a column holds."""

    PERSON = "person"  #: the Discord id of a person, or the pseudonym of one
    PEOPLE = "people"  #: ids of people among other values
    CONTENT = "content"  #: words, files or pictures of the person whose row it is
    PLACE = "place"  #: where something stands at Discord: a channel, a message, an interaction
    SECRET = "secret"  #: opens something to whoever knows it; goes with the content and is never given out
    PLAIN = "plain"  #: says nothing about a person beyond what the rest of its row says


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a table holds of people.

    `owner` is the column that says whose a row is; rows without one belong to whom their job or request (`above`) or
    their picture (`pictured`) belongs to. `only` names columns that hold a person's id only where another column has
    that value. Rows of a person who has everything deleted go as a whole (`goes`) or lose their content and keep their
    sums; rows of a server that is forgotten go (`leaves`) or do so too.
    """

    kinds: Mapping[str, Kind]
    owner: str | None = None
    above: str | None = None
    pictured: bool = False
    only: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    goes: bool = False
    leaves: bool = False

    def names(self, *kinds: Kind) -> list[str]:
        """The columns that hold one of these."""
        return [name for name, kind in self.kinds.items() if kind in kinds]

    def is_person(self, column: Column[Any]) -> ColumnElement[bool]:
        """Whether a column of kind `PERSON` holds a person's id in a row, and not something else's."""
        if column.name not in self.only:
            return true()
        other, value = self.only[column.name]
        return column.table.c[other] == value


def _kinds(**names: str) -> dict[str, Kind]:
    return {name: Kind(kind) for kind, some in names.items() for name in some.split()}


_FOR_USER = {"subject_id": ("subject_kind", "user")}

HOLDINGS: Mapping[str, Holding] = {
    "requests": Holding(
        owner="user_id",
        kinds=_kinds(
            person="user_id deleted_by",
            content="prompt role_ids",
            secret="interaction_token",
            place="channel_id parent_channel_id thread_id interaction_id card_message_id result_channel_id "
            "result_message_id",
            plain="id guild_id moderator place_kind in_place action parent_id ratio resolution exact_size model seed "
            "seed_chosen count spoiler provider size price seed_sent provider_chosen notes created_at answered_at "
            "result_posted_at post_started_at post_after post_attempts delivery file_limit deleted_at taken_down_at "
            "forgotten_at",
        ),
    ),
    "request_references": Holding(
        above="requests",
        goes=True,
        kinds=_kinds(
            content="tag filename sha256", secret="source", plain="request_id position media_type width height bare"
        ),
    ),
    "jobs": Holding(
        owner="user_id",
        kinds=_kinds(
            person="user_id cancel_requested_by",
            content="task_id failure_values",
            plain="id request_id position guild_id provider model resolution at_once state attempt size seed price "
            "owner leased_until run_after progress last_progress_at retries submit_started_at submitted_at "
            "started_at ended_at failure_key charged billed_by_provider seed_sent notes",
        ),
    ),
    "outputs": Holding(
        above="jobs",
        goes=True,
        kinds=_kinds(content="sha256", plain="job_id position media_type width height size_bytes"),
    ),
    "ledger": Holding(
        owner="user_id",
        only=_FOR_USER,
        kinds=_kinds(
            person="user_id subject_id actor_id",
            plain="id kind job_id guild_id source images amount units held_at at subject_kind",
        ),
    ),
    "quota_rules": Holding(
        owner="subject_id",
        only=_FOR_USER,
        leaves=True,
        kinds=_kinds(person="subject_id", plain="guild_id subject_kind amount unit per at_once queue cooldown"),
    ),
    "saved_references": Holding(
        owner="owner_id",
        only={"owner_id": ("scope", "me")},
        goes=True,
        kinds=_kinds(
            person="owner_id saved_by",
            content="name folded sha256 preview",
            plain="id scope media_type width height saved_at",
        ),
    ),
    "drafts": Holding(
        owner="user_id",
        kinds=_kinds(person="user_id", content="payload", plain="id request_id created_at"),
    ),
    "forms": Holding(
        owner="user_id",
        goes=True,
        kinds=_kinds(person="user_id", content="pictures", plain="id request_id created_at"),
    ),
    "reports": Holding(
        owner="user_id",
        leaves=True,
        kinds=_kinds(person="user_id", people="deeds", content="reason", plain="id guild_id request_id created_at"),
    ),
    "blocked_users": Holding(
        owner="user_id",
        leaves=True,
        kinds=_kinds(person="user_id blocked_by", plain="guild_id reason blocked_at"),
    ),
    "audit_log": Holding(
        owner="actor_id",
        leaves=True,
        kinds=_kinds(person="actor_id", people="subject before after", plain="id guild_id action created_at"),
    ),
    "server_log": Holding(
        leaves=True,
        kinds=_kinds(people="content", plain="id guild_id kind mark created_at post_after attempts ended_at bundle"),
    ),
    "guild_settings": Holding(
        leaves=True,
        kinds=_kinds(person="updated_by", plain="guild_id settings updated_at"),
    ),
    "favourites": Holding(owner="user_id", goes=True, kinds=_kinds(person="user_id", plain="job_id marked_at")),
    "votes": Holding(
        owner="user_id",
        goes=True,
        leaves=True,
        kinds=_kinds(person="user_id owner_id", plain="job_id guild_id voted_at"),
    ),
    "gallery": Holding(
        above="jobs",
        goes=True,
        kinds=_kinds(place="channel_id message_id", plain="job_id request_id votes entered_at dropped_at"),
    ),
    "leaderboard": Holding(
        owner="user_id", goes=True, leaves=True, kinds=_kinds(person="user_id", plain="guild_id joined_at")
    ),
    "copies": Holding(
        pictured=True,
        kinds=_kinds(
            content="source sha256 side light outline", plain="form media_type width height notes used_at bare"
        ),
    ),
    "uploads": Holding(pictured=True, kinds=_kinds(content="sha256", secret="uri", plain="provider expires_at")),
    "dropped_pictures": Holding(pictured=True, kinds=_kinds(content="sha256", plain="dropped_at")),
    "erasures": Holding(owner="user_id", kinds=_kinds(person="user_id", plain="up_to asked_at")),
    "departures": Holding(kinds=_kinds(plain="guild_id left_at")),
    "spending": Holding(kinds=_kinds(plain="guild_id quarter amount")),
    "marks": Holding(kinds=_kinds(plain="name value")),
    "secrets": Holding(kinds=_kinds(secret="value", plain="name")),
}

PICTURES = frozenset({"sha256", "preview"})
"""Columns of these names hold the hashes of pictures that are kept."""

_EMPTY = {"requests.role_ids": "[]", "jobs.failure_values": "{}"}
"""What stands in columns that are read as JSON when their content is gone; in others nothing, or an empty text."""


def held() -> Iterable[tuple[Table, Holding]]:
    """Every table with what it holds."""
    return ((table, HOLDINGS[table.name]) for table in metadata.sorted_tables)


def emptied(table: Table, *kinds: Kind) -> dict[str, Any]:
    """Values for the columns that hold one of these, once it is gone."""
    values: dict[str, Any] = {}
    for name in HOLDINGS[table.name].names(*kinds):
        column = table.c[name]
        nothing = None if column.nullable else "" if isinstance(column.type, Text | Words) else 0
        values[name] = _EMPTY.get(f"{table.name}.{name}", nothing)
    return values


def own(table: Table, ids: Iterable[int]) -> ColumnElement[bool] | None:
    """Whether a row belongs to the person with these ids; `None` for tables without such rows, and for pictures."""
    holding = HOLDINGS[table.name]
    if holding.owner is not None:
        column = table.c[holding.owner]
        return and_(column.in_(list(ids)), holding.is_person(column))
    if holding.above == "requests":
        return table.c.request_id.in_(select(requests.c.id).where(requests.c.user_id.in_(list(ids))))
    if holding.above == "jobs":
        return table.c.job_id.in_(select(jobs.c.id).where(jobs.c.user_id.in_(list(ids))))
    return None
