"""Plants for the sketch painter: groves, grass, forests and flower beds."""

from __future__ import annotations

import math

from PIL import ImageChops

from bot.providers.sketch_canvas import Pen, Point
from bot.providers.sketch_colour import darker, lighter, mix
from bot.providers.sketch_scene import Scene, Step


def grove(scene: Scene, line: list[Point], nearness: float) -> None:
    """Clusters of trees standing on a skyline."""
    canvas, rng = scene.canvas, scene.rng
    size = scene.unit * (1.2 + 6.5 * nearness)
    pines = rng.random() < 0.5
    spots: list[tuple[float, float]] = []
    for _ in range(rng.randint(2, 4)):
        middle = rng.uniform(-0.05, 1.05) * canvas.width
        for _ in range(rng.randint(2, 7)):
            spots.append((middle + rng.gauss(0, size * 1.6), size * rng.uniform(0.6, 1.25)))
    spots.sort(key=lambda spot: spot[1])

    def draw(pen: Pen) -> None:
        for x, tall in spots:
            ground = scene.height_at(line, x) + size * 0.12
            (pine if pines else leafy)(scene, pen, x, ground, tall)

    mask = canvas.mask(draw)
    colour = scene.palette.depth(min(1.0, nearness + 0.22))
    canvas.lay(mask, darker(colour, 0.12))
    if not pines:
        lit = ImageChops.subtract(mask, ImageChops.offset(mask, round(size * 0.16), round(size * 0.2)))
        canvas.lay(lit, mix(lighter(colour, 0.25), scene.palette.light, 0.25), 0.45)


def pine(scene: Scene, pen: Pen, x: float, ground: float, tall: float) -> None:
    """A conifer in three or four tiers."""
    rng = scene.rng
    wide = tall * rng.uniform(0.2, 0.28)
    pen.box(x - tall * 0.014, ground - tall * 0.2, x + tall * 0.014, ground + tall * 0.02)
    for tier in range(4):
        top = ground - tall * (1 - tier * 0.2)
        foot = top + tall * 0.36
        half = wide * (0.36 + tier * 0.22)
        lean = rng.uniform(-0.04, 0.04) * tall
        pen.shape([(x + lean * 0.2, top), (x + half, foot), (x, foot - tall * 0.05), (x - half, foot)])


def leafy(scene: Scene, pen: Pen, x: float, ground: float, tall: float) -> None:
    """A round tree out of a few discs on a trunk."""
    rng = scene.rng
    pen.box(x - tall * 0.035, ground - tall * 0.5, x + tall * 0.035, ground + tall * 0.04)
    for _ in range(6):
        off = rng.uniform(-0.2, 0.2) * tall
        pen.oval(x + off, ground - tall * rng.uniform(0.5, 0.78), tall * rng.uniform(0.14, 0.23))


def grass(scene: Scene, line: list[Point]) -> None:
    """Blades along the lower edge, some with a flower."""
    canvas, rng = scene.canvas, scene.rng
    blades: list[list[Point]] = []
    blooms: list[Point] = []
    for _ in range(round(canvas.width / scene.unit * 2.6)):
        x = rng.uniform(-5, canvas.width + 5)
        foot = max(scene.height_at(line, x), canvas.height - scene.unit * 3) + scene.unit * 2
        tall = scene.unit * rng.uniform(2, 6.5)
        bend = scene.unit * rng.uniform(-1.8, 1.8)
        blades.append([(x, foot), (x + bend * 0.3, foot - tall * 0.6), (x + bend, foot - tall)])
        if rng.random() < 0.08:
            blooms.append((x + bend, foot - tall))
    canvas.lay(
        canvas.mask(lambda pen: [pen.line(blade, scene.unit * 0.28) for blade in blades]),
        darker(scene.palette.near, 0.25),
    )
    canvas.lay(
        canvas.mask(lambda pen: [pen.oval(x, y, scene.unit * rng.uniform(0.4, 0.8)) for x, y in blooms]),
        scene.palette.accent,
    )


