"""The whole product on one bench: the real bot, real discord.py and a real database against the local Discord."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aiohttp import web

from bot.health import HealthServer
from bot.live import run_bot
from bot.local import playground_settings
from bot.playground.actors import Interaction, Person
from bot.playground.server import LocalDiscord
from bot.services.ports import Steps
from bot.settings import HttpSettings, Settings
from tests.support.contract import Contract
from tests.support.reading import search_database, search_messages, search_pages
from tests.support.secrecy import net

Json = dict[str, Any]
REPOSITORY = Path(__file__).parents[2]


def bench_settings(folder: Path, discord: LocalDiscord, **sections: Any) -> Settings:
    """Settings for one test: the playground's, with a quick painter and free ports."""
    values: Json = {
        "playground": {"folder": str(folder), "open_browser": False},
        "http": {"port": 0},
        "providers": {"sketch": {"seconds": 0.2, "poll_interval": 0.05}},
    }
    for name, section in sections.items():
        values[name] = {**values.get(name, {}), **section}
    settings = playground_settings(Settings.model_validate(values), token=discord.token, api_base=discord.api_base)
    if "database" in sections:
        settings = settings.model_copy(update={"database": Settings.model_validate(values).database})
    return settings


@dataclass
class Bench:
    """A running studio and the people in it. Conditions are waited for, with a limit."""

    discord: LocalDiscord
    settings: Settings
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[int] | None = None
    said: list[str] = field(default_factory=list[str])
    pages: list[HealthServer] = field(default_factory=list[HealthServer])

    async def start(self, *, steps: Steps | None = None) -> None:
        """Start the bot and wait until it is online."""
        self._stop = asyncio.Event()
        online = asyncio.Event()

        def say(sentence: str) -> None:
            self.said.append(sentence)
            online.set()

        self._task = asyncio.create_task(run_bot(self.settings, stop=self._stop, say=say, steps=steps))
        waiting = asyncio.create_task(online.wait())
        await asyncio.wait({self._task, waiting}, timeout=15, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task.done():
            self._task.result()
        assert online.is_set(), "the bot did not come online"

    @property
    def runs(self) -> bool:
        """Whether the bot runs."""
        return self._task is not None and not self._task.done()

    async def stop(self) -> int:
        """Stop the bot as SIGTERM would."""
        assert self._task is not None
        self._stop.set()
        async with asyncio.timeout(10):
            return await self._task

    async def ended(self, *, seconds: float = 30.0) -> int:
        """Wait until the bot ends by itself; raises what it ended with."""
        assert self._task is not None
        async with asyncio.timeout(seconds):
            return await self._task

    def person(self, name: str = "Mia") -> Person:
        """Somebody in the studio."""
        return self.discord.person(name)

    async def imagine(self, prompt: str, *, by: str = "Mia", channel: str = "studio", **options: Any) -> Interaction:
        """`/imagine`, as a person types it."""
        return await self.person(by).slash(channel, "imagine", {"prompt": prompt, **options})

    async def until(self, condition: Callable[[], Any], *, seconds: float = 30.0) -> Any:
        """Wait until a condition holds; what it returned."""
        return await self.discord.wait_for(condition, timeout=seconds)

    def results(self, channel: str | None = None) -> list[Json]:
        """Every message with a picture gallery, in all places or in one."""
        places = [channel] if channel else [each["id"] for each in self.places()]
        return [message for place in places for message in self.discord.messages(place) if galleries(message)]

    def places(self) -> list[Json]:
        """Channels and threads that anybody can see."""
        return self.discord.state(self.person("Sam").id)["channels"]

    async def result_in_thread_of(self, interaction: Interaction, *, seconds: float = 30.0) -> Json:
        """The result of a request made in a channel: it comes in the thread below the card."""
        card_id = interaction.message_id

        def posted() -> Json | None:
            threads = [place["id"] for place in self.places() if place["id"] == card_id]
            return next(iter(self.results(threads[0])), None) if threads else None

        return await self.until(posted, seconds=seconds)

    def card(self, interaction: Interaction) -> Json:
        """The message that answered an interaction, as the person sees it now."""
        assert interaction.message_id is not None, f"no answer: {interaction.error}"
        seen = self.discord.person(interaction.user_id).messages(interaction.channel_id)
        return next(each for each in seen if each["id"] == interaction.message_id)

    def says(self, interaction: Interaction) -> str:
        """What the answer to an interaction reads now."""
        return text_of(self.card(interaction))


def components(message: Json) -> list[Json]:
    """All components of a message, flat."""
    found: list[Json] = []

    def walk(nodes: list[Json]) -> None:
        for node in nodes:
            found.append(node)
            walk(node.get("components", []))

    walk(message.get("components", []))
    return found


def text_of(message: Json) -> str:
    """What a person reads in a message."""
    return "\n".join(
        [message.get("content", ""), *(node["content"] for node in components(message) if node["type"] == 10)]
    ).strip()


def galleries(message: Json) -> list[Json]:
    """The gallery items of a message."""
    return [item for node in components(message) if node["type"] == 12 for item in node["items"]]


def buttons(message: Json) -> dict[str, Json]:
    """The buttons of a message by label."""
    return {node["label"]: node for node in components(message) if node["type"] == 2}


@contextmanager
def health_pages() -> Generator[list[HealthServer]]:
    """The health servers that bots open meanwhile; a bench gives them any free port."""
    opened: list[HealthServer] = []
    listen = HealthServer.listen

    async def noted(self: HealthServer, runner: web.AppRunner, settings: HttpSettings) -> None:
        await listen(self, runner, settings)
        opened.append(self)

    with patch.object(HealthServer, "listen", noted):
        yield opened


@asynccontextmanager
async def open_bench(folder: Path, *, refused: int = 0, **sections: Any) -> AsyncGenerator[Bench]:
    """A studio with the bot online; afterwards its calls, pages, messages and database are looked through.

    Every call is held against Discord's own description; no key, token or signed link may stand in the rest.

    `refused` is how many calls the test itself let Discord refuse as malformed.
    """
    contract = Contract.load(REPOSITORY)
    async with LocalDiscord.open() as discord:
        if contract is not None:
            discord.add_observer(contract.check)
        with health_pages() as pages:
            bench = Bench(discord=discord, settings=bench_settings(folder, discord, **sections), pages=pages)
            await bench.start()
            try:
                yield bench
            finally:
                if bench.runs and pages[-1].address is not None:
                    await search_pages(net(), pages[-1].address)
                assert await bench.stop() == 0
        search_messages(net(), discord=discord)
        await search_database(bench.settings.database.url, net(), discord=discord)
    if contract is not None:
        contract.assert_kept()
        assert len(contract.refusals) == refused, f"Discord refused {contract.refusals}"


def dump(value: Any) -> str:
    """A value for the message of an assertion."""
    return json.dumps(value, indent=1, default=str)[:4000]
