"""Snowflake ids: unique, in order of creation, and carrying the time they were made."""

from __future__ import annotations

from collections.abc import Callable

# Milliseconds between the Unix epoch and the first second of 2015 (Discord reference, "Snowflakes").
DISCORD_EPOCH_MS = 1_420_070_400_000
TIME_SHIFT = 22


class Snowflakes:
    """Hands out ids that rise strictly, even within one millisecond or when the clock steps back."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """A new id."""
        made = (int(self._clock() * 1000) - DISCORD_EPOCH_MS) << TIME_SHIFT
        self._last = max(made, self._last + 1)
        return str(self._last)


def made_at(snowflake: str) -> float:
    """The Unix time at which an id was made."""
    return ((int(snowflake) >> TIME_SHIFT) + DISCORD_EPOCH_MS) / 1000
