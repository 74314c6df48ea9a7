"""A studio whose bot is a process of its own that can be ended at any step; its Discord and its books outlive it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.job import Delivery, JobState
from bot.domain.ledger import EntryKind
from bot.playground.actors import Interaction, Person, Upload
from bot.playground.server import LocalDiscord
from tests.support.bench import REPOSITORY, Json, buttons, galleries, text_of
from tests.support.books import Archive, Books
from tests.support.contract import Contract
from tests.support.doomed_settings import LEASE, QUOTA, environment_of
from tests.support.nursery import nursery
from tests.support.png import small_png
from tests.support.reading import search_database, search_messages
from tests.support.runway import LocalRunway
from tests.support.secrecy import net
from tests.support.studio import POST

LIMIT = 45.0
"""Seconds for anything that is waited for: much more than it takes, for machines with other things to do."""

__all__ = ["LEASE", "QUOTA", "DoomedStudio", "open_doomed"]

PEOPLE = ("Mia", "Noor", "Sam")
KILLED = -int(signal.SIGKILL)


@dataclass
class DoomedStudio:
    """The studio. `doom` decides where the bot's process ends; `restart` is what a supervisor does then.

    `ordered` counts what was ordered where the painter's folder and `runway` do not tell.
    """

    discord: LocalDiscord
    folder: Path
    environment: dict[str, str]
    database_url: str
    archive: Archive
    runway: LocalRunway | None = None
    ordered: Callable[[], Counter[tuple[str, int]]] | None = None
    pid: int = 0
    patience: float = LIMIT

    def start(self) -> None:
        """Start a bot."""
        self.pid = nursery().hatch(self._order())

    def _order(self) -> str:
        return json.dumps({"environment": self.environment, "folder": str(self.folder)})

    async def online(self) -> None:
        """Wait until people can use the bot."""
        sign = self.folder / f"online-{self.pid}"
        await self.until(lambda: sign.exists() or self.status() is not None)
        assert self.status() is None, f"the bot ended with {self.status()}: {self.log()}"

    async def restart(self) -> None:
        """Start a bot and wait until people can use it."""
        self.pid = await asyncio.to_thread(nursery().hatch, self._order())
        await self.online()

    def doom(self, step: str, number: int = 1, *, kind: str = "kill") -> None:
        """Let the process `kill`, `freeze`, `pause` or `linger` when it reaches a step for the n-th time from now on.

        `any` is any step; `pause` freezes outside transactions, but for bad luck. Whether it happened is told by
        `killed`, `frozen` and `lingers`.
        """
        draft = self.folder / ".fate"
        draft.write_text(f"{kind} {step} {number}")
        draft.rename(self.folder / "fate")

    def kill(self) -> None:
        """Let the process end now, if it has not ended already."""
        (self.folder / "fate").unlink(missing_ok=True)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def status(self) -> int | None:
        """How the process ended; `None` while it lives."""
        file = self.folder / f"exit-{self.pid}"
        return int(file.read_text()) if file.exists() else None

    async def ended(self) -> int:
        """Wait until the process is gone; how it ended."""
        status = await self.until(lambda: None if self.status() is None else (self.status(),))
        self.pid = 0
        return status[0]

    async def killed(self) -> None:
        """Wait until the process has met its doom, and Discord has noticed."""
        assert await self.ended() == KILLED, self.log()
        await self.until(lambda: not self.discord.online)

    async def frozen(self) -> None:
        """Wait until the process stands still."""
        await self.until(lambda: self.state() == "T")

    def state(self) -> str:
        """What the kernel says of the process: T is stopped (proc(5)); nothing once it is gone."""
        file = Path(f"/proc/{self.pid}/stat")
        return file.read_text().rpartition(")")[2].split()[0] if file.exists() else ""

    async def lingers(self) -> None:
        """Wait until the process has come to the step that takes long."""
        await self.until(lambda: not (self.folder / "fate").exists())

    def thaw(self, pid: int = 0) -> None:
        """Let a frozen process go on: the bot's, or one that was replaced."""
        os.kill(pid or self.pid, signal.SIGCONT)

    async def replace(self) -> int:
        """Start another bot beside the frozen one, which is not in its way; the pid of that one.

        SQLite's lock file refuses a second process, unless somebody removes it.
        """
        frozen = self.pid
        (self.folder / "fate").unlink(missing_ok=True)
        (self.folder / "atelier.db.lock").unlink(missing_ok=True)
        await self.restart()
        return frozen

    async def stop(self, *, seconds: float = 10) -> int:
        """End the bot as a supervisor does; its exit status. A process that hangs fails the test."""
        os.kill(self.pid, signal.SIGTERM)
        async with asyncio.timeout(seconds):
            return await self.ended()

    def log(self) -> str:
        """The end of what the bots wrote."""
        file = self.folder / "log"
        return file.read_text()[-6000:] if file.exists() else ""

    def steps(self) -> list[str]:
        """The steps that were reached so far, by all bots together."""
        file = self.folder / "steps"
        return file.read_text().split() if file.exists() else []

    async def until(self, condition: Callable[[], Any], *, seconds: float | None = None) -> Any:
        """Wait until a condition holds; what it returned."""
        seconds = self.patience if seconds is None else seconds
        try:
            return await self.discord.wait_for(condition, timeout=seconds)
        except TimeoutError:
            raise AssertionError(f"waited {seconds} s in vain; steps {self.steps()[-12:]}; {self.log()}") from None

    # -- what people do and see ------------------------------------------------------------------------------------

    def person(self, name: str = "Mia") -> Person:
        """Somebody in the studio."""
        return self.discord.person(name)

    async def imagine(self, prompt: str, *, by: str = "Mia", reference: bool = True, **options: Any) -> Interaction:
        """`/imagine` with a picture, as a person types it."""
        if reference:
            options["image1"] = Upload(filename="model.png", data=small_png(320, 200))
        return await self.person(by).slash("studio", "imagine", {"prompt": prompt, **options})

    def places(self) -> list[str]:
        """Every channel and thread."""
        return [place["id"] for place in self.discord.state(self.person("Sam").id)["channels"]]

    def results(self) -> list[Json]:
        """Every message with pictures, wherever it stands."""
        return [each for place in self.places() for each in self.discord.messages(place) if galleries(each)]

    def pictures(self) -> int:
        """How many pictures people have, all results together."""
        return sum(len(galleries(each)) for each in self.results())

    def posts(self) -> int:
        """How often a bot asked Discord to post a result, whether it was a new one or not."""
        return sum((call.method, call.template) == ("POST", POST) for call in self.discord.calls())

    def threads(self) -> int:
        """How many threads there are."""
        channels = self.discord.state(self.person("Sam").id)["channels"]
        return sum(place["type"] in {10, 11, 12} for place in channels)

    def card(self, interaction: Interaction) -> Json:
        """The message that answered an interaction, as it stands now."""
        assert interaction.message_id is not None, f"no answer: {interaction.error}"
        seen = self.discord.messages(interaction.channel_id, interaction.user_id)
        return next(each for each in seen if each["id"] == interaction.message_id)

    async def closed(self, interaction: Interaction) -> str:
        """Wait until a card says that all is over; its words."""
        await self.until(lambda: "Cancel" not in buttons(self.card(interaction)))
        return text_of(self.card(interaction))

    async def quota(self, name: str = "Mia") -> int:
        """What `/quota` says is left."""
        answer = await self.person(name).slash("studio", "quota")
        words = text_of(self.card(answer))
        return int(words.split("**")[1].split(" of your ")[0])

    # -- what was paid and booked ----------------------------------------------------------------------------------

    def submissions(self) -> Counter[tuple[str, int]]:
        """How often each picture (prompt and seed) was ordered from the service, and paid for if it costs anything."""
        if self.ordered is not None:
            return self.ordered()
        if self.runway is not None:
            bodies = [task.body for task in self.runway.tasks]
            return Counter((body["promptText"], body["seed"]) for body in bodies)
        tasks = [json.loads(file.read_bytes()) for file in (self.folder / "sketch" / "tasks").glob("*.json")]
        return Counter((task["prompt"], task["seed"]) for task in tasks)

    async def settled(self) -> None:
        """Wait until the store says that every request came to its end."""
        give_up = time.monotonic() + LIMIT
        while any(not each.ended or each.delivery is Delivery.PENDING for each in (await self.books()).requests):
            assert time.monotonic() < give_up, f"not settled; steps {self.steps()[-12:]}; {self.log()}"
            await asyncio.sleep(0.1)

    async def books(self) -> Books:
        """What stands in the store."""
        return await self.archive.books()

    async def reckoning(self) -> Books:
        """Stop the bot and see that nothing was paid, posted or counted twice, whatever happened; the books."""
        await self.settled()
        left = {int(person.id): await self.quota(person.name) for person in map(self.person, PEOPLE)}
        assert await self.stop() == 0
        books = await self.books()
        assert books.wrong == []
        made = Counter(record.requester.user_id for record in books.requests for _ in record.outputs)
        assert left == {user_id: QUOTA - made[user_id] for user_id in left}
        assert {each.delivery for each in books.requests} <= {Delivery.DELIVERED, Delivery.WITHDRAWN}
        ordered = self.submissions()
        for record in books.requests:
            for job in record.jobs:
                times = ordered.pop((record.request.prompt, job.seed), 0)
                assert times <= 1, f"job {job.id} was paid {times} times"
                assert times == 1 or job.state is not JobState.SUCCEEDED
                assert times == 0 or job.state in {JobState.SUCCEEDED, JobState.LOST}
        assert not ordered, f"paid for nobody: {ordered}"
        shown = [record for record in books.requests if record.outputs]
        assert sorted(int(each["id"]) for each in self.results()) == sorted(
            each.result_message_id or 0 for each in shown
        )
        assert self.pictures() == sum(len(record.outputs) for record in shown)
        assert self.threads() == sum(record.thread_id is not None for record in shown)
        assert books.totals[EntryKind.CHARGE][0] == books.states.count(JobState.SUCCEEDED)
        assert books.totals[EntryKind.LOSS][0] == books.states.count(JobState.LOST)
        return books


