"""Portraits for the sketch painter: one calm face in flat shapes and a few lines."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import ImageChops

from bot.providers.sketch_canvas import Pen, Point, smooth
from bot.providers.sketch_colour import Colour, darker, lighter, mix
from bot.providers.sketch_scene import Scene, Step

_SKINS: tuple[Colour, ...] = ((246, 214, 188), (228, 178, 142), (190, 132, 96), (138, 90, 64), (96, 62, 48))
_HAIRS: tuple[Colour, ...] = (
    (36, 28, 34),
    (84, 52, 38),
    (176, 104, 52),
    (222, 184, 116),
    (150, 148, 156),
    (146, 44, 40),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitter:
    """Who sits for the portrait: where, how large, and in which colours."""

    x: float
    y: float
    size: float
    skin: Colour
    hair: Colour
    style: int

    def at(self, *points: Point) -> list[Point]:
        """Points of the unit figure on the canvas."""
        return [(self.x + px * self.size, self.y + py * self.size) for px, py in points]


def portrait(scene: Scene) -> list[Step]:
    """A bust before a halo."""
    canvas, rng = scene.canvas, scene.rng
    sitter = Sitter(
        x=canvas.width / 2,
        y=canvas.height * 0.5,
        size=min(canvas.height * 0.62, canvas.width * 0.72),
        skin=rng.choice(_SKINS),
        hair=rng.choice(_HAIRS),
        style=rng.randint(0, 3),
    )
    return [
        lambda: _background(scene, sitter),
        lambda: _back_hair(scene, sitter),
        lambda: _shoulders(scene, sitter),
        lambda: _head(scene, sitter),
        lambda: _features(scene, sitter),
        lambda: _front_hair(scene, sitter),
    ]


def _background(scene: Scene, sitter: Sitter) -> None:
    canvas, palette, rng = scene.canvas, scene.palette, scene.rng
    wall = mix(palette.sky[1], palette.haze, 0.35)
    canvas.image = canvas.gradient((0, mix(wall, palette.sky[0], 0.5)), (canvas.height, lighter(wall, 0.1)))
    canvas.veil(canvas.noise(5, 5), 0.4)
    halo = canvas.mask(lambda pen: pen.oval(sitter.x, sitter.y - sitter.size * 0.16, sitter.size * 0.56))
    canvas.lay(halo, mix(palette.accent, palette.light, 0.25), 0.92)
    leaves: list[list[Point]] = []
    for _ in range(26):
        x, y = rng.uniform(0, canvas.width), canvas.height * rng.uniform(0.45, 1.1)
        side = 1 if x > sitter.x else -1
        reach = sitter.size * rng.uniform(0.12, 0.3)
        tip = (x - side * reach * rng.uniform(-0.4, 0.5), y - reach)
        leaves.append(smooth([(x, y), (x + reach * 0.22, y - reach * 0.5), tip, (x - reach * 0.22, y - reach * 0.5)]))
    canvas.lay(canvas.mask(lambda pen: [pen.shape(leaf) for leaf in leaves[:13]]), palette.depth(0.45), 0.85)
    canvas.lay(canvas.mask(lambda pen: [pen.shape(leaf) for leaf in leaves[13:]]), palette.depth(0.85), 0.85)


def _back_hair(scene: Scene, sitter: Sitter) -> None:
    if sitter.style == 3:
        return
    down = (0.1, 0.34, 0.52)[sitter.style]
    outline = sitter.at(
        (0, -0.48), (0.24, -0.42), (0.31, -0.2), (0.32, 0.02), (0.3, down), (0.12, down + 0.05), (-0.12, down + 0.05),
        (-0.3, down), (-0.32, 0.02), (-0.31, -0.2), (-0.24, -0.42),
    )  # fmt: skip
    scene.canvas.lay(scene.canvas.mask(lambda pen: pen.shape(smooth(outline))), darker(sitter.hair, 0.15))


def _shoulders(scene: Scene, sitter: Sitter) -> None:
    canvas, palette = scene.canvas, scene.palette
    neck = sitter.at((-0.1, 0.05), (0.1, 0.05), (0.11, 0.34), (0.0, 0.44), (-0.11, 0.34))
    dress = sitter.at(
        (-0.12, 0.3), (-0.34, 0.38), (-0.5, 0.5), (-0.58, 0.8), (-0.6, 1.2), (0.6, 1.2), (0.58, 0.8), (0.5, 0.5),
        (0.34, 0.38), (0.12, 0.3), (0.06, 0.42), (0.0, 0.46), (-0.06, 0.42),
    )  # fmt: skip
    canvas.lay(canvas.mask(lambda pen: pen.shape(neck)), darker(sitter.skin, 0.16))
    cloth = canvas.mask(lambda pen: pen.shape(smooth(dress, steps=6)))
    colour = mix(palette.near, palette.water, 0.3)
    canvas.lay(cloth, colour)
    rows = canvas.mask(
        lambda pen: [
            pen.line(
                smooth(
                    sitter.at((-0.62, y), (-0.3, y - 0.06), (0, y + 0.02), (0.3, y - 0.06), (0.62, y)), closed=False
                ),
                sitter.size * 0.012,
            )
            for y in (0.52, 0.6, 0.68, 0.76, 0.84)
        ]
    )
    canvas.lay(ImageChops.multiply(rows, cloth), lighter(palette.accent, 0.2), 0.8)
    collar = canvas.mask(
        lambda pen: pen.line(
            smooth(sitter.at((-0.14, 0.29), (-0.07, 0.42), (0, 0.47), (0.07, 0.42), (0.14, 0.29)), closed=False),
            sitter.size * 0.03,
        )
    )
    canvas.lay(collar, palette.accent)


def _head(scene: Scene, sitter: Sitter) -> None:
    canvas = scene.canvas
    outline = sitter.at(
        (0, -0.42), (0.15, -0.38), (0.225, -0.24), (0.225, -0.08), (0.19, 0.06), (0.1, 0.17), (0, 0.205), (-0.1, 0.17),
        (-0.19, 0.06), (-0.225, -0.08), (-0.225, -0.24), (-0.15, -0.38),
    )  # fmt: skip
    face = canvas.mask(lambda pen: pen.shape(smooth(outline)))
    canvas.lay(face, sitter.skin)
    side = canvas.mask(
        lambda pen: pen.shape(
            sitter.at((0.02, -0.5), (0.4, -0.5), (0.4, 0.4), (0.04, 0.4), (0.03, -0.02), (0.075, -0.09))
        )
    )
    canvas.lay(ImageChops.multiply(canvas.soft(side, sitter.size * 0.012), face), darker(sitter.skin, 0.35), 0.3)
    blush = canvas.mask(
        lambda pen: [
            pen.oval(*sitter.at((off, 0.0))[0], sitter.size * 0.055, sitter.size * 0.035) for off in (-0.125, 0.125)
        ]
    )
    canvas.lay(canvas.soft(blush, sitter.size * 0.025), mix(sitter.skin, (214, 74, 70), 0.6), 0.6)


def _features(scene: Scene, sitter: Sitter) -> None:
    canvas = scene.canvas
    ink = darker(sitter.skin, 0.72)
    thin = sitter.size * 0.011

    def lines(pen: Pen) -> None:
        for s in (-1, 1):
            lid = smooth(sitter.at((s * 0.155, -0.105), (s * 0.105, -0.085), (s * 0.05, -0.105)), closed=False)
            pen.line(lid, thin * 1.3)
            for k in range(4):
                x = 0.145 - k * 0.024
                pen.line(sitter.at((s * x, -0.096 + 0.004 * k), (s * (x + 0.012), -0.075 + 0.004 * k)), thin * 0.7)
            brow = smooth(sitter.at((s * 0.175, -0.175), (s * 0.11, -0.2), (s * 0.045, -0.182)), closed=False)
            pen.line(brow, thin * 1.7)
        pen.line(
            smooth(
                sitter.at((0.038, -0.16), (0.018, -0.08), (0.042, 0.015), (0.0, 0.032), (-0.03, 0.02)), closed=False
            ),
            thin,
        )

    lips = sitter.at(
        (-0.07, 0.092),
        (-0.025, 0.078),
        (0, 0.085),
        (0.025, 0.078),
        (0.07, 0.092),
        (0.03, 0.118),
        (0, 0.124),
        (-0.03, 0.118),
    )
    canvas.lay(canvas.mask(lambda pen: pen.shape(smooth(lips))), mix(sitter.skin, (176, 44, 54), 0.72))
    canvas.lay(
        canvas.mask(lambda pen: pen.line(sitter.at((-0.07, 0.093), (0, 0.098), (0.07, 0.093)), thin * 0.7)), ink, 0.8
    )
    canvas.lay(canvas.mask(lines), ink, 0.92)


def _front_hair(scene: Scene, sitter: Sitter) -> None:
    canvas, palette = scene.canvas, scene.palette
    fringe = sitter.at(
        (0.0, -0.5), (0.17, -0.46), (0.265, -0.32), (0.285, -0.12), (0.24, -0.04), (0.2, -0.2), (0.1, -0.3),
        (-0.04, -0.33), (-0.16, -0.26), (-0.22, -0.14), (-0.25, -0.03), (-0.285, -0.12), (-0.265, -0.32),
        (-0.17, -0.46),
    )  # fmt: skip
    hair = canvas.mask(lambda pen: pen.shape(smooth(fringe)))
    canvas.lay(hair, sitter.hair)
    if sitter.style == 3:
        bun = canvas.mask(lambda pen: pen.oval(*sitter.at((0.02, -0.55))[0], sitter.size * 0.12, sitter.size * 0.1))
        canvas.lay(bun, sitter.hair)
    strands = canvas.mask(
        lambda pen: [
            pen.line(
                smooth(
                    sitter.at(
                        (0.02, -0.485), (s * (0.12 + 0.03 * k), -0.42 + 0.015 * k), (s * (0.2 + 0.018 * k), -0.22)
                    )
                ),
                sitter.size * 0.006,
            )
            for s in (-1, 1)
            for k in range(4)
        ]
    )
    canvas.lay(ImageChops.multiply(strands, hair), lighter(sitter.hair, 0.4), 0.5)
    drops = canvas.mask(
        lambda pen: [
            pen.oval(*sitter.at((s * 0.238, 0.055))[0], sitter.size * 0.022, sitter.size * 0.032) for s in (-1, 1)
        ]
    )
    canvas.lay(drops, palette.accent)
