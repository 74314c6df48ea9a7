"""Towns for the sketch painter: skylines with lit windows, and single buildings in a landscape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from bot.providers.sketch_canvas import Pen, scaled
from bot.providers.sketch_colour import Colour, darker, lighter, mix
from bot.providers.sketch_scene import Scene, Step


@dataclass(frozen=True, slots=True)
class Tower:
    """One building of a skyline: its sides, its roof line, and how its top ends."""

    left: float
    right: float
    top: float
    crown: int


def city(scene: Scene) -> list[Step]:
    """Three rows of buildings, the nearer the larger, above a street of water that mirrors them."""
    quay = scene.canvas.height - scene.unit * (13 if scene.canvas.width > scene.canvas.height else 18)
    rows = (0.25, 0.6) if scene.loose else (0.12, 0.38, 0.68, 1.0)
    steps: list[Step] = [lambda n=n: _row(scene, n, quay) for n in rows]
    return [*steps, lambda: _mirror(scene, quay)]


def _row(scene: Scene, nearness: float, quay: float) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    towers: list[Tower] = []
    x = -scene.unit * 4
    # High in the distance and at the sides, low in the middle of the foreground: the eye is led in.
    while x < canvas.width:
        wide = scene.unit * rng.uniform(5, 9) * (0.7 + 0.75 * nearness)
        aside = abs((x + wide / 2) / canvas.width - 0.5) * 2
        rise = (quay - scene.horizon * 0.42) * rng.uniform(0.35, 1.0)
        rise *= (0.95 - 0.5 * nearness) * (0.55 + 0.75 * (aside if nearness > 0.3 else 1 - 0.6 * aside))
        towers.append(Tower(x, x + wide, quay - rise, rng.randint(0, 5)))
        x += wide * (1 if nearness > 0.5 else rng.uniform(0.8, 1.05)) + rng.choice((0, 0, scene.unit * 0.6))
    colour = palette.depth(0.15 + 0.85 * nearness)
    top = min(tower.top for tower in towers)
    walls = canvas.mask(lambda pen: [_silhouette(scene, pen, tower, quay) for tower in towers])
    canvas.lay(walls, canvas.gradient((top, colour), (quay, mix(colour, palette.haze, 0.55 * (1 - nearness) + 0.1))))
    sides = canvas.mask(lambda pen: [pen.box(t.right - (t.right - t.left) * 0.3, t.top, t.right, quay) for t in towers])
    canvas.lay(sides, darker(colour, 0.5), 0.22)
    if nearness > 0.2:
        _windows(scene, towers, quay, nearness)


def _silhouette(scene: Scene, pen: Pen, tower: Tower, foot: float) -> None:
    wide = tower.right - tower.left
    middle = (tower.left + tower.right) / 2
    pen.box(tower.left, tower.top, tower.right, foot + scene.unit)
    match tower.crown:
        case 0:
            pen.shape([(tower.left, tower.top), (middle, tower.top - wide * 0.45), (tower.right, tower.top)])
        case 1:
            pen.box(tower.left + wide * 0.2, tower.top - wide * 0.3, tower.right - wide * 0.2, tower.top)
            pen.box(tower.left + wide * 0.38, tower.top - wide * 0.6, tower.right - wide * 0.38, tower.top)
            pen.line([(middle, tower.top), (middle, tower.top - wide * 1.3)], scene.unit * 0.25)
        case 2:
            pen.shape([(tower.left, tower.top), (tower.right, tower.top - wide * 0.4), (tower.right, tower.top)])
        case 3:
            pen.oval(middle, tower.top, wide * 0.32, wide * 0.32)
            pen.line([(middle, tower.top), (middle, tower.top - wide * 0.6)], scene.unit * 0.2)
        case _:
            pen.box(tower.left + wide * 0.62, tower.top - wide * 0.16, tower.left + wide * 0.82, tower.top)


def _windows(scene: Scene, towers: list[Tower], quay: float, nearness: float) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    size = scene.unit * (0.55 + 0.65 * nearness)
    share = 0.42 if palette.dark else 0.3
    tints: list[Colour] = [(255, 214, 130), mix((255, 224, 160), palette.accent, 0.5), palette.accent]
    if not palette.dark:
        tints = [lighter(palette.sky[1], 0.35), lighter(palette.sky[0], 0.2), mix(palette.light, palette.accent, 0.4)]
    panes: list[list[tuple[float, float]]] = [[], [], []]
    for tower in towers:
        kind = rng.choice((0, 0, 1, 1, 2))
        x = tower.left + size * 0.8
        while x + size < tower.right - size * 0.4:
            y = tower.top + size * 1.2
            while y + size * 1.4 < quay - size:
                if rng.random() < share:
                    panes[kind].append((x, y))
                y += size * 2.2
            x += size * 1.7
    for tint, spots in zip(tints, panes, strict=True):
        mask = canvas.mask(lambda pen, spots=spots: [pen.box(x, y, x + size * 0.85, y + size * 1.25) for x, y in spots])
        if palette.dark:
            canvas.lay(canvas.soft(mask, scene.unit * 0.9), tint, 0.5)
        canvas.lay(mask, tint, 0.55 + 0.35 * nearness)


def _mirror(scene: Scene, quay: float) -> None:
    """The river in front, in which the town stands on its head."""
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    top = round(quay)
    deep = canvas.height - top
    upper = canvas.image.crop((0, max(0, top - deep * 3), canvas.width, top))
    flipped = scaled(ImageOps.flip(upper), (canvas.width, deep), Image.Resampling.BILINEAR)
    canvas.image.paste(Image.blend(flipped, Image.new("RGB", flipped.size, darker(palette.water, 0.3)), 0.45), (0, top))
    strokes = [
        (rng.uniform(0, canvas.width), top + deep * rng.random() ** 1.3, scene.unit * rng.uniform(1, 7))
        for _ in range(150)
    ]
    ripples = canvas.mask(lambda pen: [pen.line([(x - w, y), (x + w, y)], scene.unit * 0.18) for x, y, w in strokes])
    canvas.lay(ripples, lighter(palette.sky[2], 0.2), 0.3)
    edge = canvas.mask(lambda pen: pen.box(0, top - scene.unit * 0.7, canvas.width, top + scene.unit * 0.3))
    canvas.lay(edge, darker(palette.near, 0.45), 0.85)


def house(scene: Scene, x: float, ground: float, size: float) -> None:
    """A cottage with a lit window and smoke from its chimney."""
    canvas, palette = scene.canvas, scene.palette
    wide, tall = size, size * 0.62
    left, top = x - wide / 2, ground - tall

    def walls(pen: Pen) -> None:
        pen.box(left, top, left + wide, ground + size * 0.08)

    def roof(pen: Pen) -> None:
        pen.box(left + wide * 0.68, top - tall * 0.75, left + wide * 0.8, top)
        pen.shape(
            [
                (left - wide * 0.1, top),
                (left + wide * 0.22, top - tall * 0.7),
                (left + wide * 0.82, top - tall * 0.7),
                (left + wide * 1.1, top),
            ]
        )

    canvas.lay(canvas.mask(walls), mix((240, 226, 204), palette.depth(0.8), 0.55 if palette.dark else 0.16))
    canvas.lay(canvas.mask(roof), darker(mix(palette.accent, palette.near, 0.45), 0.1))
    glass: Colour = (255, 214, 130) if palette.dark else mix(palette.sky[0], (255, 240, 200), 0.35)
    panes = canvas.mask(
        lambda pen: [
            pen.box(left + wide * at, top + tall * 0.3, left + wide * (at + 0.16), top + tall * 0.62)
            for at in (0.14, 0.7)
        ]
    )
    door = canvas.mask(lambda pen: pen.box(left + wide * 0.42, top + tall * 0.34, left + wide * 0.58, ground))
    canvas.lay(door, darker(palette.near, 0.2), 0.85)
    canvas.lay(panes, glass)
    if palette.dark:
        canvas.glow(x, ground - tall * 0.5, size * 1.2, (255, 205, 120), 0.35)
    puffs = [
        (left + wide * (0.74 + 0.09 * k * k * 0.35), top - tall * (0.95 + 0.33 * k), size * (0.05 + 0.022 * k))
        for k in range(5)
    ]
    smoke = canvas.soft(canvas.mask(lambda pen: [pen.oval(*puff) for puff in puffs]), size * 0.045)
    canvas.lay(smoke, lighter(palette.haze, 0.4), 0.6)


_TOWERS: Final = ((-0.42, 0.62, 0.13), (-0.2, 0.95, 0.15), (0.1, 0.74, 0.14), (0.4, 0.85, 0.13))
"""A castle's towers in its own size: how far aside, how tall, how wide."""


