"""A process that stands still past its lease (SIGSTOP, a suspended machine) and wakes up changes nothing twice."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.job import JobState
from bot.store.database import Transaction
from bot.store.tables import metadata
from tests.support.bench import REPOSITORY
from tests.support.doomed import LEASE, DoomedStudio, open_doomed
from tests.support.postgres import postgres_or_skip
from tests.support.runway import LocalRunway

STALE = "another process carries on"


async def frozen_past_its_lease(studio: DoomedStudio, step: str, *, kind: str) -> None:
    """A person asks for a picture, and the bot freezes at a step until its lease has run out."""
    studio.doom(step, kind=kind)
    asking = asyncio.create_task(studio.imagine("@model in a red coat"))
    await studio.frozen()
    await asking
    over = time.monotonic() + 1.2 * LEASE
    await studio.until(lambda: time.monotonic() > over)


@pytest.mark.parametrize("step", ["submitting", "task_recorded", "downloaded", "thread_recorded", "posted"])
async def test_a_machine_that_slept_goes_on_where_it_was(tmp_path: Path, step: str) -> None:
    async with open_doomed(tmp_path) as studio:
        await frozen_past_its_lease(studio, step, kind="freeze")
        studio.thaw()

        [asked] = studio.discord.interactions()
        assert (await studio.closed(asked)).startswith("**Done**")
        assert (await studio.reckoning()).states == [JobState.SUCCEEDED]
        assert STALE not in studio.log(), "it is its own job still"


@pytest.fixture(params=["sqlite", "postgresql"])
async def paid_studio(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[DoomedStudio]:
    async with AsyncExitStack() as stack:
        url = None
        if request.param == "postgresql":
            url = await stack.enter_async_context(postgres_or_skip().database())
        runway = await stack.enter_async_context(LocalRunway.open())
        yield await stack.enter_async_context(open_doomed(tmp_path, database_url=url, runway=runway))


@pytest.mark.parametrize(
    ("step", "bought"),
    [
        ("references_ready", 1),
        ("submitting", 0),
        ("submitted", 1),
        ("task_recorded", 1),
        ("downloaded", 1),
        ("stored", 1),
        ("thread_recorded", 1),
        ("posting", 1),
        ("posted", 1),
        ("card_closed", 1),
    ],
)
async def test_who_wakes_up_after_another_took_over_changes_nothing(
    paid_studio: DoomedStudio, monkeypatch: pytest.MonkeyPatch, step: str, bought: int
) -> None:
    studio = paid_studio
    # It slept for longer than Discord remembers what it was sent.
    monkeypatch.setattr("bot.playground.rest_channels.NONCE_SECONDS", -1.0)
    await frozen_past_its_lease(studio, step, kind="pause")
    frozen = await studio.replace()
    await studio.settled()
    rows, calls = await every_row(studio), len(studio.discord.calls())
    before = (len(studio.discord.messages("studio")), studio.pictures(), studio.posts())

    studio.thaw(frozen)
    await studio.until(lambda: STALE in studio.log())

    assert await every_row(studio) == rows, "no row of any table"
    assert (len(studio.discord.messages("studio")), studio.pictures(), studio.posts()) == before
    assert "POST" not in {call.method for call in studio.discord.calls()[calls:]}, "not even asked for"
    assert studio.runway is not None
    assert studio.runway.submissions == len(studio.runway.tasks) == bought
    books = await studio.books()
    lost = step in {"submitting", "submitted"}
    assert books.wrong == []
    assert books.states == [JobState.LOST if lost else JobState.SUCCEEDED]
    assert studio.pictures() == (not lost)
    assert studio.posts() == (not lost)
    assert await studio.stop() == 0
    studio.pid = frozen
    assert await studio.stop() == 0, "the one that slept is none the worse for it"


async def test_on_sqlite_a_process_that_stands_still_keeps_others_out(tmp_path: Path) -> None:
    async with open_doomed(tmp_path) as studio:
        await frozen_past_its_lease(studio, "task_recorded", kind="freeze")
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=tmp_path,
            env={**os.environ, **studio.environment, "PYTHONPATH": str(REPOSITORY)},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await second.communicate()
        assert second.returncode == 78, said
        assert "Another process already uses" in said.decode()
        studio.thaw()

        [asked] = studio.discord.interactions()
        assert (await studio.closed(asked)).startswith("**Done**")
        assert (await studio.reckoning()).states == [JobState.SUCCEEDED]


async def every_row(studio: DoomedStudio) -> dict[str, list[Any]]:
    """All that the store holds, but for marks of the process itself."""

    async def look(tx: Transaction) -> dict[str, list[Any]]:
        kept = [table for table in metadata.sorted_tables if table.name not in {"marks"}]
        return {table.name: sorted(map(tuple, await tx.rows(select(table))), key=repr) for table in kept}

    return await studio.archive.read(look)
