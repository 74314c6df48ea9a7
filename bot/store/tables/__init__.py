"""The tables, by what they are about; whoever needs the whole schema imports this."""

from __future__ import annotations

from bot.store.tables.base import metadata
from bot.store.tables.jobs import ACTIVE, LEASED, MADE, jobs, outputs
from bot.store.tables.library import dropped_pictures, saved_references
from bot.store.tables.marks import marks
from bot.store.tables.money import EVERYWHERE, FROM_GRANT, GIVEN, ledger, quota_rules, spending
from bot.store.tables.opinions import favourites, gallery, leaderboard, votes
from bot.store.tables.pictures import copies, uploads
from bot.store.tables.privacy import PSEUDONYMS, departures, erasures, secrets
from bot.store.tables.requests import (
    REMEMBERED,
    STILL_SHOWN,
    UNSETTLED,
    drafts,
    forms,
    request_references,
    requests,
)
from bot.store.tables.servers import UNTOLD, audit_log, blocked_users, guild_settings, reports, server_log

__all__ = [
    "ACTIVE",
    "EVERYWHERE",
    "FROM_GRANT",
    "GIVEN",
    "LEASED",
    "MADE",
    "PSEUDONYMS",
    "REMEMBERED",
    "STILL_SHOWN",
    "UNSETTLED",
    "UNTOLD",
    "audit_log",
    "blocked_users",
    "copies",
    "departures",
    "drafts",
    "dropped_pictures",
    "erasures",
    "favourites",
    "forms",
    "gallery",
    "guild_settings",
    "jobs",
    "leaderboard",
    "ledger",
    "marks",
    "metadata",
    "outputs",
    "quota_rules",
    "reports",
    "request_references",
    "requests",
    "saved_references",
    "secrets",
    "server_log",
    "spending",
    "uploads",
    "votes",
]
