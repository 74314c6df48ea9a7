"""Looking up what became of a submission of unknown fate."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from bot.domain.errors import (
    PollFailed,
    ProviderError,
    ProviderMisconfigured,
    RateLimited,
    RequestRefused,
    SubmissionUnknown,
)
from bot.domain.job import Job, JobState
from bot.domain.money import FREE, Money
from bot.providers.base import Order, Pending, Provider, TaskState
from bot.services import submitting
from bot.services.fleet import Fleet
from bot.services.ports import NoSteps
from bot.services.submitting import Submitter, _order
from tests.support.records import job, record

NONE = cast(Any, None)


@dataclass
class Historian:
    """A service that only has a history; each look gives the next of `tells`."""

    tells: list[TaskState | ProviderError | None]
    since: list[float] = field(default_factory=list[float])

    async def find(self, order: Order, *, since: float) -> TaskState | None:
        self.since.append(since)
        told = self.tells.pop(0)
        if isinstance(told, ProviderError):
            raise told
        return told


@dataclass
class Notes:
    """Keeps what is written down about a job."""

    written: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    async def note(self, of: Job, **changes: Any) -> Job:
        self.written.append(changes)
        return of

    async def is_taken(self, *_: Any) -> bool:
        return False


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setattr(submitting, "LOOK_UPS", (0.0, 0.0, 0.0))


def submitter(notes: Notes) -> Submitter:
    return Submitter(
        checkpoints=cast(Any, notes),
        fleet=NONE,
        references=NONE,
        uploads=NONE,
        order=(),
        clock=lambda: 2000.0,
        changed=lambda: None,
        steps=NoSteps(),
    )


async def resolve(service: object, notes: Notes) -> tuple[Job, TaskState]:
    submitted = job(state=JobState.SUBMITTING, submit_started_at=1500.0)
    unknown = SubmissionUnknown(provider="sketch", detail="no answer")
    return await submitter(notes).resolve(submitted, record(), cast(Provider, service), unknown)


@pytest.mark.parametrize(
    "first", [None, PollFailed(provider="x"), RateLimited(provider="x"), ProviderMisconfigured(provider="x")]
)
async def test_what_the_history_finds_at_last_is_carried_on(first: ProviderError | None) -> None:
    found, notes = Pending(task_id="t1"), Notes()
    service = Historian([first, found])
    assert (await resolve(service, notes))[1] == found
    assert service.since == [1500.0, 1500.0]
    assert [(note["state"], note["task_id"]) for note in notes.written] == [(JobState.RUNNING, "t1")]


@pytest.mark.parametrize("told", [None, PollFailed(provider="x"), ProviderMisconfigured(provider="x")])
async def test_what_the_history_never_tells_stays_unknown_and_is_not_called_a_refusal(
    told: ProviderError | None,
) -> None:
    notes = Notes()
    with pytest.raises(SubmissionUnknown):
        await resolve(Historian([told] * 3), notes)
    assert notes.written == []


@dataclass
class Accountant(Historian):
    """A service whose history tells nothing, but which tells what it billed."""

    bill: Money | ProviderError | None = None

    async def most_billed(self, order: Order, *, since: float) -> Money | None:
        assert since == 1500.0
        if isinstance(self.bill, ProviderError):
            raise self.bill
        return self.bill


@pytest.mark.parametrize(
    ("bill", "cost"), [(FREE, FREE), (Money(7), Money(7)), (None, None), (PollFailed(provider="x"), None)]
)
async def test_what_stays_unknown_cost_what_the_bills_prove(
    bill: Money | ProviderError | None, cost: Money | None
) -> None:
    with pytest.raises(SubmissionUnknown) as caught:
        await resolve(Accountant([None] * 3, bill=bill), Notes())
    assert caught.value.billed == cost


async def test_without_a_history_nothing_is_looked_up() -> None:
    with pytest.raises(SubmissionUnknown):
        await resolve(object(), Notes())


@dataclass
class Refusing:
    """A service that refuses every order."""

    error: ProviderError

    async def submit(self, order: Order) -> TaskState:
        raise self.error


@pytest.mark.parametrize(("error", "written"), [(RequestRefused, [JobState.PREPARING]), (SubmissionUnknown, [])])
async def test_a_clear_refusal_leaves_no_submission_of_unknown_fate_behind(
    error: type[ProviderError], written: list[JobState]
) -> None:
    notes = Notes()
    sender = replace(submitter(notes), fleet=Fleet(providers={}, clock=lambda: 0.0))
    refusing = cast(Provider, Refusing(error(provider="sketch")))
    submitting = job(state=JobState.SUBMITTING)
    with pytest.raises(error):
        await sender._send_and_record(submitting, refusing, _order(submitting, record()))
    assert [changes["state"] for changes in notes.written] == written
