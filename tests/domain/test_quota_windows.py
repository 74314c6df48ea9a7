"""Calendar windows: every moment lies in exactly one, also where clocks are turned."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.quota import Per, Window, window_at

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "America/New_York",
        "America/Havana",  # turns at midnight: one midnight does not exist, another comes twice
        "America/Sao_Paulo",
        "America/St_Johns",  # turned at 00:01: a day that had begun ended once more
        "Asia/Kathmandu",
        "Australia/Lord_Howe",  # turns by half an hour
        "Europe/Berlin",
        "Pacific/Apia",  # had no 30 December 2011
        "Pacific/Kwajalein",
    )
]
MOMENTS = st.floats(0, 4_102_444_800)  # 1970 to 2100
START_OF_ST_JOHNS_WINTER = datetime(2010, 11, 7, 2, 31, tzinfo=UTC).timestamp()
LORD_HOWE_WINTER = datetime(2026, 4, 4, 15, 0, tzinfo=UTC).timestamp()


def utc(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # pyright: ignore[reportArgumentType] - year to microsecond only


def local(zone: str, *parts: int, fold: int = 0) -> float:
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).timestamp()  # pyright: ignore[reportArgumentType] - as above


@given(st.sampled_from(Per), MOMENTS, st.sampled_from(ZONES))
@example(Per.DAY, START_OF_ST_JOHNS_WINTER + 600, ZoneInfo("America/St_Johns"))
@example(Per.HOUR, LORD_HOWE_WINTER + 900, ZoneInfo("Australia/Lord_Howe"))
@example(Per.DAY, utc(2011, 12, 30, 10), ZoneInfo("Pacific/Apia"))
def test_a_window_contains_now_and_windows_tile_the_time_line(per: Per, now: float, zone: ZoneInfo) -> None:
    window = window_at(per, now, zone)
    assert window.start <= now < window.end
    assert window_at(per, window.start, zone) == window
    assert window_at(per, window.end, zone).start == window.end
    assert window_at(per, window.start - 0.001, zone).end == window.start


@given(st.sampled_from(ZONES), MOMENTS)
def test_windows_are_about_as_long_as_they_say(zone: ZoneInfo, now: float) -> None:
    lengths = {per: (window.end - window.start) / 3600 for per in Per if (window := window_at(per, now, zone))}
    assert lengths[Per.HOUR] == 1
    assert 22 <= lengths[Per.DAY] <= 26
    assert 6 * 24 - 2 <= lengths[Per.WEEK] <= 7 * 24 + 2
    assert 27 * 24 <= lengths[Per.MONTH] <= 31 * 24 + 2


@pytest.mark.parametrize(
    ("per", "start", "end"),
    [
        (Per.HOUR, (2026, 7, 25, 10), (2026, 7, 25, 11)),
        (Per.DAY, (2026, 7, 25), (2026, 7, 26)),
        (Per.WEEK, (2026, 7, 20), (2026, 7, 27)),
        (Per.MONTH, (2026, 7, 1), (2026, 8, 1)),
    ],
)
def test_windows_in_utc(per: Per, start: tuple[int, ...], end: tuple[int, ...]) -> None:
    saturday = utc(2026, 7, 25, 10, 30)
    assert window_at(per, saturday) == Window(start=utc(*start), end=utc(*end))


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ((2028, 2, 29, 12), (2028, 2, 1), (2028, 3, 1)),
        ((2027, 2, 28, 23, 59, 59), (2027, 2, 1), (2027, 3, 1)),
        ((2026, 12, 31), (2026, 12, 1), (2027, 1, 1)),
        ((2026, 1, 31), (2026, 1, 1), (2026, 2, 1)),
    ],
)
def test_months_end_where_the_calendar_says(now: tuple[int, ...], start: tuple[int, ...], end: tuple[int, ...]) -> None:
    assert window_at(Per.MONTH, utc(*now)) == Window(start=utc(*start), end=utc(*end))


def test_a_week_starts_on_monday_also_over_new_year() -> None:
    assert window_at(Per.WEEK, utc(2027, 1, 1)) == Window(start=utc(2026, 12, 28), end=utc(2027, 1, 4))
    assert window_at(Per.WEEK, utc(2026, 12, 28)).start == utc(2026, 12, 28)


@pytest.mark.parametrize(
    ("zone", "noon", "hours"),
    [
        ("America/New_York", (2026, 3, 8, 12), 23),
        ("America/New_York", (2026, 11, 1, 12), 25),
        ("America/New_York", (2026, 11, 2, 12), 24),
        ("Australia/Lord_Howe", (2026, 10, 4, 12), 23.5),
        ("Australia/Lord_Howe", (2026, 4, 5, 12), 24.5),
        ("America/Havana", (2026, 3, 8, 12), 23),
        ("America/Havana", (2026, 11, 1, 12), 25),
        ("Asia/Kathmandu", (2026, 3, 8, 12), 24),
    ],
)
def test_a_day_is_from_midnight_to_midnight_of_the_zone(zone: str, noon: tuple[int, ...], hours: float) -> None:
    window = window_at(Per.DAY, local(zone, *noon), ZoneInfo(zone))
    assert (window.end - window.start) / 3600 == hours
    assert window.end == local(zone, *_next_day(noon))


def _next_day(noon: tuple[int, ...]) -> tuple[int, int, int]:
    after = date(*noon[:3]) + timedelta(days=1)
    return after.year, after.month, after.day


def test_a_day_that_the_calendar_skipped_has_no_window() -> None:
    apia = ZoneInfo("Pacific/Apia")
    before = window_at(Per.DAY, local("Pacific/Apia", 2011, 12, 29, 12), apia)
    after = window_at(Per.DAY, local("Pacific/Apia", 2011, 12, 31, 12), apia)
    assert before.end == after.start == utc(2011, 12, 30, 10)


def test_both_halves_of_an_hour_that_comes_twice_belong_to_the_same_day() -> None:
    york = ZoneInfo("America/New_York")
    first = local("America/New_York", 2026, 11, 1, 1, 30)
    second = local("America/New_York", 2026, 11, 1, 1, 30, fold=1)
    assert second - first == 3600
    assert window_at(Per.DAY, first, york) == window_at(Per.DAY, second, york)
    assert window_at(Per.HOUR, first, york) != window_at(Per.HOUR, second, york)


@given(MOMENTS, st.floats(0, 7200))
def test_a_clock_that_goes_back_within_a_window_stays_in_it(now: float, jump: float) -> None:
    window = window_at(Per.DAY, now)
    back = max(window.start, now - jump)
    assert window_at(Per.DAY, back) == window
