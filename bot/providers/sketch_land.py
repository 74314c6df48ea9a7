"""Land and water for the sketch painter: hills, mountains, dunes and the sea."""

from __future__ import annotations

from PIL import ImageChops

from bot.providers.sketch_canvas import Pen, Point, smooth
from bot.providers.sketch_colour import darker, lighter, mix
from bot.providers.sketch_plants import bed, grass, grove
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
        grove(scene, line, nearness)
    if not scene.loose and nearness > 0.3:
        _hatching(scene, line, nearness)
    if nearness == 1:
        grass(scene, line)


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
    grass(scene, tilted)


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
    inside = canvas.mask(lambda pen: pen.shape(scene.below(line)))
    for peak in _peaks(line):
        side = _lee(scene, line, peak)
        shade = canvas.soft(canvas.mask(lambda pen, side=side: pen.shape(side)), scene.unit * 0.35)
        canvas.lay(ImageChops.multiply(shade, inside), darker(mix(sand, palette.sky[1], 0.25), 0.3), 0.5)
    scene.draw_edge(line, 0.3)


def _lee(scene: Scene, line: list[Point], peak: int) -> list[Point]:
    """The side of a dune that the sun does not reach: from the crest down a long S to the right or left."""
    x, y = line[peak]
    away = 1 if scene.sun[0] < x else -1
    crest: list[Point] = []
    index = peak
    while 0 <= index < len(line) and (not crest or line[index][1] >= crest[-1][1]):
        crest.append(line[index])
        index += away
    unit, run = scene.unit, abs(crest[-1][0] - x)
    # The edge between light and shade winds down towards us and out to the foot of the crest.
    edge = smooth(
        [
            (x, y),
            (x - away * unit * 4, y + unit * 7),
            (x + away * run * 0.12, y + unit * 15),
            (x - away * unit * 2, y + unit * 27),
            (x + away * run * 0.3, y + unit * 40),
        ],
        closed=False,
    )
    return [*crest, (crest[-1][0] + away * unit * 6, crest[-1][1] + unit * 4), *reversed(edge)]


def flowers(scene: Scene) -> list[Step]:
    """A meadow in front of hills, full of large flowers."""
    steps = [lambda n=n: _hill(scene, n) for n in (0.1, 0.35, 0.6)]
    return [*steps, *[lambda n=n: bed(scene, n) for n in (0.25, 0.55, 1.0)]]
