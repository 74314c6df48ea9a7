"""A studio to do harm to: its Discord, its services and its bot's process, and the rounds that are played with them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.job import JobId
from bot.playground.actors import ActionRefused, Upload
from tests.chaos.faults import Extent, PaidFault
from tests.chaos.rounds import HIRED, Ask, DiscordFault, End, Meddling, Round
from tests.chaos.storage import cut_off, hold
from tests.support.bench import Json, components
from tests.support.doomed import KILLED, LIMIT, DoomedStudio, open_doomed
from tests.support.png import small_png
from tests.support.postgres import postgres_server
from tests.support.services import SERVICES, Local

LEASE = 0.6
PATIENCE = 0.7
"""Seconds that a step is waited for; a process that does not come to it is killed where it is."""

TIMEOUT = "0.8"
"""Seconds until a call of a service that hangs counts as unanswered."""

STOP_LIMIT = 20.0
"""Seconds that SIGTERM may take here, where several bots share a busy machine; how long it took is told at the end."""

MANY = 1_000_000
"""Calls: more than there are in a round."""

QUOTA = 100_000
SETTINGS = {
    "BOT_QUOTA__DEFAULT__AMOUNT": str(QUOTA),
    "BOT_QUOTA__DEFAULT__AT_ONCE": "6",
    "BOT_QUOTA__DEFAULT__QUEUE": "1000",
    "BOT_JOBS__LEASE": str(LEASE),
}
EXTRA = {"wavespeed": {"SUBMITS_PER_MINUTE": "100000"}, "segmind": {"SUBMITS_PER_MINUTE": "100000"}}
MARK = re.compile(r"nr (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A task that a service accepted. `mark` is the number in its prompt, `billed` is in dollars."""

    service: str
    task_id: str
    mark: int
    billed: float
    fault: PaidFault | None


