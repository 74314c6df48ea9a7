"""Pictures of nothing on earth for the sketch painter: planets, and abstract compositions."""

from __future__ import annotations

import math
from functools import partial
from itertools import cycle

from PIL import ImageChops

from bot.providers.sketch_canvas import Pen, Point, curved
from bot.providers.sketch_colour import Colour, darker, lighter, mix, turned
from bot.providers.sketch_scene import Scene, Step


def space(scene: Scene) -> list[Step]:
    """Nebulas, a large planet with a ring, a small one, and ground to stand on."""
    return [lambda: _nebula(scene, 0), lambda: _nebula(scene, 1), lambda: _planets(scene), lambda: _ground(scene)]


def _nebula(scene: Scene, turn: int) -> None:
    canvas, palette = scene.canvas, scene.palette
    colour = (mix(palette.accent, (214, 80, 160), 0.5), mix(palette.sky[2], (80, 150, 240), 0.4))[turn]
    cloud = curved(canvas.noise(3, 2), lambda value: (value - 112) * 2.6)
    fine = curved(canvas.noise(11, 9), lambda value: 60 + value * 1.1)
    canvas.lay(ImageChops.multiply(cloud, fine), colour, 0.5)


def _planets(scene: Scene) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    big = scene.unit * rng.uniform(19, 26)
    x, y = canvas.width * rng.uniform(0.56, 0.7), canvas.height * rng.uniform(0.34, 0.44)
    _planet(scene, x, y, big, mix(palette.accent, palette.light, 0.15), ring=True)
    small = mix(palette.sky[2], (120, 200, 220), 0.5)
    _planet(
        scene,
        canvas.width * rng.uniform(0.14, 0.3),
        canvas.height * rng.uniform(0.18, 0.5),
        big * 0.32,
        small,
        ring=False,
    )


def _planet(scene: Scene, x: float, y: float, radius: float, colour: Colour, *, ring: bool) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    canvas.glow(x, y, radius * 2.1, lighter(colour, 0.2), 0.35)
    disc = canvas.mask(lambda pen: pen.oval(x, y, radius))
    canvas.lay(disc, colour)
    lean = rng.uniform(-0.3, 0.3)
    for index in range(9):
        level = -1 + 2 * (index + rng.uniform(0, 0.7)) / 9
        band = smooth_band(x, y + level * radius, radius * 1.1, lean, radius * rng.uniform(0.03, 0.13))
        tone = lighter(colour, 0.35) if index % 2 else darker(turned(colour, 14), 0.25)
        stripe = canvas.mask(lambda pen, band=band: pen.shape(band))
        canvas.lay(ImageChops.multiply(canvas.soft(stripe, radius * 0.02), disc), tone, 0.55)
    light = canvas.mask(lambda pen: pen.oval(x - radius * 0.45, y - radius * 0.4, radius * 1.12))
    night = ImageChops.multiply(ImageChops.invert(canvas.soft(light, radius * 0.16)), disc)
    canvas.lay(night, darker(palette.sky[0], 0.4), 0.85)
    if ring:
        _ring(scene, x, y, radius, lean)


def smooth_band(x: float, y: float, half: float, lean: float, thick: float) -> list[Point]:
    """A gently bowed stripe."""
    upper = [(x + t * half, y + lean * t * half + (1 - t * t) * half * 0.1 - thick) for t in (-1, -0.5, 0, 0.5, 1)]
    return [*upper, *[(px, py + thick * 2) for px, py in reversed(upper)]]


def _ring(scene: Scene, x: float, y: float, radius: float, lean: float) -> None:
    canvas = scene.canvas
    # The back of the ring lies behind the planet.
    hidden = canvas.mask(lambda pen: pen.oval(x, y, radius))
    front = canvas.mask(
        lambda pen: pen.shape(
            [
                (0, y - lean * x),
                (canvas.width, y + lean * (canvas.width - x)),
                (canvas.width, canvas.height),
                (0, canvas.height),
            ]
        )
    )
    shown = ImageChops.lighter(ImageChops.invert(hidden), front)
    for wide, colour, opacity in (
        (2.05, scene.palette.light, 0.55),
        (1.82, lighter(scene.palette.accent, 0.5), 0.75),
        (1.58, scene.palette.light, 0.4),
    ):
        arc: list[Point] = []
        for step in range(97):
            angle = math.tau * step / 96
            px, py = math.cos(angle) * radius * wide, math.sin(angle) * radius * wide * 0.24
            arc.append((x + px - py * lean, y + py + px * lean))
        mask = canvas.mask(lambda pen, arc=arc: pen.line(arc, radius * 0.09))
        canvas.lay(ImageChops.multiply(mask, shown), colour, opacity)


def _ground(scene: Scene) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    line = scene.line_of(canvas.height * 0.9, scene.unit * 9, 0.42, lumps=2.2)
    scene.paint_land(line, 0.85, mist=0.25)
    pits = [
        (rng.uniform(0, canvas.width), canvas.height * rng.uniform(0.91, 1.0), scene.unit * rng.uniform(1, 5))
        for _ in range(13)
    ]
    canvas.lay(
        canvas.mask(lambda pen: [pen.oval(x, y, r, r * 0.3) for x, y, r in pits]), darker(palette.near, 0.5), 0.5
    )
    rims = canvas.mask(
        lambda pen: [(pen.oval(x, y + r * 0.07, r, r * 0.3), pen.oval(x, y, r, r * 0.3, value=0)) for x, y, r in pits]
    )
    canvas.lay(rims, lighter(palette.far, 0.4), 0.6)


