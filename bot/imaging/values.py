"""The values of the imaging layer: limits, cleaned pictures, and what is known about a finished one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.looks import Look

NOTE_FIRST_FRAME = "note.first_frame"
NOTE_RESIZED = "note.resized"
NOTE_REENCODED = "note.reencoded"


class Format(StrEnum):
    """The picture formats that are read, named as Pillow names them."""

    PNG = "PNG"
    JPEG = "JPEG"
    WEBP = "WEBP"

    @property
    def media_type(self) -> str:
        """The format's media type."""
        return f"image/{self.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """What a reference may be, and what it becomes.

    A picture above `max_pixels` or `max_side` is refused before it is decoded (a 20 kB file can be 800 MB of pixels).
    `fit_side` is what longer sides are scaled down to: no model here makes pictures finer than 2112 pixels.
    Pictures thinner than `thinnest` (short side by long side) are refused. `memory` is how many bytes opening a
    picture may take: some kinds of file need it all for far fewer pixels than others.
    """

    max_bytes: int = 25 * 1024 * 1024
    max_pixels: int = 40_000_000
    max_side: int = 8192
    min_side: int = 16
    fit_side: int = 2560
    thinnest: float = 0.1
    memory: int = 80 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture whose bytes were written by us. `notes` are keys of sentences on what was changed.

    `bare` tells that the file it was made of held nothing but the picture either.
    """

    content: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    notes: tuple[str, ...] = ()
    look: Look | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a picture is, after it was decoded completely."""

    media_type: str
    width: int
    height: int


class DamagedPicture(ValueError):
    """Bytes that should be a picture and are none, or not a whole one."""
