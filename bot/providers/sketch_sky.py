"""Skies for the sketch painter: gradients, sun and moon, stars, clouds, and what falls from them."""

from __future__ import annotations

import math

from PIL import ImageChops

from bot.providers.sketch_canvas import curved
from bot.providers.sketch_colour import darker, lighter, mix
from bot.providers.sketch_scene import Scene
from bot.providers.sketch_words import Thing, Weather


def air(scene: Scene) -> None:
    """The sky from top to horizon, with the unevenness of a wash."""
    canvas, palette = scene.canvas, scene.palette
    top, middle, low = palette.sky
    canvas.image = canvas.gradient((0, top), (scene.horizon * 0.55, middle), (scene.horizon, low))
    canvas.veil(canvas.noise(4, 3), 0.28)


def lamp(scene: Scene) -> None:
    """The sun, or at night the moon, with its light around it."""
    canvas, palette, rng = scene.canvas, scene.palette, scene.rng
    x, y = scene.sun
    moon = palette.dark or Thing.MOON in scene.idea.things
    radius = scene.unit * (rng.uniform(6.5, 9) if moon else rng.uniform(5.5, 9.5))
    canvas.glow(x, y, scene.unit * 75, palette.light, 0.42 if moon else 0.62)
    canvas.glow(x, y, radius * 2.6, palette.light, 0.6)
    disc = canvas.mask(lambda pen: pen.oval(x, y, radius))
    canvas.lay(disc, palette.light)
    if not moon:
        return
    spots = [(rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6), rng.uniform(0.08, 0.26)) for _ in range(7)]
    seas = canvas.mask(lambda pen: [pen.oval(x + a * radius, y + b * radius, size * radius) for a, b, size in spots])
    canvas.lay(
        ImageChops.multiply(canvas.soft(seas, scene.unit * 0.5), disc), mix(palette.light, palette.sky[1], 0.5), 0.5
    )
    shade = canvas.mask(
        lambda pen: (pen.oval(x, y, radius), pen.oval(x - radius * 0.35, y - radius * 0.2, radius, value=0))
    )
    canvas.lay(ImageChops.multiply(canvas.soft(shade, radius * 0.25), disc), palette.sky[1], 0.55)


def stars(scene: Scene) -> None:
    """Stars, and sometimes the band of the milky way."""
    canvas, palette, rng = scene.canvas, scene.palette, scene.rng
    if rng.random() < 0.6:
        band = curved(canvas.noise(7, 5), lambda value: (value - 120) * 3)
        lean = rng.uniform(-0.4, 0.4)
        centre = canvas.width * rng.uniform(0.3, 0.7)
        path = [(centre + (t - 0.5) * canvas.height * lean * 2, t * scene.horizon * 1.1) for t in (0, 0.5, 1)]
        way = canvas.soft(canvas.mask(lambda pen: pen.line(path, scene.unit * 26)), scene.unit * 11)
        canvas.lay(ImageChops.multiply(band, way), lighter(palette.sky[2], 0.45), 0.32)
    count = round(canvas.width * canvas.height / (scene.unit * scene.unit) / 90)
    dots = [
        (rng.uniform(0, canvas.width), rng.uniform(0, scene.horizon) * rng.uniform(0.2, 1), rng.random() ** 4)
        for _ in range(count)
    ]
    near = scene.unit * 0.34
    small = canvas.mask(
        lambda pen: [pen.oval(x, y, 0.5 + size * near, value=90 + round(165 * size)) for x, y, size in dots]
    )
    canvas.lay(small, (255, 252, 240))
    for x, y, size in dots:
        if size > 0.62:
            canvas.glow(x, y, scene.unit * 2.4, (255, 250, 235), 0.5)


def clouds(scene: Scene) -> None:
    """Long clouds with lit upper edges."""
    canvas, palette, rng = scene.canvas, scene.palette, scene.rng
    density = 3.4 if scene.idea.weather else rng.uniform(1.6, 3.0)
    stretch = canvas.width / canvas.height
    mass = canvas.noise(max(2, round(2.5 * stretch)), 8)
    shape = curved(mass, lambda value: (value - 132) * density)
    height = scene.horizon
    band = canvas.gradient((0, (60, 60, 60)), (height * 0.35, (255, 255, 255)), (height * 0.95, (30, 30, 30)))
    shape = ImageChops.multiply(shape, band.getchannel("R"))
    lit = mix(palette.light, palette.sky[2], 0.35) if not palette.dark else mix(palette.sky[2], palette.light, 0.2)
    low = mix(palette.sky[1], palette.haze, 0.4)
    canvas.lay(ImageChops.offset(shape, 0, round(scene.unit * 1.2)), darker(low, 0.12), 0.4)
    canvas.lay(shape, lit, 0.62)


def haze(scene: Scene) -> None:
    """A breath of mist over the foot of the distance."""
    canvas = scene.canvas
    depth = scene.unit * (22 if scene.idea.weather is Weather.FOG else 9)
    y = scene.horizon
    band = canvas.gradient((y - depth, (0, 0, 0)), (y, (255, 255, 255)), (y + depth, (0, 0, 0))).getchannel("R")
    uneven = curved(canvas.noise(5, 6), lambda value: value * 1.35)
    strength = 0.75 if scene.idea.weather is Weather.FOG else 0.38
    canvas.lay(ImageChops.multiply(band, uneven), lighter(scene.palette.haze, 0.15), strength)


def falling(scene: Scene) -> None:
    """Rain or snow in front of everything."""
    canvas, rng = scene.canvas, scene.rng
    area = canvas.width * canvas.height / (scene.unit * scene.unit)
    if scene.idea.weather is Weather.SNOW:
        flakes = [
            (rng.uniform(0, canvas.width), rng.uniform(0, canvas.height), rng.random() ** 3)
            for _ in range(round(area / 32))
        ]
        mask = canvas.mask(
            lambda pen: [
                pen.oval(x, y, scene.unit * (0.14 + 0.55 * s), value=235 - round(110 * s)) for x, y, s in flakes
            ]
        )
        canvas.lay(mask, (255, 255, 252), 0.95)
        return
    slant = rng.uniform(-0.25, 0.25)
    drops = [
        (rng.uniform(0, canvas.width), rng.uniform(-0.1, 1) * canvas.height, rng.random())
        for _ in range(round(area / 26))
    ]
    mask = canvas.mask(
        lambda pen: [
            pen.line([(x, y), (x + slant * length, y + length)], scene.unit * 0.14, value=60 + round(130 * s))
            for x, y, s in drops
            for length in (scene.unit * (2 + 4 * s),)
        ]
    )
    canvas.lay(mask, lighter(scene.palette.sky[2], 0.5), 0.55)


def rays(scene: Scene) -> None:
    """Broad beams from the sun."""
    canvas, rng = scene.canvas, scene.rng
    x, y = scene.sun
    reach = canvas.width + canvas.height
    beams: list[tuple[float, float]] = []
    turn = rng.uniform(0, math.tau)
    for index in range(11):
        start = turn + index * math.tau / 11
        beams.append((start, start + rng.uniform(0.05, 0.2)))
    mask = canvas.mask(
        lambda pen: [
            pen.shape([(x, y)] + [(x + math.cos(a) * reach, y + math.sin(a) * reach) for a in pair]) for pair in beams
        ]
    )
    canvas.lay(canvas.soft(mask, scene.unit * 2.5), scene.palette.light, 0.1)
