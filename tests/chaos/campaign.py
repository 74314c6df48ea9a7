"""Rounds in a row: episodes in fresh laboratories, reckoned with after every round, and the table that sums them up."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bot.domain.job import Delivery
from bot.domain.ledger import EntryKind
from bot.domain.money import FREE, Money
from tests.chaos.laboratory import STOP_LIMIT, Laboratory, open_laboratory
from tests.chaos.reckoning import Evidence, after_a_round, gather, when_all_is_quiet
from tests.chaos.rounds import HIRED, Round, draw
from tests.support.bench import REPOSITORY

ROUNDS_OF_AN_EPISODE = 25
QUIET_LIMIT = 300.0
"""Seconds until every request must have ended once nothing goes wrong: a service that failed often rests for 30."""

Say = Callable[[str], None]


class Broken(Exception):
    """A promise was broken; the sentences, and how to see it again."""


@dataclass
class Tally:
    """What was done and what came of it."""

    rounds: int = 0
    episodes: int = 0
    ends: Counter[str] = field(default_factory=Counter[str])
    met: Counter[str] = field(default_factory=Counter[str])
    jobs: Counter[str] = field(default_factory=Counter[str])
    requests: int = 0
    unanswered: int = 0
    accepted: int = 0
    submissions: int = 0
    posts: int = 0
    elsewhere: int = 0
    kept: int = 0
    billed: Money = FREE
    charged: Money = FREE
    borne: Money = FREE
    longest_stop: float = 0.0

    def add(self, lab: Laboratory, evidence: Evidence) -> None:
        """Count what a finished episode came to."""
        self.episodes += 1
        self.met += lab.met
        self.longest_stop = max(self.longest_stop, *lab.stops, 0.0)
        self.jobs += Counter(job.state.value for _, job in evidence.jobs())
        kept = [record.delivery is not Delivery.WITHDRAWN for record in evidence.books.requests]
        self.requests += sum(kept)
        self.unanswered += len(kept) - sum(kept)
        self.accepted += len(evidence.bought)
        self.submissions += sum(local.submissions for local in lab.services.values())
        self.posts += sum(map(len, evidence.posts.values()))
        self.kept += sum(each.delivery is Delivery.UNDELIVERABLE for each in evidence.books.requests)
        self.elsewhere += sum(evidence.is_elsewhere(each) for each in evidence.books.requests)
        self.billed += sum((Money.dollars(f"{each.billed:.4f}") for each in evidence.bought), FREE)
        self.charged += evidence.books.totals[EntryKind.CHARGE][1]
        self.borne += evidence.books.totals[EntryKind.LOSS][1]

    def table(self) -> Iterator[str]:
        """The lines of the closing table."""
        rows: list[tuple[str, object]] = [
            ("rounds", f"{self.rounds} in {self.episodes} episodes"),
            *((f"  {end}", times) for end, times in self.ends.most_common()),
            ("longest stop after SIGTERM", f"{self.longest_stop:.1f} s"),
            ("faults met", sum(self.met.values())),
            *((f"  {fault}", times) for fault, times in sorted(self.met.items())),
            ("requests that were answered", self.requests),
            ("requests that nobody saw answered", f"{self.unanswered}, all given back"),
            ("jobs", sum(self.jobs.values())),
            *((f"  {state}", times) for state, times in self.jobs.most_common()),
            ("paid requests that reached a service", self.submissions),
            ("tasks that services accepted", self.accepted),
            ("results posted", self.posts),
            ("  not where they belong, as that was refused", self.elsewhere),
            ("results kept, as every place refused them", self.kept),
            ("billed by services", self.billed),
            ("charged to people", self.charged),
            ("borne by the operator", self.borne),
            ("lost · submitted twice · posted twice · wrong sums", "0 · 0 · 0 · 0"),
        ]
        width = max(len(name) for name, _ in rows)
        return (f"{name:<{width}}  {value}" for name, value in rows)


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """Rounds from one seed on one kind of database; `lanes` is how many laboratories are at work side by side."""

    seed: int
    database: str
    say: Say
    lanes: int = 3
    services: Sequence[str] = HIRED
    tally: Tally = field(default_factory=Tally)

    async def run(self, *, rounds: int | None = None, minutes: float | None = None, first: int = 1) -> Tally:
        """Play rounds from an episode on until there were enough, or the time is over.

        Raises:
            Broken: a promise was broken.
        """
        over = None if minutes is None else time.monotonic() + 60 * minutes
        episodes = self._episodes(rounds, over, first)

        async def lane() -> None:
            for episode, rounds_of_it in episodes:
                await self.episode(episode, rounds=rounds_of_it)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.lanes):
                    group.create_task(lane())
        except* Broken as broken:
            raise broken.exceptions[0] from None
        return self.tally

    def _episodes(self, rounds: int | None, over: float | None, first: int) -> Iterator[tuple[int, int]]:
        """Numbers of episodes, each with how many rounds it has, until there were enough."""
        for episode in count(first):
            done = (episode - first) * ROUNDS_OF_AN_EPISODE
            if (rounds is not None and done >= rounds) or (over is not None and time.monotonic() > over):
                return
            yield episode, ROUNDS_OF_AN_EPISODE if rounds is None else min(ROUNDS_OF_AN_EPISODE, rounds - done)

    async def episode(self, episode: int, *, rounds: int = ROUNDS_OF_AN_EPISODE) -> None:
        """Play one episode to its quiet end.

        Raises:
            Broken: a promise was broken; the folder with the log stays.
        """
        folder = Path(tempfile.mkdtemp(prefix="atelier-chaos-"))
        played: list[Round] = []
        try:
            async with open_laboratory(folder, database=self.database, services=self.services) as lab:
                await self._play(lab, episode, rounds, played)
        except (Broken, AssertionError, TimeoutError) as error:
            lines = (
                f"{error or type(error).__name__}\n\nThe rounds so far:",
                *(f"  {each}" for each in played),
                f"The bot's log is in {folder}",
                f"Again: python -m tests.chaos --seed {self.seed} --episode {episode} --database {self.database}"
                f" --services {' '.join(self.services)}",
            )
            raise Broken("\n".join(lines)) from error
        shutil.rmtree(folder)

    async def _play(self, lab: Laboratory, episode: int, rounds: int, played: list[Round]) -> None:
        began = time.monotonic()
        for number in range(1, rounds + 1):
            script = draw(self.seed, episode, number, database=self.database, services=self.services)
            played.append(script)
            await lab.play(script)
            _assert_none(after_a_round(lab, await gather(lab)))
            self.tally.rounds += 1
            self.tally.ends[script.end] += 1
            await lab.studio.restart()
        played_for = time.monotonic() - began
        evidence = await self._quiet(lab)
        self.tally.add(lab, evidence)
        self.say(
            f"seed {self.seed} · episode {episode} · {self.tally.rounds} rounds · {played_for / rounds:.2f} s a round, "
            f"then quiet in {time.monotonic() - began - played_for:.1f} s · {self.tally.requests} requests · "
            f"{self.tally.accepted} tasks · nothing lost, doubled or wrong"
        )

    async def _quiet(self, lab: Laboratory) -> Evidence:
        """Let everything come to its end, and look at it all."""
        await lab.calm()
        give_up = time.monotonic() + QUIET_LIMIT
        while True:
            await asyncio.sleep(0.5)
            evidence = await gather(lab)
            open_ = [each for each in evidence.books.requests if not each.ended or each.delivery is Delivery.PENDING]
            if not open_ or time.monotonic() > give_up:
                break
        # A look takes a while, and what ended in the course of it may have been posted after it looked there.
        evidence = await gather(lab)
        _assert_none(await when_all_is_quiet(lab, evidence))
        assert await lab.studio.stop(seconds=STOP_LIMIT) == 0, lab.studio.log()
        verified = await asyncio.to_thread(_verify, lab)
        assert verified.returncode == 0, f"db verify: {verified.stdout}{verified.stderr}"
        return evidence


def _assert_none(findings: list[str]) -> None:
    if findings:
        raise Broken("\n".join(findings))


def _verify(lab: Laboratory) -> subprocess.CompletedProcess[str]:
    """`python -m bot db verify`, as an operator types it."""
    return subprocess.run(
        [sys.executable, "-m", "bot", "db", "verify"],
        cwd=lab.studio.folder,
        env={**os.environ, **lab.studio.environment, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
