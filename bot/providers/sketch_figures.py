"""Living and moving things for the sketch painter: a cat, birds, boats, balloons."""

from __future__ import annotations

import math

from PIL import ImageChops

from bot.providers.sketch_canvas import Pen, Point, smooth
from bot.providers.sketch_colour import darker, lighter, mix
from bot.providers.sketch_scene import Scene

_CAT_BODY: tuple[Point, ...] = (
    (-0.05, -0.62), (0.1, -0.56), (0.17, -0.4), (0.25, -0.22), (0.28, -0.06), (0.2, 0.01), (0.0, 0.02),
    (-0.2, 0.01), (-0.27, -0.06), (-0.24, -0.24), (-0.17, -0.42), (-0.14, -0.56),
)  # fmt: skip
_CAT_HEAD: tuple[Point, ...] = (
    (-0.2, -0.74), (-0.17, -0.83), (-0.08, -0.87), (0.0, -0.875), (0.08, -0.87), (0.17, -0.83), (0.2, -0.74),
    (0.15, -0.63), (0.06, -0.58), (0.0, -0.575), (-0.06, -0.58), (-0.15, -0.63),
)  # fmt: skip
_CAT_TAIL: tuple[Point, ...] = ((0.2, -0.04), (0.36, -0.02), (0.48, -0.1), (0.49, -0.26), (0.41, -0.36), (0.44, -0.44))


def cat(scene: Scene, x: float, ground: float, size: float) -> None:
    """A cat that sits with its back to us and looks into the picture."""
    canvas, palette, rng = scene.canvas, scene.palette, scene.rng
    turn = rng.choice((-1, 1))

    def at(points: tuple[Point, ...]) -> list[Point]:
        return [(x + turn * px * size, ground + py * size) for px, py in points]

    def draw(pen: Pen) -> None:
        pen.shape(smooth(at(_CAT_BODY)))
        pen.shape(smooth(at(_CAT_HEAD)))
        pen.shape(at(((-0.2, -0.74), (-0.19, -1.0), (-0.04, -0.85))))
        pen.shape(at(((0.2, -0.74), (0.19, -1.0), (0.04, -0.85))))
        tail = smooth(at(_CAT_TAIL), closed=False)
        pen.line(tail, size * 0.075)
        pen.oval(*tail[-1], size * 0.036)

    fur = rng.choice(((38, 34, 46), (214, 128, 62), (118, 112, 118), (236, 226, 212), (92, 66, 52)))
    body = canvas.mask(draw)
    shadow = canvas.mask(lambda pen: pen.oval(x, ground + size * 0.01, size * 0.42, size * 0.06))
    canvas.lay(canvas.soft(shadow, size * 0.04), darker(palette.near, 0.8), 0.55)
    canvas.lay(body, mix(fur, palette.near, 0.5 if palette.dark else 0.12))
    bands = canvas.mask(
        lambda pen: [
            pen.line(smooth(at(((-0.26, y), (-0.1, y + 0.05), (0.1, y + 0.05), (0.26, y))), closed=False), size * 0.03)
            for y in (-0.5, -0.41, -0.32, -0.22, -0.12, -0.81, -0.76)
        ]
    )
    canvas.lay(ImageChops.multiply(bands, body), darker(fur, 0.45), 0.5)
    towards = 1 if scene.sun[0] > x else -1
    inner = canvas.soft(body, size * 0.02)
    rim = ImageChops.subtract(body, ImageChops.offset(inner, round(-towards * size * 0.02), round(size * 0.022)))
    canvas.lay(rim, palette.light, 0.5)
    whiskers = canvas.mask(
        lambda pen: [
            pen.line(at(((s * 0.14, -0.67), (s * 0.34, -0.7 + d))), size * 0.008) for s in (-1, 1) for d in (0, 0.05)
        ]
    )
    canvas.lay(whiskers, lighter(fur, 0.6), 0.7)


