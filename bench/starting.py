"""How much longer the bot takes to be of use when it starts on many unfinished jobs than on none, as ratios.

    python -m bench.starting [--jobs 10000] [--slots 200] [--seconds 20] [--database postgresql]

The floor is the same process on an empty database, in the same run. A killed bot's jobs stand in every state; the bot
is a process of its own, with the local Discord and a local Runway on the other side. `--slots` run at Runway at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.playground import LocalDiscord
from bot.store.blobs import open_blobs
from bot.store.database import Database
from bot.store.migrate import upgrade
from tests.support.backlog import TASK, Backlog, mixed
from tests.support.doomed_settings import environment_of
from tests.support.postgres import postgres_server
from tests.support.runway import LocalRunway

NEVER = float("inf")
ROWS = {
    "answers /quota": "s",
    "leases jobs": "s",
    "has begun as many as may run": "s",
    "answers /imagine, at the end": "ms",
    "ends after SIGTERM": "s",
    "processor time": "s",
    "statements": "",
    "longest stall of the loop": "ms",
    "most memory": "MiB",
    "most calls of Discord in a second": "",
    "calls that Discord refused (429)": "",
    "most polls in a second": "",
}


@asynccontextmanager
async def database_url(name: str, folder: Path) -> AsyncGenerator[str]:
    """A fresh, migrated database."""
    if name == "postgresql":
        async with postgres_server().database() as url:
            yield url.replace("postgresql://", "postgresql+asyncpg://")
        return
    url = f"sqlite+aiosqlite:///{folder}/atelier.db"
    await upgrade(url)
    yield url


async def start(jobs: int, options: argparse.Namespace) -> list[float]:
    """Start a bot on so many unfinished jobs and watch it for a while; a figure for each row."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        opened = database_url(options.database, folder)
        async with opened as url, LocalDiscord.open() as discord, LocalRunway.open() as runway:
            runway.at_once, runway.a_day, runway.credits, runway.default = options.slots, 10**6, 10**9, TASK
            if jobs:
                backlog = Backlog(discord=discord, runway=runway, steps=mixed(jobs))
                async with Database.open(url) as database:
                    await backlog.lay_down(database, open_blobs(f"file:{folder}/blobs"))
            environment = environment_of(discord, folder, database_url=url, runway=runway)
            environment |= {"BOT_PROVIDERS__RUNWAY__POLL_INTERVAL": "5", "BOT_JOBS__LEASE": "30"}
            environment |= {"BOT_PROVIDERS__RUNWAY__CONCURRENCY": str(options.slots), "BOT_LOG__LEVEL": "warning"}
            return await watch(discord, runway, folder, environment, options)


@asynccontextmanager
async def process(folder: Path, environment: dict[str, str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A bot as a process of its own, which does not outlive the measurement."""
    with (folder / "log").open("wb") as log:
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.watched_bot", str(folder), env=os.environ | environment, stdout=log, stderr=log
        )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def watch(
    discord: LocalDiscord, runway: LocalRunway, folder: Path, environment: dict[str, str], options: argparse.Namespace
) -> list[float]:
    """Start the process, ask it something at once and once more later, and end it."""
    began = time.time()
    mia = discord.person("Mia")
    async with process(folder, environment) as running:
        await discord.wait_for(lambda: discord.online, timeout=120)
        answered = NEVER if (await mia.slash("studio", "quota")).latency_ms is None else time.time() - began
        await asyncio.sleep(max(0.0, began + options.seconds - time.time()))
        imagined = (await mia.slash("studio", "imagine", {"prompt": "a cat"})).latency_ms
        told = time.time()
        running.terminate()
        assert await running.wait() == 0, (folder / "log").read_text()[-2000:]
        ended = time.time() - told
    seen = json.loads((folder / "seen.json").read_text())
    leased, begun = seen["leased"], seen["begun"]
    calls = [call for call in discord.calls() if began <= call.at < told]
    return [
        answered,
        leased[0] - began if leased else NEVER,
        begun[options.slots - 1] - began if len(begun) >= options.slots else NEVER,
        NEVER if imagined is None else imagined,
        ended,
        seen["cpu"],
        seen["statements"],
        1000 * seen["stall"],
        seen["peak"],
        most_in_a_second(call.at for call in calls),
        sum(call.status == 429 for call in calls),
        most_in_a_second(at for task in runway.tasks for at in task.polled_at),
    ]


def most_in_a_second(times: Iterable[float]) -> int:
    """How many fell into the fullest second."""
    return max(Counter(map(int, times)).values(), default=0)


def shown(figure: float) -> str:
    """A figure for the table; nothing for what did not happen."""
    return f"{figure:>12.2f}" if figure < NEVER else f"{'–':>12}"


async def main() -> None:
    """Measure both and print the ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--slots", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    floor, many = await start(0, options), await start(options.jobs, options)
    lines = [f"{options.jobs} unfinished jobs, {options.slots} at once, {options.database}, {options.seconds:.0f} s"]
    lines.append(f"{'':34}{'none':>12}{'many':>12}{'ratio':>8}")
    for (name, unit), few, more in zip(ROWS.items(), floor, many, strict=True):
        ratio = f"{more / few:7.2f}" if 0 < few < NEVER else ""
        lines.append(f"{name:34}{shown(few)}{shown(more)}{ratio:>8} {unit}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
