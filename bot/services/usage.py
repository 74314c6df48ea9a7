"""Usage of a server as its moderators see it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain.chart import Chart
from bot.domain.errors import InvalidRequest
from bot.domain.job import Requester
from bot.domain.money import MICROS_PER_DOLLAR
from bot.domain.usage import MAX_DAYS, Report, report_of, span_of
from bot.imaging.chart import draw_chart
from bot.services.changes import check_moderator
from bot.services.choices import zone_of
from bot.services.ports import Clock
from bot.services.tables import as_csv
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore
from bot.store.usage import UsageStore


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageView:
    """A report, and the zone that its days are counted in."""

    report: Report
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageService:
    """Reads only: what it shows are sums over finished jobs."""

    database: Database
    guilds: GuildStore
    usage: UsageStore
    clock: Clock

    async def report(self, moderator: Requester, *, days: int) -> UsageView:
        """What the server made and spent on the last `days` days.

        Raises:
            NotAllowed: no moderator of this server asks.
            InvalidRequest: too few or too many days.
        """
        check_moderator(moderator)
        if not 1 <= days <= MAX_DAYS:
            raise InvalidRequest("refused.usage_days", limit=MAX_DAYS)
        now = self.clock()

        async def load(tx: Transaction) -> UsageView:
            zone = zone_of(await self.guilds.get(tx, moderator.guild_id))
            since = span_of(days, now, zone)[0].start
            made = await self.usage.made(tx, moderator.guild_id, since=since)
            return UsageView(report=report_of(made, days=days, now=now, zone=zone), zone=zone)

        return await self.database.read(load)

    async def draw(self, chart: Chart) -> bytes:
        """The chart as a PNG."""
        return await asyncio.to_thread(draw_chart, chart)


def usage_table(report: Report) -> bytes:
    """The report as a table for a spreadsheet: a line for each day, person and service."""
    rows = [
        (
            line.day.isoformat(),
            line.user_id,
            line.provider,
            line.amount.pictures,
            line.amount.spent.micros / MICROS_PER_DOLLAR,
        )
        for line in report.lines
    ]
    return as_csv(("day", "user_id", "provider", "pictures", "dollars"), rows)
