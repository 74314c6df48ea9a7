"""The line: who stands where, and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.job import STARTED, JobId, JobState, LineEntry, RequestId
from bot.services.line import Places
from bot.services.ports import Standing

NOW = 1000.0
TYPICAL = 20.0


def entry(request_id: int, *, position: int = 0, **changes: object) -> LineEntry:
    waiting = LineEntry(
        job_id=JobId(100 * request_id + position),
        request_id=RequestId(request_id),
        position=position,
        user_id=request_id,
        guild_id=10,
        provider="sketch",
        state=JobState.WAITING,
        created_at=NOW - 60,
    )
    return replace(waiting, **changes)  # pyright: ignore[reportArgumentType] - a test's own values


def running(request_id: int, *, since: float = 0.0, progress: float | None = None, position: int = 0) -> LineEntry:
    return entry(request_id, position=position, state=JobState.RUNNING, started_at=NOW - since, progress=progress)


def standing(entries: Sequence[LineEntry], request_id: int, *, concurrency: int = 1) -> Standing:
    waiting = count(1)
    placed = [replace(e, place=next(waiting)) if e.state is JobState.WAITING else e for e in entries]
    return Places(placed, now=NOW).standing(RequestId(request_id), typical=TYPICAL, concurrency=concurrency)


def test_alone_in_the_line_one_is_next_and_waits_for_one_picture() -> None:
    assert standing([entry(1)], 1) == Standing(position=1, wait=TYPICAL)


def test_places_count_the_jobs_before() -> None:
    line = [entry(1), entry(2), entry(2, position=1), entry(3)]
    assert [standing(line, request_id).position for request_id in (1, 2, 3)] == [1, 2, 4]


def test_those_before_take_their_time_in_rounds() -> None:
    line = [entry(1), entry(2), entry(3)]
    assert [standing(line, request_id).wait for request_id in (1, 2, 3)] == [20, 40, 60]
    assert [standing(line, request_id, concurrency=2).wait for request_id in (1, 2, 3)] == [20, 20, 40]


def test_who_finds_a_free_place_waits_for_nobody() -> None:
    line = [running(1, since=5), entry(2), entry(3), entry(4)]
    assert [standing(line, request_id, concurrency=3).wait for request_id in (2, 3, 4)] == [20, 20, 40]


def test_what_runs_must_end_first() -> None:
    assert standing([running(1, since=5), entry(2)], 2) == Standing(position=1, wait=35)


def test_a_request_that_runs_has_no_place_but_progress() -> None:
    assert standing([running(1, since=5, progress=0.25), entry(2)], 1) == Standing(position=0, wait=15, progress=0.25)


def test_a_request_of_several_pictures_runs_with_the_mean_and_waits_for_its_last() -> None:
    line = [running(1, since=10, progress=0.5), running(1, progress=None, position=1), entry(1, position=2)]
    found = standing(line, 1, concurrency=2)
    assert (found.position, found.progress) == (0, 0.25)
    assert found.wait == 20 + 20


def test_progress_tells_the_time_better_than_habit_once_there_is_some() -> None:
    assert standing([running(1, since=30, progress=0.75)], 1).wait == pytest.approx(10)
    assert standing([running(1, since=10, progress=0.05)], 1).wait == 10


def test_a_late_picture_is_always_about_to_come() -> None:
    assert standing([running(1, since=500)], 1).wait == TYPICAL / 10


def test_a_clock_that_goes_back_makes_nobody_wait_longer_than_usual() -> None:
    assert standing([running(1, since=-3600, progress=0.5)], 1).wait <= TYPICAL


def test_a_request_that_is_over_stands_nowhere() -> None:
    assert standing([entry(2), running(3)], 1) == Standing(position=0, wait=0)


ENTRIES = st.lists(
    st.builds(
        entry,
        st.integers(1, 6),
        state=st.sampled_from([JobState.WAITING, *sorted(STARTED)]),
        started_at=st.none() | st.floats(0, 2 * NOW),
        progress=st.none() | st.floats(0, 1),
    ),
    max_size=12,
)


@given(ENTRIES, st.integers(1, 6), st.integers(0, 5))
def test_every_line_gives_everybody_a_sensible_standing(
    entries: list[LineEntry], request_id: int, concurrency: int
) -> None:
    found = standing(entries, request_id, concurrency=concurrency)
    mine = [each for each in entries if each.request_id == request_id]
    waiting = [each for each in entries if each.state is JobState.WAITING]
    assert 0 <= found.wait < float("inf")
    assert 0 <= found.position <= len(waiting)
    assert (found.position > 0) == (bool(mine) and all(each.state is JobState.WAITING for each in mine))
    assert found.progress is None or 0 <= found.progress <= 1


@given(ENTRIES, st.integers(1, 5))
def test_nobody_further_back_is_told_less(entries: list[LineEntry], concurrency: int) -> None:
    line = [each for each in entries if each.state is not JobState.WAITING or each.request_id != 1]
    first, second = [*line, entry(8)], [*line, entry(1), entry(8)]
    before = standing(first, 8, concurrency=concurrency)
    after = standing(second, 8, concurrency=concurrency)
    assert after.position == before.position + 1
    assert after.wait >= before.wait
