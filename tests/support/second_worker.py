"""Another worker on the same database, without a gateway: takes over what a dead or frozen process left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.app import open_app
from bot.domain.job import RequestRecord
from bot.services.ports import CardView, NoSteps, Result
from bot.settings_load import load_settings
from tests.support.doomed import DoomedStudio


@dataclass
class Notebook:
    """A presenter that writes down what it would show. It finds on Discord what the other process posted."""

    studio: DoomedStudio
    posted: list[int] = field(default_factory=list[int])
    closed: list[int] = field(default_factory=list[int])

    async def update_card(self, view: CardView) -> None:
        """Nothing to see here."""

    async def open_place(self, record: RequestRecord) -> int | None:
        """The thread has its message's id."""
        return record.card_message_id

    async def find_result(self, record: RequestRecord) -> int | None:
        """What stands on Discord."""
        return next((int(each["id"]) for each in self.studio.results()), None)

    async def post_result(self, result: Result) -> int:
        """Note it; the id is the card's with another first digit."""
        self.posted.append(result.record.id)
        return (result.record.card_message_id or 0) + 1

    async def close_card(self, result: Result) -> None:
        """Note it."""
        self.closed.append(result.record.id)

    async def find_card(self, record: RequestRecord) -> int | None:
        """Nobody asks: the other process recorded its answers."""
        return record.card_message_id

    def upload_limit(self, record: RequestRecord) -> int:
        """More than enough."""
        return 10_000_000


@asynccontextmanager
async def second_worker(studio: DoomedStudio) -> AsyncGenerator[Notebook]:
    """A worker with the settings of the studio's bot, at work until the context ends."""
    settings = load_settings(studio.environment, studio.folder).settings
    notebook = Notebook(studio=studio)
    stop = asyncio.Event()
    async with open_app(settings, presenter=notebook, steps=NoSteps()) as app:
        working = asyncio.create_task(app.scheduler.run(stop))
        try:
            yield notebook
        finally:
            stop.set()
            await working
