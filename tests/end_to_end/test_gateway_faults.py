"""A gateway that goes away in the middle of jobs: all pictures are delivered, and the bot answers again afterwards."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from bot.domain.ledger import EntryKind
from bot.playground.faults import Faults
from tests.support.bench import Bench
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario
from tests.support.studio import closed, entries, open_runway_studio, quota_left

Studio = tuple[Bench, LocalRunway]

TROUBLE: dict[str, Callable[[Faults], None]] = {
    "a request to reconnect": lambda faults: faults.reconnect(),
    "a cut connection": lambda faults: faults.disconnect(),
    "an invalid session": lambda faults: faults.invalid_session(),
    "a cut connection and a forgotten session": lambda faults: faults.disconnect(resumable=False),
}


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncGenerator[Studio]:
    """A studio whose pictures take until they are told to be finished."""
    async with open_runway_studio(tmp_path) as (bench, runway):
        runway.default = Scenario.hangs()
        yield bench, runway


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_pictures_are_delivered_whatever_the_gateway_does(studio: Studio, trouble: str) -> None:
    bench, runway = studio
    answers = [await bench.imagine(f"a cat for {name}", by=name, ratio="1:1") for name in ("Mia", "Noor", "Sam")]
    await bench.until(lambda: runway.tasks)
    TROUBLE[trouble](bench.discord.faults)
    runway.default = Scenario(queue=0, running=())
    for task in runway.tasks:
        task.proceed(runway.default)
    for answer in answers:
        await closed(bench, answer, seconds=20)
    assert len(bench.results()) == 3
    assert runway.submissions == 3
    assert await entries(bench.settings) == {EntryKind.HOLD: 3, EntryKind.CHARGE: 3}
    await bench.until(lambda: bench.discord.online, seconds=20)
    assert await quota_left(bench) == (9, 10)


async def test_a_command_typed_while_the_connection_is_cut_is_answered_after_the_resume(studio: Studio) -> None:
    bench, runway = studio
    runway.default = Scenario(queue=0, running=())
    identified = bench.discord.identifies
    bench.discord.faults.disconnect()
    answer = await bench.imagine("a cat", ratio="1:1")
    await closed(bench, answer)
    assert bench.discord.identifies == identified
    assert await quota_left(bench) == (9, 10)


async def test_a_resume_that_repeats_a_command_repeats_nothing_else(studio: Studio) -> None:
    bench, runway = studio
    runway.default = Scenario(queue=0, running=())
    answer = await bench.imagine("a cat", ratio="1:1")
    (session,) = bench.person()._core.sessions
    commands = [text for _, text in session.sent if "INTERACTION_CREATE" in text]
    assert session.connection is not None
    session.connection.send(commands[-1])
    await closed(bench, answer)
    assert runway.submissions == 1
    assert await entries(bench.settings) == {EntryKind.HOLD: 1, EntryKind.CHARGE: 1}
    assert len(bench.results()) == 1
