"""The sketch painter's canvas: smooth masks, gradients, glows and noise, all drawn from one seeded source."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from bot.providers.sketch_colour import Colour, mix

Point = tuple[float, float]
FINE: Final = 2
"""Masks are drawn this many times larger and then reduced, which smooths their edges."""


def scaled(image: Image.Image, size: tuple[int, int], how: Image.Resampling) -> Image.Image:
    """The image at another size."""
    return image.resize(size, how)  # pyright: ignore[reportUnknownMemberType]  # names numpy


def curved(image: Image.Image, curve: Callable[[int], float]) -> Image.Image:
    """A grey image with every value put through the curve."""
    table = [min(255, max(0, round(curve(value)))) for value in range(256)]
    return image.point(table)  # pyright: ignore[reportUnknownMemberType]  # names numpy


def smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 10) -> list[Point]:
    """A soft curve through the points (Catmull-Rom)."""
    count = len(points)
    result: list[Point] = []
    for index in range(count if closed else count - 1):
        around = [index - 1, index, index + 1, index + 2]
        a, b, c, d = (points[i % count] if closed else points[min(max(i, 0), count - 1)] for i in around)
        for step in range(steps):
            t = step / steps
            result.append((_between(a[0], b[0], c[0], d[0], t), _between(a[1], b[1], c[1], d[1], t)))
    if not closed:
        result.append(points[-1])
    return result


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t)


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws on an enlarged grey mask, in the canvas's own coordinates."""

    draw: ImageDraw.ImageDraw

    def shape(self, points: Sequence[Point], value: int = 255) -> None:
        """A filled outline."""
        if len(points) > 2:
            self.draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=value)

    def oval(self, x: float, y: float, across: float, down: float | None = None, value: int = 255) -> None:
        """A filled ellipse by its centre and half axes."""
        down = across if down is None else down
        box = ((x - across) * FINE, (y - down) * FINE, (x + across) * FINE, (y + down) * FINE)
        self.draw.ellipse(box, fill=value)

    def box(self, left: float, top: float, right: float, bottom: float, value: int = 255) -> None:
        """A filled rectangle; nothing when it is turned inside out."""
        if right > left and bottom > top:
            far = (max(left * FINE, right * FINE - 1), max(top * FINE, bottom * FINE - 1))
            self.draw.rectangle(((left * FINE, top * FINE), far), fill=value)

    def line(self, points: Sequence[Point], width: float, value: int = 255) -> None:
        """A line of even width with soft joints."""
        thick = max(1, round(width * FINE))
        self.draw.line([(x * FINE, y * FINE) for x, y in points], fill=value, width=thick, joint="curve")


class Canvas:
    """A picture in the making. `unit` is a hundredth of its shorter side, so that shapes fit every format."""

    def __init__(self, size: tuple[int, int], rng: random.Random) -> None:
        self.rng = rng
        self.width, self.height = size
        self.unit = min(size) / 100
        self.image = Image.new("RGB", size)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    def mask(self, draw: Callable[[Pen], object]) -> Image.Image:
        """A grey mask with whatever `draw` puts on it."""
        fine = Image.new("L", (self.width * FINE, self.height * FINE))
        draw(Pen(ImageDraw.Draw(fine)))
        return fine.reduce(FINE)

    def lay(self, mask: Image.Image, fill: Colour | Image.Image, opacity: float = 1.0) -> None:
        """Paint a colour or an image where the mask is bright."""
        if opacity < 1:
            mask = curved(mask, lambda value: value * opacity)
        if isinstance(fill, Image.Image):
            self.image.paste(fill, (0, 0), mask)
        else:
            self.image.paste(fill, (0, 0, self.width, self.height), mask)

    def gradient(self, *stops: tuple[float, Colour]) -> Image.Image:
        """A canvas-sized image whose colour runs through the stops (height in pixels, colour) from top to bottom."""
        rows = bytes(part for y in range(self.height) for part in _at(stops, y))
        column = Image.frombytes("RGB", (1, self.height), rows)
        return scaled(column, self.size, Image.Resampling.NEAREST)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """A soft light around a point."""
        side = max(2, round(radius * 2))
        spot = curved(ImageOps.invert(Image.radial_gradient("L")), lambda value: (value / 255) ** 2.2 * 255 * strength)
        spot = scaled(spot, (side, side), Image.Resampling.BILINEAR)
        left, top = round(x - radius), round(y - radius)
        self.image.paste(colour, (left, top, left + side, top + side), spot)

    def soft(self, mask: Image.Image, radius: float) -> Image.Image:
        """The mask out of focus; far blurs are made on a small copy, which nobody can tell."""
        shrink = max(1, round(radius / 3))
        small = mask.reduce(shrink) if shrink > 1 else mask
        blurred = small.filter(ImageFilter.GaussianBlur(radius / shrink))
        return scaled(blurred, self.size, Image.Resampling.BICUBIC) if shrink > 1 else blurred

    def noise(self, across: int, down: int) -> Image.Image:
        """Soft grey clouds with about so many lumps each way, in three finenesses."""
        layers: list[Image.Image] = []
        for fineness in (1, 2, 4):
            size = (max(2, across * fineness), max(2, down * fineness))
            lumps = Image.frombytes("L", size, self.rng.randbytes(size[0] * size[1]))
            layers.append(scaled(lumps, self.size, Image.Resampling.BICUBIC))
        return Image.blend(Image.blend(layers[0], layers[1], 0.35), layers[2], 0.2)

    def veil(self, grey: Image.Image, strength: float) -> None:
        """Lighten and darken the picture softly by a grey image around 128."""
        flat = curved(grey, lambda value: 128 + (value - 128) * strength)
        self.image = ImageChops.soft_light(self.image, Image.merge("RGB", (flat, flat, flat)))

    def grain(self, strength: float) -> None:
        """Fine paper grain."""
        half = ((self.width + 1) // 2, (self.height + 1) // 2)
        # Few different values compress well, and the eye cannot tell.
        coarse = Image.frombytes("L", half, self.rng.randbytes(half[0] * half[1])).filter(ImageFilter.BoxBlur(0.6))
        self.veil(scaled(coarse, self.size, Image.Resampling.BILINEAR), strength)


def _at(stops: Sequence[tuple[float, Colour]], y: float) -> Colour:
    if y <= stops[0][0]:
        return stops[0][1]
    for (start, one), (end, other) in pairwise(stops):
        if y < end:
            return mix(one, other, (y - start) / (end - start))
    return stops[-1][1]
