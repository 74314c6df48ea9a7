"""Spreading over time what could all be done at once, for the sake of those who have to take it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Rate:
    """So many a second, and no more than `at_once` of them together: a second holds the sum of both at most.

    `clock` gives seconds.
    """

    per_second: float
    at_once: float
    clock: Callable[[], float]
    _spent: float = 0.0
    _at: float = field(default=0.0)

    def room(self) -> int:
        """How many may happen now."""
        now = self.clock()
        # A clock that was set back gives nothing back, and takes nothing either.
        self._spent = max(0.0, self._spent - max(0.0, now - self._at) * self.per_second)
        self._at = now
        return int(self.at_once - self._spent)

    def spend(self, count: int = 1) -> None:
        """So many happen now."""
        self._spent += count

    @property
    def wait(self) -> float:
        """Seconds until one more may happen, as of the last look."""
        return max(0.0, self._spent + 1 - self.at_once) / self.per_second


@dataclass(slots=True)
class Pacer:
    """One after the other, so many a second."""

    clock: Callable[[], float]
    _next: float = field(default=0.0)

    def delay(self, per_second: float) -> float:
        """Seconds until the turn of whoever asks; the next one has theirs after the time of one at this speed."""
        now = self.clock()
        turn = max(now, self._next)
        self._next = turn + 1 / per_second
        return turn - now
