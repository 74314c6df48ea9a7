"""Which backups are kept."""

from __future__ import annotations

from bot.domain.retention import DAY, HOUR, WEEK, Retention

NOW = 200 * WEEK


def test_the_last_of_each_hour_day_and_week_is_kept() -> None:
    every_ten_minutes = [NOW - 600.0 * number for number in range(6 * 24 * 40)]
    kept = sorted(Retention(hourly=3, daily=2, weekly=3).kept(every_ten_minutes), reverse=True)
    last = 600.0  # before the next hour, day or week begins
    hours = [NOW, NOW - last, NOW - HOUR - last]
    days = [NOW - last]
    weeks = [NOW - last, NOW - WEEK - last]
    assert kept == sorted({*hours, *days, *weeks}, reverse=True)


def test_spans_without_a_backup_do_not_push_old_ones_out() -> None:
    sparse = [NOW, NOW - 50 * DAY, NOW - 300 * DAY]
    assert Retention(hourly=0, daily=3, weekly=0).kept(sparse) == set(sparse)


def test_the_newest_is_kept_whatever_the_settings_say() -> None:
    assert Retention(hourly=0, daily=0, weekly=0).kept([1.0, 5.0, 3.0]) == {5.0}
    assert Retention(hourly=0, daily=0, weekly=0).kept([]) == set()
