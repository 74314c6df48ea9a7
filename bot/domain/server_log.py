"""What a server is told in its log channel: entries with a kind and plain values, turned into words elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class LogKind(StrEnum):
    """What an entry tells of; the kind decides how its values are shown."""

    CHANGE = "change"  #: a moderator changed something: `action`, `actor_id`, `subject`, `before`, `after`
    BUDGET = "budget"  #: the budget is used to a part: `percent`, `per`, `spent`, `amount`, `resets_at`
    REPORT = "report"  #: a person reported a result: what `bot.services.reporting.values_of` gives
    GALLERY = "gallery"  #: a picture entered the gallery and is to be posted there: `job`
    GALLERY_GONE = "gallery_gone"  #: a picture is to be taken down there: `job`
    GALLERY_CLOSED = "gallery_closed"  #: the gallery takes no pictures: `channel`; told in the log channel
    RESULT = "result"  #: a result was posted: `request`; told with what it is when it is told


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry. `values` are what JSON knows; `attempts` tells the tries at posting it apart."""

    id: int
    guild_id: int
    kind: LogKind
    created_at: float
    attempts: int = 0
    values: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
