"""Discord is away, broken or fed up when the bot wants to connect: it waits, or stops with a sentence."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.discord_ui.starts import DAY
from bot.domain.errors import ConfigError
from bot.domain.job import Delivery
from bot.playground.server import LocalDiscord
from bot.store.database import Database
from bot.store.marks import MarkStore
from bot.texts import load_texts
from tests.support.bench import REPOSITORY, Bench, bench_settings, open_bench
from tests.support.doomed import open_doomed
from tests.support.runway_script import Scenario
from tests.support.studio import POST, closed, open_runway_studio, read_store, records

ME, APPLICATION, GATEWAY = "/users/@me", "/oauth2/applications/@me", "/gateway/bot"
COMMANDS = "/applications/{application_id}/commands"

AWAY: dict[str, dict[str, Any]] = {
    "a dropped connection": {"drop": True},
    "503": {"status": 503},
    "429 without Via": {"status": 429, "via": False},
}


@asynccontextmanager
async def idle_bench(folder: Path) -> AsyncGenerator[Bench]:
    """A bench whose bot is not started yet."""
    async with LocalDiscord.open() as discord:
        yield Bench(discord=discord, settings=bench_settings(folder, discord))


@pytest.mark.parametrize("away", AWAY)
@pytest.mark.parametrize(
    ("method", "template"),
    [("GET", ME), ("GET", APPLICATION), ("PUT", COMMANDS), ("GET", GATEWAY)],
    ids=["token", "application", "commands", "gateway"],
)
async def test_a_first_call_that_goes_wrong_is_made_again(
    tmp_path: Path, method: str, template: str, away: str
) -> None:
    async with idle_bench(tmp_path) as bench:
        used = bench.discord.faults.next(method, template, **AWAY[away])
        await bench.start()
        assert used.is_set()
        answer = await bench.imagine("a cat", ratio="1:1")
        assert (await closed(bench, answer)).startswith("**Done")
        assert await bench.stop() == 0


async def test_a_process_started_while_discord_is_down_comes_up_when_discord_does(tmp_path: Path) -> None:
    async with LocalDiscord.open() as discord:
        token = discord.token
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with open_doomed(tmp_path, online=False, BOT_DISCORD__API_BASE=f"http://127.0.0.1:{port}/api/v10") as studio:
        studio.environment["BOT_DISCORD__TOKEN"] = token
        studio.start()
        await studio.until(lambda: studio.log().count("Discord cannot be reached") >= 2)
        assert studio.status() is None
        async with LocalDiscord.open(port=port, token=token) as discord:
            back = replace(studio, discord=discord)
            await back.online()
            asked = await back.imagine("a cat", reference=False)
            assert (await back.closed(asked)).startswith("**Done")
            assert await back.stop() == 0
            studio.pid = 0


async def test_jobs_go_on_while_discord_is_away_at_the_start(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path) as (bench, runway):
        runway.default = Scenario.hangs()
        answer = await bench.imagine("a cat", ratio="1:1")
        await bench.until(lambda: runway.tasks)
        await bench.stop()
        back = bench.discord.faults.next("GET", ME, drop=True, times=3)
        starting = asyncio.create_task(bench.start())
        runway.tasks[0].proceed(Scenario(queue=0, running=()))
        await bench.until(lambda: any(path.startswith("/outputs") for _, path, _ in runway.requests))
        assert not back.is_set()
        await starting
        assert (await closed(bench, answer)).startswith("**Done")


async def test_a_gateway_that_takes_no_connection_is_tried_again(tmp_path: Path) -> None:
    async with idle_bench(tmp_path) as bench:
        bench.discord.faults.refuse_gateway()
        await bench.start()
        assert bench.discord.identifies == 1
        assert await bench.stop() == 0


async def test_a_reset_gateway_connection_is_resumed(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        bench.discord.faults.reset_gateway()
        answer = await bench.imagine("a cat", ratio="1:1")
        assert (await closed(bench, answer)).startswith("**Done")
        assert bench.discord.identifies == 1


async def starts_kept(bench: Bench) -> dict[str, Any]:
    """What the bot remembers of its starts."""
    kept = await read_store(bench.settings, lambda tx: MarkStore().get(tx, "starts"))
    assert kept is not None
    return json.loads(kept)


async def test_session_starts_are_counted_over_restarts(tmp_path: Path) -> None:
    async with idle_bench(tmp_path) as bench:
        for expected in (1, 2):
            await bench.start()
            assert (await starts_kept(bench))["count"] == expected
            assert await bench.stop() == 0
        await bench.start()
        bench.discord.faults.disconnect(resumable=False)
        await bench.until(lambda: bench.discord.identifies == 4)
        assert (await starts_kept(bench))["count"] == 4
        assert await bench.stop() == 0


async def test_a_bot_that_was_started_too_often_does_not_connect(tmp_path: Path) -> None:
    async with idle_bench(tmp_path) as bench:
        bench.discord.spend_identifies(985)
        with pytest.raises(ConfigError) as refusal:
            await bench.start()
        said = load_texts().say(refusal.value.key, **refusal.value.values)
        assert said.startswith("The bot was started too often: Discord allows only 15 of 1000 more starts within 24 h")
        assert bench.discord.identifies == 985


async def test_its_own_count_stops_it_where_discord_does_not_tell(tmp_path: Path) -> None:
    async with idle_bench(tmp_path) as bench:
        await bench.start()
        assert await bench.stop() == 0
        kept = await starts_kept(bench)

        async def pretend(**changes: Any) -> None:
            async with Database.open(bench.settings.database.url) as database:
                await database.write(lambda tx: MarkStore().put(tx, "starts", json.dumps(kept | changes)))

        await pretend(count=990)
        with pytest.raises(ConfigError, match=r"config\.starts"):
            await bench.start()
        await pretend(count=990, since=kept["since"] - DAY)
        await bench.start()
        assert (await starts_kept(bench))["count"] == 1
        assert await bench.stop() == 0


async def test_a_running_bot_that_loses_too_many_sessions_stops_before_its_token_is_reset(tmp_path: Path) -> None:
    async with idle_bench(tmp_path) as bench:
        await bench.start()
        bench.discord.spend_identifies(990)
        token = bench.discord.token
        bench.discord.faults.invalid_session()
        with pytest.raises(ConfigError, match=r"config\.starts"):
            await bench.ended()
        assert bench.discord.token == token


async def test_exit_status_and_words_of_a_bot_that_was_started_too_often(tmp_path: Path) -> None:
    async with open_doomed(tmp_path, online=False) as studio:
        studio.discord.spend_identifies()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot"),
            cwd=tmp_path,
            env={**os.environ, **studio.environment, "PYTHONPATH": str(REPOSITORY)},
            stderr=asyncio.subprocess.PIPE,
        )
        _, complaint = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 78
        last = complaint.decode().strip().splitlines()[-1]
        assert last.startswith("The bot was started too often: Discord allows only 0 of 1000 more starts")
        assert studio.discord.identifies == 1000


async def test_a_token_that_is_reset_while_the_bot_runs_ends_it_for_good(tmp_path: Path) -> None:
    async with idle_bench(tmp_path) as bench:
        await bench.start()
        bench.discord.faults.next("POST", POST, status=401, times=50)
        await bench.imagine("a cat", ratio="1:1")
        with pytest.raises(ConfigError, match=r"config\.bad_token"):
            await bench.ended()
        refused = [call for call in bench.discord.calls() if call.status == 401]
        assert len(refused) == 1
        (kept,) = await records(bench.settings)
        assert kept.delivery is Delivery.PENDING


async def test_a_server_that_does_not_let_the_commands_in_is_named_as_a_setting(tmp_path: Path) -> None:
    async with idle_bench(tmp_path) as bench:
        bench.discord.faults.next("PUT", COMMANDS, status=403, code=50001)
        with pytest.raises(ConfigError, match=r"config\.guild"):
            await bench.start()


async def test_commands_that_discord_does_not_take_today_leave_the_rest_working(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with idle_bench(tmp_path) as bench:
        await bench.start()
        assert await bench.stop() == 0
        async with Database.open(bench.settings.database.url) as database:
            await database.write(lambda tx: MarkStore().put(tx, "commands", "of another version"))
        bench.discord.faults.next("PUT", COMMANDS, status=400, code=30034)
        with caplog.at_level(logging.ERROR):
            await bench.start()
        assert "the commands could not be registered: HTTP 400, code 30034" in caplog.text
        answer = await bench.imagine("a cat", ratio="1:1")
        assert (await closed(bench, answer)).startswith("**Done")
        assert await bench.stop() == 0
