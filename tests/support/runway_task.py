"""A task of a local Runway: where its script stands and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.runway_rules import CheckedReference, price
from tests.support.runway_script import End, Scenario


@dataclass(kw_only=True)
class LocalTask:
    """A task that was accepted. `billed` are credits, decided when it ends."""

    id: str
    body: dict[str, Any]
    references: list[CheckedReference]
    scenario: Scenario
    created_at: float
    polls: int = 0
    steps: int = 0
    status: str = "PENDING"
    progress: float | None = None
    billed: float = 0
    deleted: bool = False
    polled_at: list[float] = field(default_factory=list[float])

    @property
    def price(self) -> int:
        """What it costs when it succeeds."""
        return price(self.body)

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in {"SUCCEEDED", "FAILED", "CANCELLED"}

    def proceed(self, scenario: Scenario) -> None:
        """Go on with another script from its beginning."""
        self.scenario, self.steps = scenario, 0

    def advance(self) -> None:
        """One step of the script."""
        if self.ended:
            return
        script = self.scenario
        line: list[tuple[str, float | None]] = [("PENDING", None)] * script.queue
        line += [("THROTTLED", None)] * script.throttled
        line += [("RUNNING", progress) for progress in script.running]
        if self.steps < len(line):
            self.status, self.progress = line[self.steps]
        elif script.end is End.NEVER:
            self.status, self.progress = "RUNNING", script.running[-1] if script.running else 0.5
        else:
            self.finish(script.end.value)
        self.steps += 1

    def finish(self, status: str) -> None:
        """End, and decide what it costs."""
        moderated = (self.scenario.failure_code or "").upper().startswith("SAFETY")
        due = self.price if status == "SUCCEEDED" or (status == "FAILED" and moderated) else 0
        if status == "CANCELLED":
            due = self.price if self.status == "RUNNING" else 0
        self.billed = due if self.scenario.credits is None else self.scenario.credits
        self.status = status
