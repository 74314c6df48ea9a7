"""Fifty hostile and odd files arrive at once: each person reads what to do, and the bot stays small."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.playground.actors import Interaction, Upload
from bot.playground.server import LocalDiscord
from tests.corpus.files import FILES, PICTURE, Odd
from tests.support.bench import REPOSITORY, galleries, text_of
from tests.support.runway import LocalRunway
from tests.support.runway_script import Scenario

LIMIT = 256 * 2**20
"""Bytes that the bot and all its processes may have in memory together."""
AT_ONCE = 50
REFUSED = "Nothing was charged."
TRIES = 10
"""How often somebody asks again when a busy machine did not let the bot answer within Discord's three seconds."""
PATIENCE = 240.0


def resident(pid: int) -> int:
    """Bytes in memory of a process and everything it started (proc(5))."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(folder.name) == pid or int(status[1]) == pid:
                total += int(status[21]) * os.sysconf("SC_PAGESIZE")
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


@asynccontextmanager
async def bot_of(
    discord: LocalDiscord, runway: LocalRunway, folder: Path
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """The bot as operators run it: a process of its own with settings from the environment."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "BOT_DISCORD__TOKEN": discord.token,
        "BOT_DISCORD__API_BASE": discord.api_base,
        "BOT_DISCORD__ATTACHMENT_HOSTS": json.dumps(["127.0.0.1"]),
        "BOT_PROVIDERS__RUNWAY__API_KEY": runway.api_key,
        "BOT_PROVIDERS__RUNWAY__BASE_URL": runway.base_url,
        "BOT_PROVIDERS__RUNWAY__POLL_INTERVAL": "0.5",
        "BOT_PROVIDERS__RUNWAY__CONCURRENCY": "50",
        "BOT_QUOTA__DEFAULT__AT_ONCE": "50",
        "BOT_QUOTA__DEFAULT__AMOUNT": "1000",
        "BOT_QUOTA__DEFAULT__QUEUE": "1000",
        "BOT_HTTP__PORT": "0",
    }
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", cwd=folder, env=environment, stdout=log, stderr=log
        )
    try:
        await discord.wait_for(lambda: discord.online, timeout=60)
        yield process
    finally:
        process.terminate()
        await process.wait()


async def watched(pid: int, stop: asyncio.Event) -> int:
    """The most that was in memory until `stop`."""
    most = 0
    while not stop.is_set():
        most = max(most, await asyncio.to_thread(resident, pid))
        await asyncio.sleep(0.02)
    return most


@pytest.mark.timeout(400)
async def test_fifty_files_at_once_get_their_sentences_within_256_megabytes(tmp_path: Path) -> None:
    chosen = [FILES[number % len(FILES)] for number in range(AT_ONCE)]
    assert all(odd.content for odd in chosen), "made now: later their makers would keep Discord from answering"
    async with LocalDiscord.open() as discord, LocalRunway.open() as runway:
        runway.default = Scenario(queue=0)
        discord.world.guild.attachment_size_limit = 25 * 2**20
        async with bot_of(discord, runway, tmp_path) as bot:
            stop = asyncio.Event()
            watching = asyncio.create_task(watched(bot.pid, stop))
            asked = await asyncio.gather(*(_ask(discord, odd, number) for number, odd in enumerate(chosen)))
            for odd, answer in zip(chosen, asked, strict=True):
                await _told(discord, odd, answer)
            stop.set()
            most = await watching
        assert bot.returncode == 0
    assert most < LIMIT, f"{most / 2**20:.0f} MiB"


async def _ask(discord: LocalDiscord, odd: Odd, number: int) -> Interaction:
    person = discord.person(("Mia", "Noor", "Sam")[number % 3])
    image = Upload(odd.name, odd.content, "image/png")
    for _ in range(TRIES):
        answer = await person.slash("studio", "imagine", {"prompt": "in the style of @image1", "image1": image})
        if answer.message_id is not None:
            return answer
    raise AssertionError(f"{odd.name}: no answer")


async def _told(discord: LocalDiscord, odd: Odd, answer: Interaction) -> None:
    def card() -> str:
        seen: list[dict[str, Any]] = discord.person(answer.user_id).messages(answer.channel_id)
        return text_of(next(each for each in seen if each["id"] == answer.message_id))

    def over() -> str | None:
        ended = card().startswith(("**Done", "**No picture")) or REFUSED in card()
        return card() if ended else None

    says = await discord.wait_for(over, timeout=PATIENCE)
    if REFUSED in says:
        assert f"“{odd.name}” is not a picture I can read." in says, "its name told at once"
        return
    if odd.words is PICTURE:
        assert says.startswith("**Done"), f"{odd.name}: {says}"
        (result,) = [each for each in discord.messages(str(answer.message_id)) if galleries(each)]
        assert odd.note in text_of(result)
        return
    assert f"“{odd.name}” " in says
    assert odd.words in says, says
    assert "Your quota was returned; nothing was charged." in says
