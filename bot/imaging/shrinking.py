"""Making large pictures smaller in bands, so that beside the picture itself only one band is ever held."""

from __future__ import annotations

import math
from typing import Final

from PIL import Image

from bot.imaging.modes import plain_mode

_BAND: Final = 128
"""Rows of the smaller picture that are made at a time."""
_REACH: Final = 3
"""How many pixels to each side the Lanczos filter looks at, in pixels of the smaller picture."""


def shrunk(image: Image.Image, side: int) -> Image.Image:
    """The picture in a plain mode with no side longer than `side`."""
    scale = side / max(image.size)
    if scale >= 1:
        return plain_mode(image)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    target: Image.Image | None = None
    for top in range(0, size[1], _BAND):
        piece = _piece(image, size, top, min(top + _BAND, size[1]))
        if target is None:
            target = Image.new(piece.mode, size)
        target.paste(piece, (0, top))
    assert target is not None
    return target


def _piece(image: Image.Image, size: tuple[int, int], top: int, bottom: int) -> Image.Image:
    """The rows from `top` to `bottom` of the picture resized to `size`."""
    step = image.height / size[1]
    first, last = top * step, bottom * step
    reach = math.ceil(_REACH * step) + 1
    start, end = max(0, math.floor(first) - reach), min(image.height, math.ceil(last) + reach)
    band = plain_mode(image.crop((0, start, image.width, end)))
    box = (0.0, first - start, float(image.width), min(last - start, float(band.height)))
    return band.resize((size[0], bottom - top), Image.Resampling.LANCZOS, box)  # pyright: ignore[reportUnknownMemberType]  # names numpy