def forest(scene: Scene) -> list[Step]:
    """Rows of trees with light between them."""
    count = 4 if scene.loose else 5
    return [lambda n=n: _row(scene, n / (count - 1)) for n in range(count)]


def _row(scene: Scene, nearness: float) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    base = scene.horizon + scene.unit * 4 + (canvas.height - scene.horizon) * 0.9 * nearness
    ground = scene.line_of(base, scene.unit * 5, 0.4, lumps=2)
    tall = scene.unit * (26 + 78 * nearness**1.3)
    gap = scene.unit * (4.5 + 15 * nearness)
    colour = palette.depth(0.16 + 0.84 * nearness)
    trees: list[tuple[float, float]] = []
    x = rng.uniform(-gap, 0)
    clear = canvas.width * (0.5 + rng.uniform(-0.12, 0.12))
    while x < canvas.width + gap:
        # A clearing in the middle keeps the view open.
        if nearness < 0.5 or abs(x - clear) > canvas.width * (0.1 + 0.2 * nearness):
            trees.append((x, tall * rng.uniform(0.7, 1.15)))
        x += gap * rng.uniform(0.5, 1.5)

    def draw(pen: Pen) -> None:
        for at, height in trees:
            foot = scene.height_at(ground, at) + scene.unit
            pine(scene, pen, at, foot, height)

    scene.paint_land(ground, 0.16 + 0.84 * nearness, mist=0.35)
    mask = canvas.mask(draw)
    canvas.lay(mask, canvas.gradient((base - tall, colour), (base, mix(colour, palette.haze, 0.4 * (1 - nearness)))))
    if nearness == 1:
        grass(scene, ground)


def fireflies(scene: Scene) -> None:
    """Small lights between trunks and grass."""
    for _ in range(26):
        x = scene.rng.uniform(0, scene.canvas.width)
        y = scene.rng.uniform(scene.horizon, scene.canvas.height)
        scene.canvas.glow(x, y, scene.unit * scene.rng.uniform(1.2, 2.6), (255, 226, 140), 0.85)


def bed(scene: Scene, nearness: float) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    line = scene.line_of(
        scene.horizon + (canvas.height - scene.horizon) * (0.45 + 0.45 * nearness), scene.unit * 7, 0.4
    )
    scene.paint_land(line, 0.55 + 0.45 * nearness, mist=0.12)
    colours = [palette.accent, mix(palette.accent, (250, 90, 120), 0.55), lighter(palette.accent, 0.55)]
    for colour in colours:
        heads: list[tuple[float, float, float]] = []
        for _ in range(round(9 * canvas.width / canvas.height + 12 * (1 - nearness))):
            size = scene.unit * (0.9 + 3.4 * nearness) * rng.uniform(0.6, 1.2)
            x = rng.uniform(0, canvas.width)
            heads.append((x, scene.height_at(line, x) - size * rng.uniform(0.5, 3.5), size))
        stems = [
            [(x, y), (x + rng.uniform(-1, 1) * s, y + s * 3), (x + rng.uniform(-1, 1) * s, y + s * 6)]
            for x, y, s in heads
        ]
        canvas.lay(
            canvas.mask(
                lambda pen, stems=stems: [pen.line(stem, scene.unit * (0.15 + 0.35 * nearness)) for stem in stems]
            ),
            darker(palette.near, 0.1),
        )
        canvas.lay(canvas.mask(lambda pen, heads=heads: [_petals(scene, pen, *head) for head in heads]), colour)
        hearts = canvas.mask(lambda pen, heads=heads: [pen.oval(x, y, s * 0.26, s * 0.2) for x, y, s in heads])
        canvas.lay(hearts, darker(mix(colour, palette.near, 0.5), 0.4))


def _petals(scene: Scene, pen: Pen, x: float, y: float, size: float) -> None:
    turn = scene.rng.uniform(0, math.tau)
    for index in range(6):
        angle = turn + index * math.tau / 6
        pen.oval(x + math.cos(angle) * size * 0.5, y + math.sin(angle) * size * 0.36, size * 0.46, size * 0.36)
