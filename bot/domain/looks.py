"""What reference pictures look like, and the advice that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

TIP_SMALL = "tip.small"
TIP_LIGHT = "tip.light"
TIP_ANGLE = "tip.angle"
TIPS = (TIP_SMALL, TIP_LIGHT, TIP_ANGLE)
"""Keys of the tips, most helpful first."""

SMALL_SIDE = 512
"""Pixels of the shorter side below which a model sees few details: less than its smallest picture has."""
LIGHT_APART = 0.3
"""How far the mean light of two pictures may lie apart, of 1 between black and white."""
SAME_OUTLINE = 8
"""How many of the 64 bits of an outline may differ between two pictures of the same view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What tells reference pictures apart at a glance.

    `side` is the shorter side of the file as it came, in pixels; `light` the mean luminance from 0 (black) to 1;
    `outline` 64 bits in hexadecimal that differ in few places between pictures of the same view.
    """

    side: int
    light: float
    outline: str


def tip_for(looks: Sequence[Look]) -> str | None:
    """The one tip that helps most with these references of one request, if any does."""
    if any(look.side < SMALL_SIDE for look in looks):
        return TIP_SMALL
    pairs = list(combinations(looks, 2))
    if pairs and all(_distance(one, other) <= SAME_OUTLINE for one, other in pairs):
        return TIP_ANGLE
    if any(abs(one.light - other.light) > LIGHT_APART for one, other in pairs):
        return TIP_LIGHT
    return None


def _distance(one: Look, other: Look) -> int:
    return (int(one.outline, 16) ^ int(other.outline, 16)).bit_count()
