"""Starting on many unfinished jobs: all are carried on, nobody is flooded, and people are served meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Generator, Iterable, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bot.domain.job import Delivery, JobState
from bot.playground.server import LocalDiscord
from bot.store.blobs import open_blobs
from bot.store.database import Database
from bot.store.migrate import upgrade
from tests.support.backlog import TASK, Backlog, mixed
from tests.support.bench import REPOSITORY, Bench, bench_settings
from tests.support.contract import Contract
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario
from tests.support.studio import records, wrong_sums

AT_ONCE = 20
INTERVAL = 0.5
JOBS = 100


@asynccontextmanager
async def left_behind(folder: Path, steps: Sequence[str], task: Scenario) -> AsyncGenerator[tuple[Bench, Backlog]]:
    """A studio whose bot was killed in the midst of these jobs and has not been started again yet."""
    contract = Contract.load(REPOSITORY)
    async with LocalDiscord.open() as discord, LocalRunway.open() as runway:
        if contract is not None:
            discord.add_observer(contract.check)
        runway.at_once, runway.a_day, runway.default = AT_ONCE, 10_000, task
        service = {"api_key": runway.api_key, "base_url": runway.base_url, "poll_interval": INTERVAL}
        service["concurrency"] = AT_ONCE
        bench = Bench(discord=discord, settings=bench_settings(folder, discord, providers={"runway": service}))
        await upgrade(bench.settings.database.url)
        async with Database.open(bench.settings.database.url) as database:
            backlog = Backlog(discord=discord, runway=runway, steps=steps, task=task, per_person=2)
            await backlog.lay_down(database, open_blobs(bench.settings.storage.url))
        yield bench, backlog
        assert await bench.stop() == 0
        assert await wrong_sums(bench.settings) == []
    if contract is not None:
        contract.assert_kept()
        assert not contract.refusals


def fullest_second(times: Iterable[float]) -> int:
    """How many fall into a second at most, wherever it begins."""
    every = sorted(times)
    return max((sum(begin <= at < begin + 1 for at in every) for begin in every), default=0)


async def test_a_hundred_unfinished_jobs_are_carried_on_without_a_flood(tmp_path: Path) -> None:
    steps = mixed(JOBS)
    async with left_behind(tmp_path, steps, TASK) as (bench, backlog):
        old = {task.id for task in backlog.runway.tasks}
        await bench.start()

        asked = await bench.person("Noor").slash("studio", "quota")
        made = await bench.imagine("a heron in the reeds", by="Noor")
        assert "left today" in bench.says(asked)
        assert "Queued" in bench.says(made)
        await bench.until(lambda: backlog.closed() == JOBS, seconds=90)
        await bench.result_in_thread_of(made)
        calls, runway, shown = bench.discord.calls(), backlog.runway, len(bench.results())

    found = await records(bench.settings)
    assert {record.delivery for record in found} == {Delivery.DELIVERED}
    states = Counter(record.jobs[0].state for record in found)
    unknown = steps.count(JobState.SUBMITTING)
    assert states == {JobState.SUCCEEDED: JOBS + 1 - unknown, JobState.LOST: unknown}
    assert shown == JOBS + 1 - unknown
    assert runway.submissions == steps.count(JobState.WAITING) + steps.count(JobState.PREPARING) + 1

    assert not [call for call in calls if call.status == 429]
    assert fullest_second(call.at for call in calls if "/interactions/" not in call.path) <= 50
    assert runway.most_open <= AT_ONCE
    first_looks = [task.polled_at[0] for task in runway.tasks if task.id in old and task.polled_at]
    assert fullest_second(first_looks) <= 30
    polls = [later - sooner for task in runway.tasks for sooner, later in pairwise(task.polled_at)]
    assert min(polls) > 0.8 * INTERVAL


@contextmanager
def counted_statements() -> Generator[list[str]]:
    """The statements that any database runs meanwhile."""
    run: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        run.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def statements_of_a_start(folder: Path, waiting: int) -> int:
    """How many statements a bot needs until everything runs that may and somebody has been answered."""
    steps = [JobState.RUNNING] * AT_ONCE + [JobState.WAITING] * waiting
    async with left_behind(folder, steps, Scenario.hangs()) as (bench, backlog):
        with counted_statements() as run:
            await bench.start()
            await bench.until(lambda: all(task.polled_at for task in backlog.runway.tasks))
            assert "left today" in bench.says(await bench.person("Noor").slash("studio", "quota"))
            return len(run)


async def test_what_a_start_reads_does_not_grow_with_the_line(tmp_path: Path) -> None:
    short = await statements_of_a_start(tmp_path / "short", 10)
    long = await statements_of_a_start(tmp_path / "long", 500)
    assert AT_ONCE < long < 1.7 * short