def castle(scene: Scene, x: float, ground: float, size: float) -> None:
    """A castle with pointed towers and flags."""
    canvas, palette = scene.canvas, scene.palette
    stone = mix(palette.depth(0.7), lighter(palette.haze, 0.3), 0.3)

    def walls(pen: Pen) -> None:
        pen.box(x - size * 0.45, ground - size * 0.38, x + size * 0.45, ground + size * 0.2)
        for k in range(9):
            left = x - size * 0.45 + k * size * 0.105
            pen.box(left, ground - size * 0.43, left + size * 0.055, ground - size * 0.37)
        for off, tall, wide in _TOWERS:
            pen.box(x + size * (off - wide / 2), ground - size * tall, x + size * (off + wide / 2), ground + size * 0.2)

    def slits(pen: Pen) -> None:
        for off, tall, _ in _TOWERS:
            for level in (0.12, 0.3):
                y = ground - size * (tall - level)
                pen.box(x + size * (off - 0.014), y, x + size * (off + 0.014), y + size * 0.06)
        pen.oval(x - size * 0.05, ground - size * 0.1, size * 0.07)
        pen.box(x - size * 0.12, ground - size * 0.1, x + size * 0.02, ground + size * 0.2)

    mound = canvas.mask(lambda pen: pen.oval(x, ground + size * 0.24, size * 0.66, size * 0.14))
    canvas.lay(canvas.mask(walls), stone)
    canvas.lay(mound, palette.depth(0.8))
    canvas.lay(
        canvas.mask(lambda pen: _castle_roofs(pen, x, ground, size)),
        darker(mix(palette.accent, palette.near, 0.35), 0.1),
    )
    canvas.lay(canvas.mask(slits), (255, 214, 130) if palette.dark else darker(stone, 0.6))


