"""Usage reports: every day of the span stands there, and every sum agrees with the others."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import Money
from bot.domain.usage import Amount, Made, report_of, span_of

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=ZoneInfo("UTC")).timestamp()


def made(hours_ago: float, user_id: int = 1, provider: str = "runway", pictures: int = 1, micros: int = 50_000) -> Made:
    """Something made a while ago."""
    return Made(
        at=NOW - hours_ago * 3600,
        user_id=user_id,
        provider=provider,
        amount=Amount(pictures=pictures, spent=Money(micros)),
    )


def test_every_day_stands_there_even_one_without_pictures() -> None:
    report = report_of([made(1), made(49, provider="segmind", micros=70_000)], days=3, now=NOW)
    assert [day.day for day in report.days] == [date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)]
    assert [day.total.pictures for day in report.days] == [1, 0, 1]
    assert [name for name, _ in report.providers] == ["segmind", "runway"]
    assert report.total == Amount(pictures=2, spent=Money(120_000))


def test_a_day_is_the_servers_own() -> None:
    late = [made(8)]  # 04:00 UTC: the evening before in Los Angeles
    assert [day.total.pictures for day in report_of(late, days=2, now=NOW).days] == [0, 1]
    there = report_of(late, days=2, now=NOW, zone=ZoneInfo("America/Los_Angeles"))
    assert [day.total.pictures for day in there.days] == [1, 0]


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "America/New_York"])
def test_days_of_a_zone_follow_each_other_without_a_gap(zone: str) -> None:
    days = span_of(90, NOW, ZoneInfo(zone))
    assert all(before.end == after.start for before, after in pairwise(days))
    assert days[-1].start <= NOW < days[-1].end


@given(
    st.lists(
        st.builds(
            made,
            hours_ago=st.floats(0, 24 * 40),
            user_id=st.integers(1, 4),
            provider=st.sampled_from(["runway", "segmind", "sketch"]),
            pictures=st.integers(0, 3),
            micros=st.integers(0, 10**7),
        )
    ),
    st.integers(1, 30),
)
def test_days_people_services_and_lines_come_to_the_same(all_made: list[Made], days: int) -> None:
    report = report_of(all_made, days=days, now=NOW)
    total = report.total
    assert sum((day.total for day in report.days), Amount()) == total
    assert sum((amount for _, amount in report.people), Amount()) == total
    assert sum((line.amount for line in report.lines), Amount()) == total
    assert len(report.days) == days
