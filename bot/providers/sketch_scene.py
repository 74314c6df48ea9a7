"""What all brushes of the sketch painter share: the scene, its ridges and their distance."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from bot.providers.sketch_canvas import Canvas, Point
from bot.providers.sketch_colour import Palette, darker
from bot.providers.sketch_words import Idea

Step = Callable[[], None]
"""One stroke of work: some tens of milliseconds, so that progress shows and cancelling is quick."""


@dataclass(slots=True, kw_only=True)
class Scene:
    """One picture being painted. `horizon` is a height in pixels; `loose` is the quicker, sketchier hand."""

    canvas: Canvas
    rng: random.Random
    palette: Palette
    idea: Idea
    horizon: float
    sun: Point
    loose: bool = False

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side."""
        return self.canvas.unit

    def line_of(self, base: float, height: float, roughness: float, *, lumps: float = 3) -> list[Point]:
        """A random skyline from left to right around `base`, up to `height` above it."""
        canvas, rng = self.canvas, self.rng
        waves = [
            (lumps * 1.9**octave * rng.uniform(0.8, 1.2), rng.uniform(0, math.tau), roughness**octave)
            for octave in range(7)
        ]
        total = sum(weight for _, _, weight in waves)
        points: list[Point] = []
        count = 240
        for index in range(count + 1):
            at = index / count
            sway = sum(weight * math.sin(at * math.tau * speed / 2 + start) for speed, start, weight in waves)
            points.append((at * canvas.width, base - height * (0.5 + 0.5 * sway / total * 1.6)))
        return points

    def below(self, line: list[Point]) -> list[Point]:
        """The outline of everything below a skyline."""
        canvas = self.canvas
        return [(-2.0, canvas.height + 2.0), (-2.0, line[0][1]), *line, (canvas.width + 2.0, canvas.height + 2.0)]

    def paint_land(self, line: list[Point], nearness: float, *, mist: float = 0.45) -> None:
        """Land below a skyline in the colour of its distance, fading into mist towards its foot, with a drawn edge."""
        canvas, palette = self.canvas, self.palette
        colour = palette.depth(nearness)
        top = min(y for _, y in line)
        foot = top + (canvas.height - top) * 0.75
        fade = tuple(round(a + (b - a) * mist) for a, b in zip(colour, palette.haze, strict=True))
        canvas.lay(
            canvas.mask(lambda pen: pen.shape(self.below(line))),
            canvas.gradient((top, colour), (foot, (fade[0], fade[1], fade[2]))),
        )
        self.draw_edge(line, 0.25 + 0.2 * nearness)

    def draw_edge(self, line: list[Point], opacity: float) -> None:
        """A pencil line along a skyline, a little unsteady."""
        canvas, rng = self.canvas, self.rng
        shaky = [(x, y + rng.uniform(-0.12, 0.12) * self.unit) for x, y in line]
        pencil = canvas.mask(lambda pen: pen.line(shaky, max(0.8, self.unit * 0.16)))
        canvas.lay(pencil, darker(self.palette.near, 0.5), opacity)

    def height_at(self, line: list[Point], x: float) -> float:
        """The skyline's height at a place."""
        step = self.canvas.width / (len(line) - 1)
        return line[min(len(line) - 1, max(0, round(x / step)))][1]