@asynccontextmanager
async def open_doomed(
    folder: Path,
    *,
    database_url: str | None = None,
    runway: LocalRunway | None = None,
    online: bool = True,
    **settings: str,
) -> AsyncGenerator[DoomedStudio]:
    """A studio with a bot (`online`); afterwards every call is held against Discord's own description."""
    contract = Contract.load(REPOSITORY)
    url = f"sqlite+aiosqlite:///{folder}/atelier.db"
    if database_url is not None:
        url = database_url.replace("postgresql://", "postgresql+asyncpg://")
    async with LocalDiscord.open() as discord:
        if contract is not None:
            discord.add_observer(contract.check)
        environment = environment_of(discord, folder, database_url=url, runway=runway) | settings
        net().plant_environment(environment)
        studio = DoomedStudio(
            discord=discord,
            folder=folder,
            environment=environment,
            database_url=url,
            archive=Archive(url),
            runway=runway,
        )
        try:
            if online:
                await studio.restart()
            yield studio
        finally:
            if studio.pid:
                studio.kill()
                await studio.ended()
            net().tell("the log of a bot", (folder / "log").read_text() if (folder / "log").exists() else "")
            search_messages(net(), discord=discord)
            await search_database(url, net(), discord=discord)
    if contract is not None:
        contract.assert_kept()
        assert not contract.refusals, f"Discord refused {contract.refusals[0]}"