def birds(scene: Scene) -> None:
    """A loose flock far away."""
    canvas, rng = scene.canvas, scene.rng
    x, y = canvas.width * rng.uniform(0.2, 0.8), scene.horizon * rng.uniform(0.2, 0.55)
    flock = [
        (x + rng.gauss(0, 13) * scene.unit, y + rng.gauss(0, 5) * scene.unit, scene.unit * rng.uniform(0.9, 2.2))
        for _ in range(rng.randint(6, 11))
    ]

    def draw(pen: Pen) -> None:
        for bx, by, span in flock:
            lift = span * rng.uniform(0.25, 0.6)
            wing = [(bx - span, by - lift * 0.4), (bx - span * 0.5, by - lift), (bx, by)]
            other = [(bx, by), (bx + span * 0.5, by - lift), (bx + span, by - lift * 0.4)]
            pen.line(smooth(wing, closed=False), scene.unit * 0.28)
            pen.line(smooth(other, closed=False), scene.unit * 0.28)

    canvas.lay(canvas.mask(draw), darker(scene.palette.near, 0.2), 0.85)


def boat(scene: Scene, x: float, y: float, size: float) -> None:
    """A sailing boat with its reflection."""
    canvas, palette = scene.canvas, scene.palette

    def hull(pen: Pen) -> None:
        pen.shape(
            [
                (x - size * 0.5, y - size * 0.16),
                (x + size * 0.56, y - size * 0.2),
                (x + size * 0.36, y),
                (x - size * 0.38, y),
            ]
        )
        pen.line([(x, y - size * 0.1), (x, y - size * 1.3)], size * 0.03)

    def sails(pen: Pen) -> None:
        main = [
            (x + size * 0.04, y - size * 1.28),
            (x + size * 0.36, y - size * 0.7),
            (x + size * 0.52, y - size * 0.28),
        ]
        pen.shape([*smooth(main, closed=False), (x + size * 0.04, y - size * 0.24)])
        pen.shape(
            [(x - size * 0.04, y - size * 1.15), (x - size * 0.04, y - size * 0.26), (x - size * 0.42, y - size * 0.24)]
        )

    ghost = canvas.mask(
        lambda pen: pen.shape(
            [
                (x - size * 0.36, y),
                (x + size * 0.42, y),
                (x + size * 0.1, y + size * 0.9),
                (x - size * 0.1, y + size * 0.7),
            ]
        )
    )
    canvas.lay(canvas.soft(ghost, size * 0.07), darker(palette.water, 0.5), 0.4)
    canvas.lay(canvas.mask(hull), darker(mix(palette.accent, palette.near, 0.55), 0.2))
    canvas.lay(canvas.mask(sails), lighter(palette.light, 0.35), 0.96)


def balloon(scene: Scene, x: float, y: float, size: float) -> None:
    """A hot-air balloon in stripes."""
    canvas, palette = scene.canvas, scene.palette
    skin = canvas.mask(
        lambda pen: (
            pen.oval(x, y, size * 0.5, size * 0.52),
            pen.shape(
                [
                    (x - size * 0.46, y + size * 0.2),
                    (x + size * 0.46, y + size * 0.2),
                    (x + size * 0.1, y + size * 0.74),
                    (x - size * 0.1, y + size * 0.74),
                ]
            ),
        )
    )
    canvas.lay(skin, lighter(palette.accent, 0.1))

    canvas.lay(
        ImageChops.multiply(canvas.mask(lambda pen: _gores(pen, x, y, size)), skin), lighter(palette.light, 0.3), 0.92
    )
    side = canvas.mask(lambda pen: pen.oval(x - size * 0.3, y - size * 0.1, size * 0.62, size * 0.8))
    canvas.lay(
        ImageChops.multiply(ImageChops.invert(canvas.soft(side, size * 0.14)), skin), darker(palette.accent, 0.6), 0.35
    )

    def basket(pen: Pen) -> None:
        for off in (-0.09, 0.09):
            pen.line([(x + size * off, y + size * 0.72), (x + size * off * 0.7, y + size * 0.9)], size * 0.012)
        pen.box(x - size * 0.08, y + size * 0.88, x + size * 0.08, y + size * 1.0)

    canvas.lay(canvas.mask(basket), darker(palette.near, 0.1))


def _gores(pen: Pen, x: float, y: float, size: float) -> None:
    """Every other stripe of a balloon's skin."""
    count = 7
    top, foot = y - size * 0.53, y + size * 0.76
    for index in range(0, count, 2):
        left, right = (math.sin((k / count - 0.5) * math.pi) * size * 0.52 for k in (index, index + 1))
        upper = [(x + left * 0.1, top), (x + right * 0.1, top), (x + right, y)]
        pen.shape([*upper, (x + right * 0.2, foot), (x + left * 0.2, foot), (x + left, y)])
