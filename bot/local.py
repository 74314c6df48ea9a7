"""The playground: the real bot and a local Discord on this machine, which meet only through sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from bot.live import run_bot
from bot.playground.server import LocalDiscord
from bot.settings import Settings

Say = Callable[[str], None]


async def run_playground(settings: Settings, *, stop: asyncio.Event, say: Say) -> int:
    """Run the local Discord and the bot until `stop` is set; the page's address is said first.

    Raises:
        ConfigError: a setting cannot be used.
    """
    async with LocalDiscord.open(port=_free(settings.playground.port)) as discord:
        say(f"\n  The playground is at  {discord.page_url}\n  Stop it with Ctrl+C.\n")
        local = playground_settings(settings, token=discord.token, api_base=discord.api_base)

        def online(sentence: str) -> None:
            say(f"  {sentence}")
            if settings.playground.open_browser and _has_screen():
                webbrowser.open(discord.page_url)

        return await run_bot(local, stop=stop, say=online)


def playground_settings(settings: Settings, *, token: str, api_base: str) -> Settings:
    """The settings with Discord, database and folders replaced by the playground's own."""
    folder = Path(settings.playground.folder)
    folder.mkdir(parents=True, exist_ok=True)
    discord = settings.discord.model_copy(
        update={
            "token": SecretStr(token),
            "api_base": api_base,
            "cdn_base": api_base.removesuffix("/api/v10"),
            "attachment_hosts": ("127.0.0.1",),
            "guild_id": None,
        }
    )
    sketch = settings.providers.sketch.model_copy(update={"folder": str(folder / "sketch")})
    return settings.model_copy(
        update={
            "discord": discord,
            "database": settings.database.model_copy(update={"url": f"sqlite+aiosqlite:///{folder}/atelier.db"}),
            "backups": settings.backups.model_copy(update={"folder": f"{folder}/backups"}),
            "storage": settings.storage.model_copy(update={"url": f"file:{folder}/blobs"}),
            "providers": settings.providers.model_copy(update={"sketch": sketch}),
        }
    )


def _free(port: int) -> int:
    """The port itself, or 0 for any when somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _has_screen() -> bool:
    """Whether a browser tab can be opened: not over ssh, in CI, or in a container."""
    if not sys.stdout.isatty():
        return False
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
