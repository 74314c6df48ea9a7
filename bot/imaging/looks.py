"""What a picture looks like in a few numbers: size, light, and the outline of what is in it."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from PIL import Image, ImageStat

from bot.domain.looks import Look

_COLUMNS: Final = 9
_ROWS: Final = 8
_FLAT: Final = 2
"""Differences of grey below this say nothing about an outline."""


def look_of(image: Image.Image, *, side: int) -> Look:
    """The look of a picture in RGB or RGBA; where it is clear, it counts as grey."""
    small = image.resize((_COLUMNS * 4, _ROWS * 4), Image.Resampling.BOX)  # pyright: ignore[reportUnknownMemberType]  # names numpy
    if small.mode == "RGBA":
        backed = Image.new("RGBA", small.size, (128, 128, 128, 255))
        backed.alpha_composite(small)
        small = backed
    grey = small.convert("L")
    light = ImageStat.Stat(grey).mean[0] / 255
    return Look(side=side, light=round(light, 4), outline=_outline(grey))


def _outline(grey: Image.Image) -> str:
    """Whether it gets brighter from left to right, in each cell of a coarse grid (a difference hash)."""
    coarse = grey.resize((_COLUMNS, _ROWS), Image.Resampling.BOX)  # pyright: ignore[reportUnknownMemberType]  # names numpy
    cells = coarse.tobytes()
    bits = 0
    for row in range(_ROWS):
        line = cells[row * _COLUMNS : (row + 1) * _COLUMNS]
        for left, right in pairwise(line):
            bits = bits << 1 | (right - left >= _FLAT)
    return f"{bits:016x}"
