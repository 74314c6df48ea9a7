"""Land and water for the sketch painter: hills, mountains, forests, dunes and the sea."""

from __future__ import annotations

import math

from PIL import ImageChops

from bot.providers.sketch_canvas import Pen, Point
from bot.providers.sketch_colour import darker, lighter, mix
from bot.providers.sketch_scene import Scene, Step
from bot.providers.sketch_words import Weather


def hills(scene: Scene) -> list[Step]:
    """Rolling hills one behind the other, with trees on the nearer ones."""
    count = 4 if scene.loose else 6
    return [lambda n=n: _hill(scene, n / (count - 1)) for n in range(count)]


def _hill(scene: Scene, nearness: float) -> None:
    canvas = scene.canvas
    base = scene.horizon + (canvas.height * 0.97 - scene.horizon) * nearness**1.25
    height = scene.unit * (9 + 9 * nearness)
    line = scene.line_of(base, height, 0.36, lumps=1.6 + 1.2 * (1 - nearness))
    scene.paint_land(line, nearness)
    if 0.1 < nearness < 0.95:
        _grove(scene, line, nearness)
    if not scene.loose and nearness > 0.3:
        _hatching(scene, line, nearness)
    if nearness == 1:
        _grass(scene, line)


def _grove(scene: Scene, line: list[Point], nearness: float) -> None:
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
    pen.box(x - tall * 0.03, ground - tall * 0.2, x + tall * 0.03, ground + tall * 0.04)
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


def _hatching(scene: Scene, line: list[Point], nearness: float) -> None:
    """Pencil strokes that follow the slope."""
    canvas, rng = scene.canvas, scene.rng
    strokes: list[list[Point]] = []
    for _ in range(90):
        x = rng.uniform(0, canvas.width)
        y = scene.height_at(line, x) + scene.unit * rng.uniform(0.6, 10)
        run = scene.unit * rng.uniform(1, 4)
        rise = (scene.height_at(line, x + run) - scene.height_at(line, x)) * 0.8
        strokes.append([(x, y), (x + run, y + rise)])
    mask = canvas.mask(lambda pen: [pen.line(stroke, scene.unit * 0.14) for stroke in strokes])
    canvas.lay(mask, darker(scene.palette.depth(nearness), 0.4), 0.28)


def _grass(scene: Scene, line: list[Point]) -> None:
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


def mountains(scene: Scene) -> list[Step]:
    """Two ranges with snow, then wooded foothills."""
    steps: list[Step] = [lambda: _range(scene, 0.12, 40, 4.2), lambda: _range(scene, 0.42, 30, 3.0)]
    count = 2 if scene.loose else 3
    steps += [lambda n=n: _hill(scene, 0.6 + 0.4 * n / (count - 1)) for n in range(count)]
    return steps


def _range(scene: Scene, nearness: float, height: float, lumps: float) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    base = scene.horizon + scene.unit * (4 + 22 * nearness)
    line = scene.line_of(base, scene.unit * height, 0.58, lumps=lumps)
    scene.paint_land(line, nearness, mist=0.75)
    crest = min(y for _, y in line)
    drop = (base - crest) * 0.5
    caps = [(x, y + max(0.0, (base - drop * 0.55 - y)) * rng.uniform(0.15, 0.5)) for x, y in line]
    canvas.lay(
        canvas.mask(lambda pen: pen.shape([*line, *reversed(caps)])),
        lighter(mix(palette.light, palette.sky[2], 0.3), 0.4),
        0.85 if scene.idea.weather is Weather.SNOW else 0.66,
    )
    shades = [_shaded_side(scene, line, index, base) for index in _peaks(line)]
    canvas.lay(
        canvas.mask(lambda pen: [pen.shape(side) for side in shades]), darker(palette.depth(nearness), 0.35), 0.36
    )


def _peaks(line: list[Point]) -> list[int]:
    return [i for i in range(4, len(line) - 4) if line[i][1] == min(y for _, y in line[i - 4 : i + 5])]


def _shaded_side(scene: Scene, line: list[Point], peak: int, base: float) -> list[Point]:
    """The side of a mountain that is turned away from the sun: down the ridge, back up in a zigzag."""
    x, y = line[peak]
    away = 1 if scene.sun[0] < x else -1
    side = [line[peak]]
    index = peak + away
    while 0 <= index < len(line) and line[index][1] >= side[-1][1] - scene.unit * 0.3:
        side.append(line[index])
        index += away
    foot = min(base, side[-1][1] + (base - y) * 0.3)
    zigzag = [
        (x + away * scene.unit * scene.rng.uniform(-0.5, 2.2) * (1 - t), y + (foot - y) * (1 - t))
        for t in (0.15, 0.4, 0.6, 0.8)
    ]
    return [*side, *zigzag]


def sea(scene: Scene) -> list[Step]:
    """Water to the horizon with light on it, islands, and a shore in front."""
    return [
        lambda: _islands(scene),
        lambda: _water(scene),
        lambda: _waves(scene),
        lambda: _glitter(scene),
        lambda: _shore(scene),
    ]


def _islands(scene: Scene) -> None:
    canvas, rng = scene.canvas, scene.rng
    for nearness in (0.1, 0.3):
        line = scene.line_of(scene.horizon + scene.unit * 4, scene.unit * 16, 0.45, lumps=2.4)
        side = rng.choice((-1, 1))
        sunk = [(x, y + scene.unit * 26 * max(0.0, 0.35 + side * (x / canvas.width - 0.5))) for x, y in line]
        scene.paint_land(sunk, nearness, mist=0.6)