def abstract(scene: Scene) -> list[Step]:
    """Discs, arcs and bars that overlap like coloured paper."""
    palette = scene.palette
    paper = lighter(mix(palette.sky[2], palette.haze, 0.5), 0.45)
    hues = [
        palette.accent,
        palette.water,
        palette.near,
        palette.far,
        mix(palette.light, palette.accent, 0.35),
        palette.sky[1],
    ]
    steps: list[Step] = [lambda: _paper(scene, paper)]
    kinds = (_disc, _bars, _arc, _wedge, _disc, _grid, _arc, _wedge, _line)
    chosen = kinds[: 6 if scene.loose else 9]
    return [*steps, *(partial(kind, scene, hue) for kind, hue in zip(chosen, cycle(hues), strict=False))]


def _paper(scene: Scene, colour: Colour) -> None:
    canvas = scene.canvas
    canvas.image = canvas.gradient((0, lighter(colour, 0.2)), (canvas.height, colour))
    canvas.veil(canvas.noise(5, 4), 0.25)


def _put(scene: Scene, mask_of: list[Point], colour: Colour) -> None:
    canvas = scene.canvas
    mask = canvas.mask(lambda pen: pen.shape(mask_of))
    shadow = ImageChops.offset(canvas.soft(mask, scene.unit * 0.8), round(scene.unit * 0.4), round(scene.unit * 0.5))
    canvas.lay(shadow, (40, 34, 44), 0.2)
    canvas.lay(mask, colour, 0.9)


def _round(x: float, y: float, radius: float, start: float = 0, end: float = math.tau) -> list[Point]:
    count = 72
    return [
        (
            x + math.cos(start + (end - start) * k / count) * radius,
            y + math.sin(start + (end - start) * k / count) * radius,
        )
        for k in range(count + 1)
    ]


def _spot(scene: Scene) -> Point:
    canvas, rng = scene.canvas, scene.rng
    # Nearer to the middle than chance would have it, and never at the very edge.
    across, down = (sum(rng.uniform(0.08, 0.92) for _ in range(2)) / 2 for _ in range(2))
    return canvas.width * across, canvas.height * down


def _disc(scene: Scene, colour: Colour) -> None:
    x, y = _spot(scene)
    _put(scene, _round(x, y, scene.unit * scene.rng.uniform(12, 30)), colour)


def _arc(scene: Scene, colour: Colour) -> None:
    x, y = _spot(scene)
    start = scene.rng.choice((0, 0.5, 1, 1.5)) * math.pi
    radius = scene.unit * scene.rng.uniform(18, 36)
    for k, tone in enumerate((colour, lighter(colour, 0.35), lighter(colour, 0.65))):
        outer, inner = radius * (1 - 0.3 * k), radius * (0.84 - 0.3 * k)
        ring = _round(x, y, outer, start, start + math.pi) + list(reversed(_round(x, y, inner, start, start + math.pi)))
        _put(scene, ring, tone)


def _wedge(scene: Scene, colour: Colour) -> None:
    x, y = _spot(scene)
    size = scene.unit * scene.rng.uniform(22, 48)
    turn = scene.rng.uniform(0, math.tau)
    _put(scene, [(x + math.cos(turn + a) * size, y + math.sin(turn + a) * size) for a in (0, 2.0, 4.0)], colour)


def _bars(scene: Scene, colour: Colour) -> None:
    x, y = _spot(scene)
    turn = scene.rng.choice((0, math.pi / 4, math.pi / 2, -math.pi / 4))
    cos, sin = math.cos(turn), math.sin(turn)
    long, thick = scene.unit * scene.rng.uniform(22, 44), scene.unit * 1.5
    for k in range(6):
        off = (k - 2.5) * thick * 2.4
        corners = ((-long, off - thick), (long, off - thick), (long, off + thick), (-long, off + thick))
        _put(scene, [(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in corners], colour)


def _grid(scene: Scene, colour: Colour) -> None:
    canvas = scene.canvas
    x, y = _spot(scene)
    gap = scene.unit * 3.2
    dots = [(x + (i - 3.5) * gap, y + (j - 2.5) * gap) for i in range(8) for j in range(6)]
    canvas.lay(
        canvas.mask(lambda pen: [pen.oval(px, py, scene.unit * 0.75) for px, py in dots]), darker(colour, 0.3), 0.9
    )


def _line(scene: Scene, colour: Colour) -> None:
    canvas, rng = scene.canvas, scene.rng
    ink = darker(colour, 0.6)

    def draw(pen: Pen) -> None:
        for _ in range(3):
            pen.line([_spot(scene), _spot(scene)], scene.unit * rng.uniform(0.3, 0.7))
        x, y = _spot(scene)
        pen.line(_round(x, y, scene.unit * rng.uniform(8, 20)), scene.unit * 0.5)

    canvas.lay(canvas.mask(draw), ink, 0.9)
