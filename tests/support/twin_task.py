"""A task of a local service: where its script stands and what it costs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.twin_script import Play, Reply


@dataclass(kw_only=True)
class TwinTask:
    """A task that was accepted. `body` is what was ordered, `price` what it costs in dollars when it is billed."""

    id: str
    body: dict[str, Any]
    play: Play
    created_at: float
    price: float
    usual: Sequence[str]
    billed_in: Collection[str]
    polls: int = 0
    steps: int = 0
    state: str = ""
    polled_at: list[float] = field(default_factory=list[float])

    def next_reply(self, now: float) -> Reply | None:
        """Count a poll: what is answered in place of the state, or nothing after moving on by one state."""
        self.polls += 1
        self.polled_at.append(now)
        if self.polls <= len(self.play.polls):
            return self.play.polls[self.polls - 1]
        self.advance()
        return None

    def advance(self) -> None:
        """The next state of the script."""
        states = self.play.states or self.usual
        self.state = states[min(self.steps, len(states) - 1)]
        self.steps += 1

    def proceed(self, play: Play) -> None:
        """Go on with another script from its beginning."""
        self.play, self.steps, self.polls = play, 0, 0

    @property
    def billed(self) -> float:
        """What it was billed so far, in dollars."""
        if self.state not in self.billed_in:
            return 0
        return self.price if self.play.costs is None else self.play.costs