def _water(scene: Scene) -> None:
    canvas, palette = scene.canvas, scene.palette
    y = scene.horizon
    water = canvas.gradient(
        (y, mix(palette.haze, palette.water, 0.3)),
        (y + (canvas.height - y) * 0.3, palette.water),
        (canvas.height, darker(mix(palette.water, palette.near, 0.35), 0.15)),
    )
    canvas.lay(canvas.mask(lambda pen: pen.box(-2, y, canvas.width + 2, canvas.height + 2)), water)


def _waves(scene: Scene) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    for colour, opacity in ((darker(palette.water, 0.35), 0.32), (lighter(palette.sky[2], 0.25), 0.36)):
        strokes: list[tuple[float, float, float, float]] = []
        for _ in range(260 if scene.loose else 520):
            depth = rng.random() ** 1.5
            y = scene.horizon + (canvas.height - scene.horizon) * depth + scene.unit * 0.4
            strokes.append(
                (rng.uniform(0, canvas.width), y, scene.unit * (1 + 8 * depth), scene.unit * (0.07 + 0.3 * depth))
            )
        mask = canvas.mask(lambda pen, strokes=strokes: [_lens(pen, *stroke) for stroke in strokes])
        canvas.lay(mask, colour, opacity)


def _lens(pen: Pen, x: float, y: float, half: float, thick: float) -> None:
    pen.shape([(x - half, y), (x - half * 0.3, y - thick), (x + half * 0.4, y - thick), (x + half, y), (x, y + thick)])


def _glitter(scene: Scene) -> None:
    """The sun's path on the water."""
    canvas, rng = scene.canvas, scene.rng
    sun = scene.sun[0]
    strokes: list[tuple[float, float, float, float]] = []
    for _ in range(210):
        depth = rng.random()
        y = scene.horizon + (canvas.height - scene.horizon) * depth * 0.9 + scene.unit * 0.4
        spread = scene.unit * (3 + 11 * depth)
        strokes.append(
            (rng.gauss(sun, spread * 0.5), y, scene.unit * (0.8 + 4 * depth), scene.unit * (0.1 + 0.22 * depth))
        )
    canvas.lay(canvas.mask(lambda pen: [_lens(pen, *stroke) for stroke in strokes]), scene.palette.light, 0.75)
    canvas.glow(sun, scene.horizon + scene.unit * 4, scene.unit * 30, scene.palette.light, 0.3)


def _shore(scene: Scene) -> None:
    canvas, rng = scene.canvas, scene.rng
    side = rng.choice((-1, 1))
    line = scene.line_of(canvas.height - scene.unit * 2, scene.unit * 9, 0.4, lumps=1.5)
    tilted = [(x, y + side * scene.unit * 14 * (x / canvas.width - 0.5) + scene.unit * 3) for x, y in line]
    scene.paint_land(tilted, 1.0, mist=0.1)
    _grass(scene, tilted)


def desert(scene: Scene) -> list[Step]:
    """Dunes with a lit and a shaded side."""
    count = 4
    return [lambda n=n: _dune(scene, 0.15 + 0.75 * n / (count - 1)) for n in range(count)]


def _dune(scene: Scene, nearness: float) -> None:
    canvas, palette = scene.canvas, scene.palette
    base = scene.horizon + (canvas.height - scene.horizon) * nearness
    line = scene.line_of(base, scene.unit * (10 + 14 * nearness), 0.12, lumps=1.3)
    sand = mix((222, 170, 112), palette.depth(nearness), 0.45 if not palette.dark else 0.75)
    lit = mix(lighter(sand, 0.3 - 0.2 * nearness), palette.light, 0.2)
    canvas.lay(
        canvas.mask(lambda pen: pen.shape(scene.below(line))),
        canvas.gradient((base - scene.unit * 16, lit), (base + scene.unit * 30, sand)),
    )
    away = 1 if scene.sun[0] < canvas.width / 2 else -1
    for peak in _peaks(line)[:3]:
        x, y = line[peak]
        crest = [line[i] for i in range(peak, len(line) if away > 0 else -1, away)][:70]
        inner = [(x + away * scene.unit * (k * k * 0.5), y + scene.unit * k * 5) for k in range(6, -1, -1)]
        side = [*crest, (crest[-1][0], crest[-1][1] + scene.unit * 30), *inner]
        shade = canvas.soft(canvas.mask(lambda pen, side=side: pen.shape(side)), scene.unit * 0.5)
        inside = canvas.mask(lambda pen: pen.shape(scene.below(line)))
        canvas.lay(ImageChops.multiply(shade, inside), darker(sand, 0.35), 0.4)
    scene.draw_edge(line, 0.3)


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
        _grass(scene, ground)


def fireflies(scene: Scene) -> None:
    """Small lights between trunks and grass."""
    for _ in range(26):
        x = scene.rng.uniform(0, scene.canvas.width)
        y = scene.rng.uniform(scene.horizon, scene.canvas.height)
        scene.canvas.glow(x, y, scene.unit * scene.rng.uniform(1.2, 2.6), (255, 226, 140), 0.85)


def flowers(scene: Scene) -> list[Step]:
    """A meadow in front of hills, full of large flowers."""
    steps = [lambda n=n: _hill(scene, n) for n in (0.1, 0.35, 0.6)]
    return [*steps, *[lambda n=n: _bed(scene, n) for n in (0.25, 0.55, 1.0)]]


def _bed(scene: Scene, nearness: float) -> None:
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
