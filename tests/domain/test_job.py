"""Jobs and requests as they are kept: what follows from their states and amounts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.job import ENDED, STARTED, Job, JobId, JobState, RequestRecord
from bot.domain.money import FREE, Money
from tests.support.records import job, record


@pytest.mark.parametrize("state", JobState)
def test_a_job_waits_or_is_worked_on_or_has_ended(state: JobState) -> None:
    assert [state is JobState.WAITING, state.started, state.ended].count(True) == 1
    assert state.ended == (state in ENDED)
    assert state.started == (state in STARTED)


def ended(*states: JobState, at: float = 1010.0) -> RequestRecord:
    jobs = [job(position=n, state=state, ended_at=at + n if state.ended else None) for n, state in enumerate(states)]
    return record(jobs=jobs)


def test_a_request_has_ended_with_its_last_job() -> None:
    assert ended(JobState.SUCCEEDED, JobState.FAILED, JobState.LOST, JobState.CANCELLED).ended
    assert not ended(JobState.SUCCEEDED, JobState.WAITING).ended


def test_a_request_took_as_long_as_its_slowest_picture() -> None:
    assert ended(JobState.SUCCEEDED, JobState.SUCCEEDED).seconds == 11.0
    assert ended(JobState.SUCCEEDED, JobState.RUNNING).seconds is None


def test_prices_and_charges_add_up_over_the_jobs() -> None:
    jobs = [replace(job(position=n), charged=Money.dollars("0.05") if n else FREE) for n in range(3)]
    kept = record(jobs=jobs)
    assert kept.total_price == Money.dollars("0.15")
    assert kept.total_charged == Money.dollars("0.10")


def test_a_job_is_found_in_sets_by_its_value_though_its_sentence_has_parts() -> None:
    one = replace(job(), failure_key="refused.seed", failure_values={"seed": 1})
    assert {one, replace(one)} == {one}
    assert isinstance(one, Job)
    assert one.id == JobId(1)
