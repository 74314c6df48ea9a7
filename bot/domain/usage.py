"""What a server made and spent over some days: by day, by person, by image service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

from bot.domain.money import FREE, Money
from bot.domain.quota import Per, Window, window_at

MAX_DAYS = 90
"""Days that one report may span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Pictures made, and what was charged; a declined prompt that the service billed counts as no picture."""

    pictures: int = 0
    spent: Money = FREE

    def __add__(self, other: Amount) -> Amount:
        return Amount(pictures=self.pictures + other.pictures, spent=self.spent + other.spent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What one person made at one service within a quarter of an hour that begins at `at`, in epoch seconds.

    Every time zone in use is some quarters away from UTC, so a quarter lies within one day everywhere.
    """

    at: float
    user_id: int
    provider: str
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One calendar day of the server's zone, with what was made at each service."""

    day: date
    providers: dict[str, Amount] = field(default_factory=dict[str, Amount], hash=False)

    @property
    def total(self) -> Amount:
        """Everything of the day."""
        return sum(self.providers.values(), Amount())


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table: a day, a person and a service."""

    day: date
    user_id: int
    provider: str
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Usage of a server: every day of the span in order, people and services with the largest first."""

    days: tuple[Day, ...]
    people: tuple[tuple[int, Amount], ...]
    providers: tuple[tuple[str, Amount], ...]
    lines: tuple[Line, ...]

    @property
    def total(self) -> Amount:
        """Everything of the span."""
        return sum((amount for _, amount in self.providers), Amount())


def span_of(days: int, now: float, zone: tzinfo = UTC) -> list[Window]:
    """The calendar days up to and with today, oldest first."""
    windows = [window_at(Per.DAY, now, zone)]
    while len(windows) < days:
        windows.insert(0, window_at(Per.DAY, windows[0].start - 1, zone))
    return windows


def report_of(made: Iterable[Made], *, days: int, now: float, zone: tzinfo = UTC) -> Report:
    """What was made on the last `days` calendar days of the zone, today being the last one."""
    names = [datetime.fromtimestamp(window.start, zone).date() for window in span_of(days, now, zone)]
    known = set(names)
    lines: defaultdict[tuple[date, int, str], Amount] = defaultdict(Amount)
    for each in made:
        day = datetime.fromtimestamp(each.at, zone).date()
        if day in known:
            lines[day, each.user_id, each.provider] += each.amount
    by_day: defaultdict[date, defaultdict[str, Amount]] = defaultdict(lambda: defaultdict(Amount))
    people: defaultdict[int, Amount] = defaultdict(Amount)
    providers: defaultdict[str, Amount] = defaultdict(Amount)
    for (day, user_id, provider), amount in lines.items():
        by_day[day][provider] += amount
        people[user_id] += amount
        providers[provider] += amount
    return Report(
        days=tuple(Day(day=name, providers=dict(by_day[name])) for name in names),
        people=tuple(sorted(people.items(), key=_largest)),
        providers=tuple(sorted(providers.items(), key=_largest)),
        lines=tuple(Line(day=day, user_id=u, provider=p, amount=a) for (day, u, p), a in sorted(lines.items())),
    )


def _largest(entry: tuple[int, Amount] | tuple[str, Amount]) -> tuple[int, int, str]:
    name, amount = entry
    return -amount.spent.micros, -amount.pictures, str(name)
