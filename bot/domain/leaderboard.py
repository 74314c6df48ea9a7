"""The leaderboard of a server: who was voted for and who made most, among those who want to be listed."""

from __future__ import annotations

from dataclasses import dataclass

PLACES = 10
"""People on each list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaders:
    """Both lists, the first first, as pairs of a person and their votes or pictures; `joined` tells of the reader."""

    days: int
    voted: tuple[tuple[int, int], ...] = ()
    made: tuple[tuple[int, int], ...] = ()
    joined: bool = False
