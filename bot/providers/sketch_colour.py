"""Colours of the sketch painter: mixing them, and the palettes for each light."""

from __future__ import annotations

import colorsys
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

Colour = tuple[int, int, int]


class Light(StrEnum):
    """The time of day, which decides the palette."""

    DAWN = "dawn"
    DAY = "day"
    SUNSET = "sunset"
    NIGHT = "night"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one picture. `sky` goes from the top to the horizon."""

    sky: tuple[Colour, Colour, Colour]
    haze: Colour
    far: Colour
    near: Colour
    water: Colour
    accent: Colour
    light: Colour
    dark: bool = False

    def depth(self, nearness: float) -> Colour:
        """The colour of land at a distance: 0 is the horizon, 1 is here."""
        if nearness < 0.5:
            return mix(mix(self.haze, self.far, 0.45), self.far, nearness * 2)
        return mix(self.far, self.near, nearness * 2 - 1)


def parse(text: str) -> Colour:
    """`#rrggbb` as a colour."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """The colour between two, `share` of the way from the first to the second."""
    share = min(1.0, max(0.0, share))
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def lighter(colour: Colour, share: float) -> Colour:
    """The colour mixed with warm white."""
    return mix(colour, (255, 250, 240), share)


def darker(colour: Colour, share: float) -> Colour:
    """The colour mixed with a blue black."""
    return mix(colour, (12, 12, 28), share)


def turned(colour: Colour, degrees: float) -> Colour:
    """The colour with its hue turned."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(part / 255 for part in colour))
    red, green, blue = colorsys.hsv_to_rgb((hue + degrees / 360) % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _palette(sky: str, haze: str, far: str, near: str, water: str, accent: str, light: str) -> Palette:
    top, middle, low = (parse(part) for part in sky.split())
    return Palette(
        sky=(top, middle, low),
        haze=parse(haze),
        far=parse(far),
        near=parse(near),
        water=parse(water),
        accent=parse(accent),
        light=parse(light),
        dark=sum(middle) < 300,
    )


PALETTES: Final[dict[Light, tuple[Palette, ...]]] = {
    Light.DAWN: (
        _palette("#6f86b8 #e9b4b0 #fde2bd", "#f8d8bd", "#b596b0", "#3f3d63", "#7f8fb5", "#f07f56", "#fff4d8"),
        _palette("#8fb3c9 #f3cfc0 #fff0d2", "#fbe4cd", "#a9a7b8", "#35506a", "#8fb0c0", "#e8746a", "#fff7df"),
    ),
    Light.DAY: (
        _palette("#3f8fc9 #93c9e4 #eef4e4", "#e0eee6", "#86b3b8", "#2a6a52", "#3f8fae", "#e4572e", "#fffbe8"),
        _palette("#5aa0c8 #b8dbe0 #f7f1da", "#efead2", "#9dbb8c", "#3f6d3a", "#4fa3a5", "#ef8a3c", "#fffbe0"),
        _palette("#4c86b5 #a9cfdd #f3efe4", "#e8e9e0", "#8aa7c2", "#2f4f68", "#3c7f9f", "#d94f4f", "#fffaf0"),
    ),
    Light.SUNSET: (
        _palette("#33306b #b94d70 #f9ab62", "#fbc07e", "#a3557a", "#2c1c3e", "#6b3f6f", "#ffd166", "#ffeeb8"),
        _palette("#2b4a73 #d77a61 #f8cf8a", "#f9d79a", "#8f5f6f", "#2a2338", "#4f5f80", "#f25f4c", "#fff0c2"),
        _palette("#4a2c63 #e0607e #ffc59b", "#ffd0ae", "#b0608f", "#301f47", "#7b4a85", "#ffb347", "#fff0cf"),
    ),
    Light.NIGHT: (
        _palette("#060a22 #14224f #3a4d86", "#46588f", "#35457c", "#090e26", "#1b2c5f", "#ffcf70", "#f6f2dc"),
        _palette("#08131f #123a4f #2f7074", "#3a7c7c", "#24595f", "#07161d", "#124653", "#f9b64f", "#eef4e0"),
        _palette("#120a26 #33205c #7a4a86", "#845592", "#573a78", "#130a22", "#38265f", "#ff8fa3", "#fff0e0"),
    ),
}


def choose(light: Light, tints: Sequence[Colour], rng: random.Random) -> Palette:
    """A palette for the light, a little different each time, drawn towards the tints."""
    palette = rng.choice(PALETTES[light])
    turn = rng.uniform(-10, 10)
    top, middle, low = (turned(colour, turn) for colour in palette.sky)
    palette = replace(
        palette,
        sky=(top, middle, low),
        haze=turned(palette.haze, turn),
        far=turned(palette.far, turn * 1.5),
        near=turned(palette.near, turn * 1.5),
        water=turned(palette.water, turn),
    )
    return tinted(palette, tints) if tints else palette


def tinted(palette: Palette, tints: Sequence[Colour]) -> Palette:
    """The palette drawn towards one to three colours: the first into the land, the next into sky and accent."""
    land, sky, accent = tints[0], tints[1 % len(tints)], tints[2 % len(tints)]
    top, middle, low = palette.sky
    return replace(
        palette,
        sky=(mix(top, darker(sky, 0.35), 0.42), mix(middle, sky, 0.38), mix(low, lighter(sky, 0.55), 0.3)),
        haze=mix(palette.haze, lighter(sky, 0.5), 0.3),
        far=mix(palette.far, lighter(land, 0.15), 0.45),
        near=mix(palette.near, darker(land, 0.55), 0.5),
        water=mix(palette.water, sky, 0.35),
        accent=mix(palette.accent, accent, 0.7),
    )
