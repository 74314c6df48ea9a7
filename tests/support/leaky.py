"""Tests that each tell a secret in one way, to be run by a pytest of their own: the net must fail all but the last."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import insert

from bot.playground.server import LocalDiscord
from bot.settings import DiscordSettings
from bot.store.database import Database
from bot.store.tables import marks
from tests.support.bench import Bench, open_bench
from tests.support.doomed import open_doomed
from tests.support.postgres import postgres_or_skip
from tests.support.runway import LocalRunway
from tests.support.studio import open_runway_studio
from tests.support.twin_files import Outputs

CANARY = "canary-5d2e8c-91be44"
ECHO = [sys.executable, "-c", "import os; print(os.environ['BOT_DISCORD__TOKEN'])"]
COMPLAIN = [sys.executable, "-c", "import os, sys; sys.stderr.write(os.environ['BOT_PROVIDERS__RUNWAY__API_KEY'])"]
ENVIRONMENT = {"BOT_DISCORD__TOKEN": CANARY, "BOT_PROVIDERS__RUNWAY__API_KEY": CANARY}


async def remember(url: str, secret: str) -> None:
    async with Database.open(url) as database:
        await database.write(lambda tx: tx.execute(insert(marks).values(name="leak", value=secret)))


def test_leaks_a_setting_at_debug() -> None:
    DiscordSettings.model_validate({"token": CANARY})
    logging.getLogger("bot.live").debug("logging in with %s", CANARY)


def test_leaks_a_key_in_a_traceback() -> None:
    key = LocalRunway(clock=lambda: 0.0, credits=1).api_key
    try:
        raise ValueError(key)
    except ValueError:
        logging.getLogger("bot.providers").exception("it broke")


def test_leaks_a_signed_link_by_httpx() -> None:
    logging.getLogger("httpx").info("HTTP Request: GET %s", "https://cdn.example/a.png?ex=1&hm=abcdef0123")


def test_leaks_a_providers_link_by_its_token_alone() -> None:
    link = Outputs().link("a", b"")
    logging.getLogger("discord.http").info("the token is %s", link.rpartition("=")[2])


def test_leaks_a_token_by_a_program() -> None:
    subprocess.run(ECHO, env={**os.environ, **ENVIRONMENT}, capture_output=True, check=True)


def test_leaks_a_key_by_a_program_whose_output_nobody_takes() -> None:
    subprocess.run(COMPLAIN, env={**os.environ, **ENVIRONMENT}, check=True)


async def test_leaks_a_key_by_a_program_that_is_awaited() -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*COMPLAIN, env={**os.environ, **ENVIRONMENT}, stderr=pipe)
    await process.communicate()


def test_leaks_a_setting_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    DiscordSettings.model_validate({"token": CANARY})
    sys.stdout.write(f"token = {CANARY}\n")
    assert capsys.readouterr().out


async def test_leaks_a_token_in_the_log_of_a_bot_that_is_killed(tmp_path: Path) -> None:
    async with open_doomed(tmp_path) as studio:
        with (tmp_path / "log").open("a") as log:
            log.write(studio.discord.token)


async def test_leaks_a_key_in_a_database_of_sqlite(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path) as (bench, runway):
        await bench.stop()
        await remember(bench.settings.database.url, runway.api_key)


async def test_leaks_a_key_in_a_database_of_postgresql(tmp_path: Path) -> None:
    async with postgres_or_skip().database() as url:
        driver = url.replace("postgresql://", "postgresql+asyncpg://")
        async with open_runway_studio(tmp_path, database={"url": driver}) as (bench, runway):
            await bench.stop()
            await remember(driver, runway.api_key)


async def test_leaks_a_signed_link_in_a_database(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.stop()
        await remember(bench.settings.database.url, "https://cdn.example/a.png?ex=1&hm=abcdef0123")


async def test_leaks_an_interactions_token_in_a_database(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        await bench.person("Mia").slash("studio", "quota")
        await bench.stop()
        await remember(bench.settings.database.url, bench.discord.interactions()[0].token)


async def test_leaks_a_key_in_a_message(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path) as (bench, runway):
        await post(bench.discord, bench, f"it refused the key {runway.api_key}")


async def test_leaks_a_key_on_a_page(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path) as (bench, runway):
        bench.pages[-1]._checks = {runway.api_key: bench.pages[-1]._checks["database"]}


async def test_tells_nothing(tmp_path: Path) -> None:
    async with open_runway_studio(tmp_path) as (bench, _):
        await post(bench.discord, bench, "a picture of a key")


async def post(discord: LocalDiscord, bench: Bench, words: str) -> None:
    channel = next(each["id"] for each in bench.places())
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bot {discord.token}"}) as session,
        session.post(f"{discord.api_base}/channels/{channel}/messages", json={"content": words}) as answer,
    ):
        assert answer.status == 200
