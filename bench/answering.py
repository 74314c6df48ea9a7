"""How much longer `/imagine` takes to answer than a bot that does nothing else, in the same run, as a ratio.

    python -m bench.answering [--commands 200] [--people 20]

The floor is a discord.py client that answers every command at once with a card of the same size. The studio's answer
contains a durable transaction: rules, quota, hold, request and job (SQLite, synchronous=FULL).
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.client import point_at
from bot.live import run_bot
from bot.local import playground_settings
from bot.playground import LocalDiscord
from bot.playground.actors import Interaction
from bot.playground.ratelimits import RateLimits
from bot.settings import Settings

Ask = Callable[[int], Awaitable[Interaction]]


class Floor(discord.AutoShardedClient):
    """Answers `/imagine` with a card and does nothing else."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0.1)
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(app_commands.Command(name="imagine", description="floor", callback=self._answer))

    async def setup_hook(self) -> None:
        """Register the command."""
        await self.tree.sync()

    async def _answer(self, interaction: discord.Interaction[Any], prompt: str) -> None:
        view = discord.ui.LayoutView(timeout=None)
        container: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container()
        for text in ("**Queued**", prompt, "facts"):
            container.add_item(discord.ui.TextDisplay(text))
        view.add_item(container)
        view.stop()
        await interaction.response.send_message(view=view)


async def latencies(ask: Ask, *, commands: int, people: int) -> list[float]:
    """Milliseconds from the interaction to its answer; `people` commands are under way at a time."""
    slots = asyncio.Semaphore(people)

    async def one(number: int) -> float:
        async with slots:
            interaction = await ask(number)
        assert interaction.latency_ms is not None, interaction.error
        return interaction.latency_ms

    return sorted(await asyncio.gather(*(one(number) for number in range(commands))))


async def of_floor(commands: int, people: int) -> list[float]:
    """The bare client's latencies."""
    async with LocalDiscord.open(rate_limits=RateLimits.relaxed()) as local:
        point_at(local.api_base, local.api_base.removesuffix("/api/v10"))
        async with Floor() as client:
            running = asyncio.create_task(client.start(local.token))
            await local.wait_for(lambda: local.online and client.is_ready(), timeout=20)
            result = await latencies(asker(local), commands=commands, people=people)
            await client.close()
            await running
    return result


async def of_studio(commands: int, people: int) -> list[float]:
    """The studio's latencies; the painter is told to take its time, so that only answering is measured."""
    with tempfile.TemporaryDirectory() as folder:
        async with LocalDiscord.open(rate_limits=RateLimits.relaxed()) as local:
            settings = Settings.model_validate(
                {
                    "playground": {"folder": folder, "open_browser": False},
                    "http": {"port": 0},
                    "providers": {"sketch": {"seconds": 3600}},
                    "quota": {"default": {"amount": 1_000_000, "queue": 1000}},
                }
            )
            settings = playground_settings(settings, token=local.token, api_base=local.api_base)
            stop, online = asyncio.Event(), asyncio.Event()
            running = asyncio.create_task(run_bot(settings, stop=stop, say=lambda _: online.set()))
            await asyncio.wait_for(online.wait(), 20)
            result = await latencies(asker(local), commands=commands, people=people)
            stop.set()
            await running
    return result


def asker(local: LocalDiscord) -> Ask:
    """Somebody who types `/imagine`."""
    people = [local.person(name) for name in ("Mia", "Noor", "Sam")]

    async def ask(number: int) -> Interaction:
        return await people[number % len(people)].slash("studio", "imagine", {"prompt": f"a cat, number {number}"})

    return ask


def line(name: str, found: list[float]) -> str:
    """One row of the table."""
    p99 = found[min(len(found) - 1, round(0.99 * len(found)))]
    return f"{name:<8} p50 {statistics.median(found):7.1f} ms   p99 {p99:7.1f} ms"


async def main() -> None:
    """Measure both and print the ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--commands", type=int, default=200)
    parser.add_argument("--people", type=int, default=20)
    options = parser.parse_args()
    floor = await of_floor(options.commands, options.people)
    studio = await of_studio(options.commands, options.people)
    ratio = statistics.median(studio) / statistics.median(floor)
    rows = [
        f"{options.commands} commands, {options.people} at a time",
        line("floor", floor),
        line("studio", studio),
        f"ratio    p50 {ratio:7.1f}",
    ]
    sys.stdout.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
