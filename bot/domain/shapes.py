"""Ratios, resolutions and exact sizes that Gen-4 Image knows, and what people may type for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.errors import InvalidRequest


class Ratio(StrEnum):
    """Width to height, written as people write it (21:9 is not reduced to 7:3)."""

    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"
    CLASSIC = "4:3"
    PORTRAIT = "3:4"
    CINEMA = "21:9"


class Resolution(StrEnum):
    """The price tier of a size."""

    P720 = "720p"
    P1080 = "1080p"


class Model(StrEnum):
    """The models of Gen-4 Image; turbo needs at least one reference."""

    GEN4_IMAGE = "gen4_image"
    GEN4_IMAGE_TURBO = "gen4_image_turbo"


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """Width and height in pixels, written `1808:768`."""

    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Size | None:
        """Read `1808:768` or `1808x768`; `None` when the text is no size at all."""
        match = re.fullmatch(r"\s*([0-9]{2,5})\s*[:x×]\s*([0-9]{2,5})\s*", text)
        return cls(int(match[1]), int(match[2])) if match else None

    def __str__(self) -> str:
        return f"{self.width}:{self.height}"


SIZES: dict[tuple[Ratio, Resolution], Size] = {
    (Ratio.WIDE, Resolution.P720): Size(1280, 720),
    (Ratio.WIDE, Resolution.P1080): Size(1920, 1080),
    (Ratio.TALL, Resolution.P720): Size(720, 1280),
    (Ratio.TALL, Resolution.P1080): Size(1080, 1920),
    (Ratio.SQUARE, Resolution.P720): Size(720, 720),
    (Ratio.SQUARE, Resolution.P1080): Size(1080, 1080),
    (Ratio.CLASSIC, Resolution.P720): Size(960, 720),
    (Ratio.CLASSIC, Resolution.P1080): Size(1440, 1080),
    (Ratio.PORTRAIT, Resolution.P720): Size(720, 960),
    (Ratio.PORTRAIT, Resolution.P1080): Size(1080, 1440),
    (Ratio.CINEMA, Resolution.P720): Size(1680, 720),
    (Ratio.CINEMA, Resolution.P1080): Size(2112, 912),
}
"""What each shape is in pixels at Runway (`ratio` enum of text_to_image, runwayml 5.24.0)."""

EXACT_SIZES: dict[Size, Ratio] = {
    Size(1024, 1024): Ratio.SQUARE,
    Size(1168, 880): Ratio.CLASSIC,
    Size(1360, 768): Ratio.WIDE,
    Size(1808, 768): Ratio.CINEMA,
}
"""The sizes of the same enum that lie between the two resolutions; they are billed like 1080p until told otherwise."""

ALL_SIZES: dict[Size, tuple[Ratio, Resolution]] = {size: key for key, size in SIZES.items()} | {
    size: (ratio, Resolution.P1080) for size, ratio in EXACT_SIZES.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a person wants the picture's outline to be: a ratio at a resolution, or one exact size.

    With `size` set, `ratio` and `resolution` are the family and price tier of that size.
    """

    ratio: Ratio = Ratio.WIDE
    resolution: Resolution = Resolution.P720
    size: Size | None = None

    @classmethod
    def of_size(cls, size: Size) -> Shape:
        """The shape with exactly this size.

        Raises:
            InvalidRequest: Gen-4 Image does not know the size.
        """
        if size not in ALL_SIZES:
            raise InvalidRequest("refused.size", size=str(size), nearest=str(nearest_size(size)))
        ratio, resolution = ALL_SIZES[size]
        exact = size if size in EXACT_SIZES else None
        return cls(ratio=ratio, resolution=resolution, size=exact)

    def __str__(self) -> str:
        return str(self.size) if self.size else f"{self.ratio} {self.resolution}"


def nearest_size(size: Size) -> Size:
    """The known size whose sides differ least from the given ones."""
    return min(ALL_SIZES, key=lambda known: abs(known.width - size.width) + abs(known.height - size.height))
