"""Quota rules: what a person may still make, over which calendar window, and when it starts anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from bot.domain.errors import QuotaExceeded
from bot.domain.money import FREE, MICROS_PER_CREDIT, Money


class Unit(StrEnum):
    """What an allowance counts. A credit is $0.01 of price."""

    IMAGES = "images"
    CREDITS = "credits"


class Per(StrEnum):
    """The calendar window of an allowance."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class SubjectKind(StrEnum):
    """Whom a rule, a grant or a reset is for; the later, the more specific."""

    EVERYONE = "everyone"
    ROLE = "role"
    USER = "user"


class Source(StrEnum):
    """What a hold was taken from."""

    WINDOW = "window"
    GRANT = "grant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a rule, a grant or a reset is for. `id` is 0 for everyone."""

    kind: SubjectKind = SubjectKind.EVERYONE
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRule:
    """An allowance of `amount` units per window; `at_once` jobs of one person run together, `queue` more may wait.

    `cooldown` is the least time in seconds between two requests.
    """

    subject: Subject = Subject()
    amount: int = 10
    unit: Unit = Unit.IMAGES
    per: Per = Per.DAY
    at_once: int = 2
    queue: int = 10
    cooldown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A calendar window as UTC epoch seconds: `start` belongs to it, `end` does not."""

    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the ledger and the line say about a person, read in the reserving transaction.

    `images` and `spent` are held or charged in the window; `granted` is what is left of grants, in units of the rule;
    `unfinished` counts jobs that wait or run; `last_at` is the time of the latest request.
    """

    images: int = 0
    spent: Money = FREE
    granted: int = 0
    unfinished: int = 0
    last_at: float | None = None


def window_at(per: Per, now: float, zone: tzinfo = UTC) -> Window:
    """The calendar window that `now` (epoch seconds) lies in, in the given zone. Weeks start on Monday.

    Every moment lies in exactly one window. Hours are those of UTC: where clocks are turned by half an hour, hours of
    the wall clock would overlap.
    """
    if per is Per.HOUR:
        start = now // 3600 * 3600
        return Window(start=start, end=start + 3600)
    local = datetime.fromtimestamp(now, zone)
    window = _calendar_window(per, local)
    # A clock turned back over midnight shows the old day once more, after the new one has begun.
    return window if now < window.end else _calendar_window(per, local + timedelta(days=1))


def _calendar_window(per: Per, local: datetime) -> Window:
    match per:
        case Per.WEEK:
            start, end = _midnight(local, -local.weekday()), _midnight(local, 7 - local.weekday())
        case Per.MONTH:
            start = _midnight(local.replace(day=1), 0)
            end = _midnight(local.replace(day=28) + timedelta(days=4), 0).replace(day=1)
        case _:
            start, end = _midnight(local, 0), _midnight(local, 1)
    return Window(start=start.timestamp(), end=end.timestamp())


def _midnight(local: datetime, days: int) -> datetime:
    # Wall-clock arithmetic: the day before or after a change to summer time is still a calendar day away.
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=days)


_WINDOWS_A_MONTH = {Per.HOUR: 720, Per.DAY: 30, Per.WEEK: 4, Per.MONTH: 1}

CREDITS_FOR_AN_IMAGE = 5
"""What rules are compared by: a picture at 720p costs five credits at Runway (docs.dev.runwayml.com, pricing)."""


def generosity(rule: QuotaRule) -> tuple[int, int, int]:
    """What rules of several roles are compared by: pictures a month, then how many at once, then a short cooldown."""
    credits = rule.amount * _WINDOWS_A_MONTH[rule.per] * (CREDITS_FOR_AN_IMAGE if rule.unit is Unit.IMAGES else 1)
    return credits, rule.at_once, -rule.cooldown


def rule_for(rules: Iterable[QuotaRule], *, user_id: int, role_ids: Sequence[int], default: QuotaRule) -> QuotaRule:
    """The most specific rule: the person's own, else their roles' most generous, else everyone's, else `default`."""
    mine = [r for r in rules if r.subject.kind is not SubjectKind.USER or r.subject.id == user_id]
    mine = [r for r in mine if r.subject.kind is not SubjectKind.ROLE or r.subject.id in role_ids]
    order = list(SubjectKind)
    return max(mine, key=lambda r: (order.index(r.subject.kind), *generosity(r)), default=default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A rule applied to what somebody used: what is left and what a new request may take."""

    rule: QuotaRule
    usage: Usage
    window: Window

    @property
    def used(self) -> int:
        """Units used in this window; a part of a credit counts as a whole one."""
        if self.rule.unit is Unit.IMAGES:
            return self.usage.images
        return -(-self.usage.spent.micros // MICROS_PER_CREDIT)

    @property
    def left_in_window(self) -> int:
        """Units left of the rule's amount."""
        return max(0, self.rule.amount - self.used)

    @property
    def left(self) -> int:
        """Units left altogether, grants included."""
        return self.left_in_window + self.usage.granted

    def cost(self, price: Money) -> int:
        """What one picture of this price takes, in units of the rule."""
        if self.rule.unit is Unit.IMAGES:
            return 1
        return -(-price.micros // MICROS_PER_CREDIT)

    def after(self, *, images: int, price: Money) -> Allowance:
        """The allowance once `images` pictures of `price` each are held."""
        sources = self.sources(images=images, price=price)
        from_window = sources.count(Source.WINDOW)
        usage = Usage(
            images=self.usage.images + from_window,
            spent=self.usage.spent + price * from_window,
            granted=self.usage.granted - sources.count(Source.GRANT) * self.cost(price),
            unfinished=self.usage.unfinished + images,
            last_at=self.usage.last_at,
        )
        return Allowance(rule=self.rule, usage=usage, window=self.window)

    def sources(self, *, images: int, price: Money) -> list[Source]:
        """For each picture what it is taken from: the window as long as it lasts, then grants.

        Raises:
            QuotaExceeded: both together are not enough.
        """
        cost = self.cost(price)
        room = images if cost == 0 else min(images, self.left_in_window // cost)
        rest = images - room
        if cost * rest > self.usage.granted:
            raise QuotaExceeded(
                "refused.quota",
                left=self.left,
                amount=self.rule.amount,
                unit=self.rule.unit,
                per=self.rule.per,
                needed=cost * images,
                resets_at=self.window.end,
            )
        return [Source.WINDOW] * room + [Source.GRANT] * rest

    def check(self, *, images: int, price: Money, now: float) -> list[Source]:
        """Where each picture's hold is taken from, if the person may ask for them now.

        Raises:
            QuotaExceeded: cooldown, waiting line or amount stands against it.
        """
        last = self.usage.last_at
        # Without a cooldown nothing is asked of the clock, which may have gone back since.
        if last is not None and self.rule.cooldown > 0 and now - last < self.rule.cooldown:
            raise QuotaExceeded("refused.cooldown", ready_at=last + self.rule.cooldown)
        limit = self.rule.at_once + self.rule.queue
        if self.usage.unfinished + images > limit:
            raise QuotaExceeded("refused.queue_full", unfinished=self.usage.unfinished, limit=limit)
        return self.sources(images=images, price=price)