def _castle_roofs(pen: Pen, x: float, ground: float, size: float) -> None:
    for off, tall, wide in _TOWERS:
        middle, half = x + size * off, size * wide * 0.7
        foot = ground - size * tall
        peak = foot - size * wide * 2.1
        pen.shape([(middle - half, foot), (middle, peak), (middle + half, foot)])
        pen.line([(middle, peak), (middle, peak - size * 0.1)], size * 0.008)
        flag = [(middle, peak - size * 0.1), (middle + size * 0.09, peak - size * 0.075), (middle, peak - size * 0.05)]
        pen.shape(flag)


def lighthouse(scene: Scene, x: float, ground: float, size: float) -> None:
    """A striped lighthouse with its beam."""
    canvas, palette = scene.canvas, scene.palette
    top = ground - size

    def tower(pen: Pen) -> None:
        pen.shape(
            [(x - size * 0.13, ground), (x - size * 0.075, top), (x + size * 0.075, top), (x + size * 0.13, ground)]
        )

    def stripes(pen: Pen) -> None:
        for k in (0, 2, 4):
            a, b = 0.075 + 0.055 * k / 5, 0.075 + 0.055 * (k + 1) / 5
            y, z = top + size * k / 5, top + size * (k + 1) / 5
            pen.shape([(x - size * a, y), (x + size * a, y), (x + size * b, z), (x - size * b, z)])

    def cap(pen: Pen) -> None:
        pen.box(x - size * 0.11, top - size * 0.02, x + size * 0.11, top + size * 0.015)
        pen.box(x - size * 0.06, top - size * 0.13, x + size * 0.06, top)
        pen.shape(
            [(x - size * 0.085, top - size * 0.13), (x, top - size * 0.23), (x + size * 0.085, top - size * 0.13)]
        )

    def rocks(pen: Pen) -> None:
        for across, down, off in ((0.42, 0.14, 0.0), (0.26, 0.2, -0.14), (0.3, 0.17, 0.2), (0.6, 0.09, 0.05)):
            pen.oval(x + size * off, ground + size * 0.05, size * across, size * down)

    beam = canvas.mask(
        lambda pen: pen.shape(
            [(x, top - size * 0.07), (x - size * 5, top - size * 0.7), (x - size * 5, top + size * 0.25)]
        )
    )
    canvas.lay(canvas.soft(beam, scene.unit), (255, 238, 180), 0.3 if palette.dark else 0.14)
    canvas.lay(canvas.mask(rocks), darker(palette.depth(0.75), 0.25))
    canvas.lay(canvas.mask(tower), mix((246, 240, 228), palette.depth(0.8), 0.4 if palette.dark else 0.08))
    canvas.lay(canvas.mask(stripes), mix((190, 52, 46), palette.accent, 0.4))
    canvas.lay(canvas.mask(cap), darker(palette.near, 0.4))
    canvas.glow(x, top - size * 0.07, size * 0.32, (255, 240, 190), 0.9)
