"""Which of many backups are worth their room: the newest of each of the last hours, days and weeks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HOUR, DAY, WEEK = 3600.0, 86_400.0, 604_800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many hours, days and weeks keep their newest backup. Spans without a backup do not count."""

    hourly: int
    daily: int
    weekly: int

    def kept(self, times: Iterable[float]) -> set[float]:
        """The times (UTC epoch seconds) of the backups to keep; the newest of all is always among them."""
        newest_first = sorted(set(times), reverse=True)
        kept = set(newest_first[:1])
        for span, count in ((HOUR, self.hourly), (DAY, self.daily), (WEEK, self.weekly)):
            newest_of: dict[int, float] = {}
            for time in newest_first:
                newest_of.setdefault(int(time // span), time)
            kept.update(list(newest_of.values())[:count])
        return kept
