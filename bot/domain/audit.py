"""What moderators changed, as it is kept for later questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Change(StrEnum):
    """What moderators change. The names stand in the audit trail, so they stay as they are."""

    QUOTA_SET = "quota.set"
    QUOTA_GRANT = "quota.grant"
    QUOTA_RESET = "quota.reset"
    PROVIDERS = "guild.providers"
    LOG = "guild.log"
    GALLERY = "guild.gallery"
    BUDGET = "guild.budget"
    PAUSE = "guild.pause"
    RESUME = "guild.resume"
    DEFAULTS = "guild.defaults"
    REFERENCES = "guild.references"
    BLOCK = "user.block"
    UNBLOCK = "user.unblock"
    CHANNEL_ALLOW = "channel.allow"
    CHANNEL_DENY = "channel.deny"
    WORD_ADD = "word.add"
    WORD_REMOVE = "word.remove"
    RESULT_DELETE = "result.delete"
    REPORT_DISMISS = "report.dismiss"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change by a moderator or the operator. `subject` says in words whom or what it concerned."""

    id: int
    guild_id: int
    actor_id: int
    action: str
    subject: str
    created_at: float
    before: Mapping[str, object] | None = field(default=None, hash=False)
    after: Mapping[str, object] | None = field(default=None, hash=False)