@dataclass
class Laboratory:
    """The studio with its services. `unsure` are the jobs that a death left between intent and answer."""

    studio: DoomedStudio
    services: dict[str, Local]
    database: str
    scripted: list[tuple[Any, PaidFault]] = field(default_factory=list[tuple[Any, PaidFault]])
    unsure: set[JobId] = field(default_factory=set[JobId])
    met: Counter[str] = field(default_factory=Counter[str])
    stops: list[float] = field(default_factory=list[float])
    _asking: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _lasting: list[asyncio.Event] = field(default_factory=list[asyncio.Event])
    _dripping: list[tuple[asyncio.Event, float]] = field(default_factory=list[tuple[asyncio.Event, float]])
    _marks: int = 0

    # -- what happens in a round -----------------------------------------------------------------------------------

    async def play(self, script: Round) -> None:
        """Play a round to the end of the bot's process; nobody is alive afterwards.

        Raises:
            AssertionError: the process ended in another way than the script says.
        """
        self._arrange(script)
        asking = [self._soon(self._ask(ask)) for ask in script.asks]
        if script.answered:
            await asyncio.wait(asking, timeout=2 * PATIENCE)
        if script.end in {End.AT_STEP, End.AT_ANY_STEP, End.ASLEEP, End.REPLACED}:
            step = script.step if script.end is End.AT_STEP else "any"
            kind = {End.ASLEEP: "freeze", End.REPLACED: "pause"}.get(script.end, "kill")
            self.studio.doom(step, script.nth, kind=kind)
        if script.meddling is not None:
            self._soon(self._meddle(script.meddling, script.moment))
        await self._end(script)
        while self._lasting:
            self.studio.discord.faults.withdraw(self._lasting.pop())

    async def calm(self) -> None:
        """Let nothing go wrong any more, and wait until nobody waits for an answer."""
        self.studio.discord.faults.clear()
        await asyncio.gather(*self._asking)

    def _arrange(self, script: Round) -> None:
        for name, fault in script.paid:
            play = fault.of(SERVICES[name])
            self.services[name].script(play)
            self.scripted.append((play, fault))
            self.met[f"service: {fault.name}"] += 1
        for fault in script.discord:
            self.arrange_at_discord(fault)
        if script.meddling is not None:
            self.met[script.meddling] += 1

    def arrange_at_discord(self, fault: DiscordFault) -> None:
        """Have Discord do it; what is refused for a round is withdrawn at the round's end."""
        reach: dict[str, Any] = {} if fault.extent is Extent.CALL else {"times": MANY}
        if fault.extent is Extent.CHANNEL:
            reach["channel"] = self.studio.discord.world.find_channel("studio").id
        used = self.studio.discord.faults.next(fault.method, fault.template, **fault.script, **reach)
        if fault.extent is not Extent.CALL:
            self._lasting.append(used)
        if fault.script.get("drip", 0.0) > PATIENCE:
            self._dripping.append((used, fault.script["drip"]))
        self.met[f"Discord: {fault.wrong.partition(' of ')[0]}"] += 1

    def _soon(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        return task

    async def _ask(self, ask: Ask) -> None:
        """A person does something. What does not come about, for the bot is dead, is no fault."""
        await asyncio.sleep(ask.delay)
        person = self.studio.person(ask.by)
        with suppress(ActionRefused):
            message = self._pick(ask)
            if message is not None:
                await person.press(message["id"], label="Cancel" if ask.way == "cancel" else "Reroll")
                return
            self._marks += 1
            picture = Upload(filename="model.png", data=small_png(320, 200))
            options = {"image1": picture} if ask.reference else {}
            options |= {"provider": ask.provider} if ask.provider else {}
            prompt = f"@model in picture nr {self._marks}" if ask.reference else f"a boat, picture nr {self._marks}"
            await person.slash("studio", "imagine", {"prompt": prompt, "count": ask.count, **options})

    def _pick(self, ask: Ask) -> Json | None:
        """The message whose button is pressed, if there is one."""
        label = {"cancel": "Cancel", "reroll": "Reroll"}.get(ask.way)
        if label is None:
            return None
        places = ["studio"] if ask.way == "cancel" else self.studio.places()
        seen = [message for place in places for message in self.studio.discord.messages(place)]
        fitting = [message for message in seen if any(node.get("label") == label for node in components(message))]
        return fitting[int(ask.pick * len(fitting))] if fitting else None

    async def _meddle(self, meddling: Meddling, moment: float) -> None:
        await asyncio.sleep(moment)
        faults = self.studio.discord.faults
        match meddling:
            case Meddling.CUT:
                faults.disconnect()
            case Meddling.FORGOTTEN:
                faults.disconnect(resumable=False)
            case Meddling.RECONNECT:
                faults.reconnect()
            case Meddling.STORE if self.database == "sqlite":
                await asyncio.to_thread(hold, self.studio.folder / "atelier.db", moment)
            case Meddling.STORE:
                await cut_off(self.studio.database_url)

    # -- how it ends -----------------------------------------------------------------------------------------------

    async def _end(self, script: Round) -> None:
        match script.end:
            case End.AT_STEP | End.AT_ANY_STEP:
                await self._come_to_its_step()
                self.studio.kill()
                await self.studio.killed()
            case End.AT_ANY_MOMENT:
                await asyncio.sleep(script.moment)
                self.studio.kill()
                await self.studio.killed()
            case End.POLITELY:
                await asyncio.sleep(script.moment)
                began = time.monotonic()
                assert await self.studio.stop(seconds=STOP_LIMIT) == 0, f"SIGTERM: {self.studio.log()}"
                self.stops.append(time.monotonic() - began)
            case End.ASLEEP:
                await self._asleep(script)
                await asyncio.sleep(script.moment)
                self.studio.kill()
                await self.studio.killed()
            case End.REPLACED:
                await self._replaced(script)

    async def _come_to_its_step(self) -> None:
        """Wait for the end at a step: for a while, and until what drips slowly now has come or was not waited for."""
        if not await self._within(PATIENCE, lambda: self.studio.status() is not None):
            under_way = [seconds for used, seconds in self._dripping if used.is_set()]
            if under_way:
                await self._within(max(under_way) + PATIENCE, lambda: self.studio.status() is not None)
        self._dripping = [(used, seconds) for used, seconds in self._dripping if not used.is_set()]

    async def _asleep(self, script: Round) -> bool:
        """Let the process stand still for longer than its lease, if it comes to the step; whether it did."""
        studio = self.studio
        if not await self._within(PATIENCE, lambda: studio.state() == "T"):
            return False
        await asyncio.sleep(1.3 * LEASE)
        if script.end is End.ASLEEP:
            studio.thaw()
        return True

    async def _replaced(self, script: Round) -> None:
        """Another process takes over what a frozen one holds; then that one wakes up."""
        studio, first = self.studio, self.studio.pid
        if await self._asleep(script):
            await studio.replace()
            await asyncio.sleep(LEASE + script.moment)
            studio.thaw(first)
            await asyncio.sleep(script.moment)
            self.met["takeovers"] += 1
        for pid in {first, studio.pid}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in {first, studio.pid}:
            studio.pid = pid
            assert await studio.ended() == KILLED, studio.log()
        await studio.until(lambda: not studio.discord.online)

    async def _within(self, seconds: float, condition: Callable[[], bool]) -> bool:
        try:
            return bool(await self.studio.discord.wait_for(condition, timeout=seconds))
        except TimeoutError:
            return False

    # -- what is known ---------------------------------------------------------------------------------------------

    def bought(self) -> list[Bought]:
        """Every task that any service ever accepted."""
        return [
            Bought(
                service=name,
                task_id=task.id,
                mark=mark_of(SERVICES[name].ordered(task.body).prompt),
                billed=task.billed / SERVICES[name].dollar,
                fault=self._fault_of(task),
            )
            for name, local in self.services.items()
            for task in local.tasks
        ]

    def _fault_of(self, task: Any) -> PaidFault | None:
        play = getattr(task, "play", None) or getattr(task, "scenario", None)
        return next((fault for scripted, fault in self.scripted if scripted is play), None)


def mark_of(prompt: str) -> int:
    """The number in a prompt, by which a request is known everywhere."""
    found = MARK.search(prompt)
    assert found is not None, f"not one of ours: {prompt}"
    return int(found[1])


@asynccontextmanager
async def open_laboratory(
    folder: Path, *, database: str, services: Sequence[str] = HIRED
) -> AsyncGenerator[Laboratory]:
    """A laboratory on a fresh database of this kind, with its bot online."""
    async with AsyncExitStack() as stack:
        opened = {name: await stack.enter_async_context(SERVICES[name].opened()) for name in services}
        environment = dict(SETTINGS)
        for name, local in opened.items():
            environment |= SERVICES[name].environment(local, TIMEOUT=TIMEOUT, CONCURRENCY="4", **EXTRA.get(name, {}))
        url = None
        if database == "postgresql":
            url = await stack.enter_async_context(postgres_server().database())
        studio = await stack.enter_async_context(
            open_doomed(folder, database_url=url, runway=None, online=True, **environment)
        )
        studio.patience = 4 * LIMIT
        yield Laboratory(studio=studio, services=opened, database=database)
