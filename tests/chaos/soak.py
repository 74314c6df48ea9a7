"""Steady traffic for as long as one likes: does the bot's process stay as small as it was?"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import linear_regression, mean

from bot.domain.job import JobState
from bot.playground.actors import ActionRefused, Interaction, Upload
from tests.chaos.laboratory import SETTINGS
from tests.support.doomed import PEOPLE, DoomedStudio, open_doomed
from tests.support.png import small_png
from tests.support.runway import LocalRunway

SAMPLE_SECONDS = 10.0
WARM_UP = 0.15
"""The share of the time that is left out: caches fill, the allocator takes what it needs."""

MIB = 1024 * 1024
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Sample:
    """The process at a moment."""

    at: float
    rss: float
    files: int
    threads: int


@dataclass
class Soak:
    """People who use the bot all the time, and somebody who watches its process."""

    studio: DoomedStudio
    per_second: float
    dice: Random
    say: Callable[[str], None]
    samples: list[Sample] = field(default_factory=list[Sample])
    done: Counter[str] = field(default_factory=Counter[str])
    _asked: list[Interaction] = field(default_factory=list[Interaction])

    async def run(self, minutes: float) -> None:
        """Go on for so long; every request is brought to its end afterwards."""
        began, over = time.monotonic(), time.monotonic() + 60 * minutes
        watching = asyncio.create_task(self._watch(began))
        acting: set[asyncio.Task[None]] = set()
        while time.monotonic() < over:
            task = asyncio.create_task(self._act())
            acting.add(task)
            task.add_done_callback(acting.discard)
            await asyncio.sleep(self.dice.expovariate(self.per_second))
        await asyncio.gather(*acting)
        watching.cancel()

    async def _act(self) -> None:
        """One person does one thing."""
        person = self.studio.person(self.dice.choice(PEOPLE))
        way = self.dice.choices(("imagine", "reroll", "cancel", "quota", "queue", "refused"), (70, 12, 3, 6, 4, 5))[0]
        self.done[way] += 1
        with suppress(ActionRefused, StopIteration):
            match way:
                case "reroll" | "cancel" if self._asked:
                    label = "Reroll" if way == "reroll" else "Cancel"
                    await person.press(self._message(way), label=label)
                case "quota" | "queue":
                    await person.slash("studio", way)
                case "refused":
                    await person.slash("studio", "imagine", {"prompt": "a cat --ar 100:1"})
                case _:
                    await self._imagine(person.name)

    async def _imagine(self, name: str) -> None:
        options = {"image1": Upload(filename="model.png", data=small_png(320, 200))} if self.dice.random() < 0.4 else {}
        prompt = f"{'@model' if options else 'a boat'} in picture nr {sum(self.done.values())}"
        options |= {"count": self.dice.choice((1, 1, 1, 2))}
        asked = await self.studio.person(name).slash("studio", "imagine", {"prompt": prompt, **options})
        if asked.message_id is not None:
            self._asked.append(asked)

    def _message(self, way: str) -> str:
        """A recent card, or the first message of its thread that has pictures."""
        asked = self._asked[-1] if way == "cancel" else self.dice.choice(self._asked[-200:])
        assert asked.message_id is not None
        if way == "cancel":
            return asked.message_id
        with suppress(LookupError):
            return next(each["id"] for each in self.studio.discord.messages(asked.message_id) if each["attachments"])
        raise StopIteration

    async def _watch(self, began: float) -> None:
        lines = 0
        while True:
            sample = _look(self.studio.pid, time.monotonic() - began)
            self.samples.append(sample)
            if sample.at >= 60 * lines:
                lines += 1
                actions = sum(self.done.values())
                self.say(
                    f"{sample.at / 60:5.1f} min · {actions} actions · {self.studio.posts()} results · "
                    f"{sample.rss:.1f} MiB · {sample.files} files · {sample.threads} threads"
                )
            await asyncio.sleep(SAMPLE_SECONDS)

    def table(self) -> list[tuple[str, object]]:
        """What came of it."""
        minutes = self.samples[-1].at / 60
        steady = [each for each in self.samples if each.at >= WARM_UP * self.samples[-1].at]
        slope, _ = linear_regression([each.at / 3600 for each in steady], [each.rss for each in steady])
        third = max(1, len(steady) // 3)
        first, last = (mean(each.rss for each in part) for part in (steady[:third], steady[-third:]))
        actions = sum(self.done.values())
        return [
            ("minutes", f"{minutes:.1f}, the first {WARM_UP:.0%} left out below"),
            ("actions", f"{actions} ({actions / minutes / 60:.2f} a second)"),
            *((f"  {way}", times) for way, times in self.done.most_common()),
            ("resident memory, first third", f"{first:.1f} MiB"),
            ("resident memory, last third", f"{last:.1f} MiB"),
            ("most", f"{max(each.rss for each in self.samples):.1f} MiB"),
            ("slope", f"{slope:+.2f} MiB an hour"),
            ("open files", f"{steady[0].files} at first, {steady[-1].files} at last"),
            ("threads", f"{steady[0].threads} at first, {steady[-1].threads} at last"),
        ]


def _look(pid: int, at: float) -> Sample:
    folder = Path(f"/proc/{pid}")
    resident = int((folder / "statm").read_text().split()[1]) * PAGE / MIB
    threads = len(list((folder / "task").iterdir()))
    return Sample(at=at, rss=resident, files=len(list((folder / "fd").iterdir())), threads=threads)


async def soak(*, seed: int, minutes: float, per_second: float, say: Callable[[str], None]) -> None:
    """Let people use a bot for a while; say how its process fared.

    Raises:
        AssertionError: a request did not come to a good end.
    """
    with tempfile.TemporaryDirectory(prefix="atelier-soak-") as folder:
        async with LocalRunway.open(credits=10_000_000) as runway:
            runway.a_day, runway.at_once = 1_000_000, 8
            settings = {**SETTINGS, "BOT_PROVIDERS__RUNWAY__CONCURRENCY": "8", "BOT_JOBS__LEASE": "30"}
            async with open_doomed(Path(folder), runway=runway, online=True, **settings) as studio:
                traffic = Soak(studio=studio, per_second=per_second, dice=Random(seed), say=say)
                await traffic.run(minutes)
                await studio.settled()
                books = await studio.books()
                assert books.wrong == [], books.wrong
                assert set(books.states) <= {JobState.SUCCEEDED, JobState.CANCELLED}, Counter(books.states)
                results = len(studio.results())
                assert results == sum(bool(each.outputs) for each in books.requests)
                assert await studio.stop(seconds=20) == 0
                for name, value in [*traffic.table(), ("requests", len(books.requests)), ("results posted", results)]:
                    say(f"{name:<32}  {value}")
