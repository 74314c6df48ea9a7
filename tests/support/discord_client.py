"""A real discord.py client for tests, connected to a local Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.playground import LocalDiscord

CONNECT_SECONDS = 10.0


class Connectable(Protocol):
    """Any client that says when it is up."""

    is_up: asyncio.Event

    async def start(self, token: str) -> None:
        """Run until closed."""
        ...

    async def close(self) -> None:
        """Stop."""
        ...


class Client(discord.AutoShardedClient):
    """An unmodified AutoShardedClient with a command tree, which notes what it hears."""

    def __init__(self, *, intents: discord.Intents | None = None) -> None:
        wanted = intents or discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        # discord.py waits this long for further guilds before it is ready; the local Discord has one.
        super().__init__(intents=wanted, guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.resumes = 0
        self.connects = 0
        self.is_up = asyncio.Event()

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once; discord.py would wait for five seconds between two."""

    async def on_ready(self) -> None:
        self.is_up.set()

    async def on_connect(self) -> None:
        self.connects += 1

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)

    async def on_resumed(self) -> None:
        self.resumes += 1


@contextmanager
def pointed_at(local: LocalDiscord) -> Generator[None]:
    """Let discord.py find the local Discord."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = local.api_base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(local.api_base.replace("http://", "ws://")).with_path("/gateway")
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@asynccontextmanager
async def connected(client: Connectable, local: LocalDiscord) -> AsyncGenerator[None]:
    """Run a client against the local Discord until the context ends."""
    with pointed_at(local):
        running = asyncio.create_task(client.start(local.token))
        up = asyncio.create_task(client.is_up.wait())
        try:
            await asyncio.wait({running, up}, timeout=CONNECT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
            assert up.done(), "the client did not become ready"
            yield
        finally:
            up.cancel()
            await client.close()
            await asyncio.gather(running, return_exceptions=True)
