"""The sketch painter itself: from prompt, seed, size and references to a list of strokes and the finished file."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PIL import ImageDraw, ImageFilter

from bot.domain.shapes import Size
from bot.providers import sketch_figures as figures
from bot.providers import sketch_land as land
from bot.providers import sketch_plants as plants
from bot.providers import sketch_sky as sky
from bot.providers import sketch_town as town
from bot.providers.sketch_canvas import Canvas, curved
from bot.providers.sketch_colour import Light, choose, lighter, mix
from bot.providers.sketch_frames import Print, colours_of, fitting_font, pin
from bot.providers.sketch_people import portrait
from bot.providers.sketch_scene import Scene, Step
from bot.providers.sketch_shapes import abstract, space
from bot.providers.sketch_words import Motif, Thing, Weather, read

CAPTION: Final = "Sketch · no AI"
_LARGEST_PNG: Final = 4 * 1024 * 1024
"""Bytes; a larger one becomes a JPEG, so that it stays far below any upload limit."""

_INSIDE: Final = {Motif.ABSTRACT, Motif.PORTRAIT}
_HORIZONS: Final = {
    Motif.SEA: (0.46, 0.58),
    Motif.CITY: (0.62, 0.7),
    Motif.FOREST: (0.44, 0.54),
    Motif.MOUNTAINS: (0.5, 0.6),
    Motif.SPACE: (0.95, 1.0),
}
_GROUNDS: Final[dict[Motif, Callable[[Scene], list[Step]]]] = {
    Motif.HILLS: land.hills,
    Motif.MOUNTAINS: land.mountains,
    Motif.SEA: land.sea,
    Motif.FOREST: plants.forest,
    Motif.CITY: town.city,
    Motif.DESERT: land.desert,
    Motif.SPACE: space,
    Motif.FLOWERS: land.flowers,
    Motif.PORTRAIT: portrait,
    Motif.ABSTRACT: abstract,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everything that decides a picture; equal subjects give equal pixels."""

    prompt: str
    seed: int
    size: Size
    loose: bool
    prints: tuple[Print, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Painting:
    """A picture as a list of strokes of work. Call each once, in order; then `finished` gives the file."""

    scene: Scene
    steps: Sequence[Step]

    def finished(self) -> bytes:
        """The picture as PNG, or as a very good JPEG when the PNG would be large."""
        target = io.BytesIO()
        self.scene.canvas.image.save(target, "PNG", compress_level=4)
        if target.tell() > _LARGEST_PNG:
            target = io.BytesIO()
            self.scene.canvas.image.save(target, "JPEG", quality=95, subsampling=0)
        return target.getvalue()


def begin(subject: Subject) -> Painting:
    """Stretch a canvas and plan the strokes."""
    rng = random.Random(_number_of(subject))
    idea = read(subject.prompt, rng)
    canvas = Canvas((subject.size.width, subject.size.height), rng)
    palette = choose(idea.light, (*colours_of(subject.prints), *idea.tints)[:3], rng)
    low, high = _HORIZONS.get(idea.motif, (0.5, 0.62))
    horizon = canvas.height * rng.uniform(low, high)
    lowest = 0.35 if palette.dark or Thing.MOON in idea.things else 0.82
    sun = (canvas.width * rng.uniform(0.2, 0.8), horizon * rng.uniform(0.25, lowest))
    scene = Scene(canvas=canvas, rng=rng, palette=palette, idea=idea, horizon=horizon, sun=sun, loose=subject.loose)
    return Painting(scene=scene, steps=_steps(scene, subject.prints))


def _number_of(subject: Subject) -> int:
    """One number out of prompt, seed and references. The size is left out: a new ratio keeps the scene."""
    digest = hashlib.sha256(f"{subject.seed}\n{subject.prompt.casefold()}".encode("utf-8", "surrogatepass"))
    for print_ in subject.prints:
        digest.update(print_.tag.encode())
        digest.update(print_.image.tobytes())
    return int.from_bytes(digest.digest()[:16], "big")


def _steps(scene: Scene, prints: Sequence[Print]) -> list[Step]:
    idea = scene.idea
    steps: list[Step] = []
    if idea.motif not in _INSIDE:
        steps.append(partial(sky.air, scene))
        if scene.palette.dark or Thing.STARS in idea.things:
            steps.append(partial(sky.stars, scene))
        if idea.motif is not Motif.SPACE:
            steps += [partial(sky.lamp, scene), partial(sky.clouds, scene)]
        if idea.light is Light.DAWN and not scene.loose:
            steps.append(partial(sky.rays, scene))
    ground = _GROUNDS[idea.motif](scene)
    # Things in the middle distance stand behind the nearest land.
    front = 0 if idea.motif in _INSIDE or idea.motif in {Motif.CITY, Motif.SPACE} else 1
    steps += ground[: len(ground) - front]
    if idea.motif not in _INSIDE and idea.motif is not Motif.SPACE:
        steps.append(partial(sky.haze, scene))
    steps += _things(scene)
    steps += ground[len(ground) - front :]
    if idea.motif is Motif.FOREST and scene.palette.dark:
        steps.append(partial(plants.fireflies, scene))
    if Thing.CAT in idea.things:
        steps.append(partial(_seat_cat, scene))
    if idea.weather in {Weather.RAIN, Weather.SNOW}:
        steps.append(partial(sky.falling, scene))
    steps += [partial(pin, scene, prints, index) for index in range(len(prints))]
    return [*steps, partial(_surface, scene), partial(_mount, scene)]


def _things(scene: Scene) -> list[Step]:
    canvas, rng, unit = scene.canvas, scene.rng, scene.unit
    things = scene.idea.things
    steps: list[Step] = []
    middle = scene.horizon + (canvas.height - scene.horizon) * 0.36
    x = canvas.width * rng.choice((rng.uniform(0.2, 0.34), rng.uniform(0.62, 0.76)))
    if Thing.CASTLE in things and scene.idea.motif not in _INSIDE:
        steps.append(partial(town.castle, scene, x, middle, unit * 40))
    if Thing.LIGHTHOUSE in things:
        steps.append(partial(town.lighthouse, scene, canvas.width * 0.78, canvas.height - unit * 12, unit * 46))
    if Thing.HOUSE in things:
        steps.append(partial(town.house, scene, x, middle + unit * 8, unit * 17))
    if Thing.BOAT in things:
        steps.append(partial(figures.boat, scene, x, scene.horizon + unit * 13, unit * 17))
    if Thing.BALLOON in things:
        steps += [
            partial(figures.balloon, scene, canvas.width - x, scene.horizon * 0.45, unit * 22),
            partial(figures.balloon, scene, canvas.width / 2, scene.horizon * 0.66, unit * 9),
        ]
    airy = scene.idea.motif in {Motif.SEA, Motif.HILLS, Motif.MOUNTAINS} and not scene.palette.dark
    if Thing.BIRDS in things or (airy and rng.random() < 0.5):
        steps.append(partial(figures.birds, scene))
    return steps


def _seat_cat(scene: Scene) -> None:
    canvas = scene.canvas
    x = canvas.width * (0.3 if scene.sun[0] > canvas.width / 2 else 0.62)
    figures.cat(scene, x, canvas.height - scene.unit * 9, scene.unit * 40)


def _surface(scene: Scene) -> None:
    """Paper: grain, and light that falls off towards the corners."""
    canvas = scene.canvas
    edge = canvas.mask(
        lambda pen: pen.oval(canvas.width / 2, canvas.height / 2, canvas.width * 0.62, canvas.height * 0.64)
    )
    canvas.lay(curved(canvas.soft(edge, scene.unit * 22), lambda value: (255 - value) * 0.34), (24, 16, 30))
    canvas.grain(0.5 if scene.loose else 0.32)


def _mount(scene: Scene) -> None:
    """A white margin with deckled inner edge, and the caption in it."""
    canvas, unit = scene.canvas, scene.unit
    margin, foot = unit * 2.6, unit * 6.2
    paper = lighter(mix((250, 246, 238), scene.palette.haze, 0.06), 0.3)
    sheet = canvas.mask(
        lambda pen: (
            pen.box(0, 0, canvas.width, canvas.height),
            pen.box(margin, margin, canvas.width - margin, canvas.height - foot, value=0),
        )
    ).filter(ImageFilter.GaussianBlur(unit * 0.12))
    canvas.lay(sheet, paper)
    ink = mix((70, 62, 66), scene.palette.near, 0.3)
    draw = ImageDraw.Draw(canvas.image)
    font = fitting_font(CAPTION, canvas.width * 0.5, round(unit * 2.9))
    line = canvas.height - foot / 2 - unit * 0.1
    draw.text((margin + unit * 0.4, line), CAPTION, font=font, fill=ink, anchor="lm")
    x, size = canvas.width - margin - unit * 1.2, unit * 1.15
    for tone in (
        scene.palette.near,
        scene.palette.water,
        scene.palette.accent,
        scene.palette.sky[1],
        scene.palette.haze,
    ):
        draw.ellipse((x - size, line - size, x + size, line + size), fill=tone)
        x -= size * 2.5


def paint(subject: Subject) -> bytes:
    """The whole picture at once."""
    painting = begin(subject)
    for step in painting.steps:
        step()
    return painting.finished()
