"""Looking at a finished picture: is it whole, and what is it."""

from __future__ import annotations

from typing import Final

from bot.imaging.headers import format_of
from bot.imaging.opening import open_picture
from bot.imaging.values import DamagedPicture, ImageLimits, Probe

LIMITS: Final = ImageLimits()


def probe(content: bytes, *, limits: ImageLimits = LIMITS) -> Probe:
    """What the picture is, after decoding all of it.

    Raises:
        DamagedPicture: it is none, or not a whole one, or larger than anything that was ordered.
    """
    kind = format_of(content)
    if kind is None:
        raise DamagedPicture("no picture")
    image = open_picture(content, limits)
    return Probe(media_type=kind.media_type, width=image.width, height=image.height)
