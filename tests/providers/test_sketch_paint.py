"""The sketch painter: every subject can be painted, and every picture says what it is."""

from __future__ import annotations

import io
import random
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from bot.domain.shapes import Size
from bot.providers import sketch_paint
from bot.providers.sketch_colour import Light
from bot.providers.sketch_frames import Print, colours_of, open_print, pin
from bot.providers.sketch_paint import Subject, begin, paint
from bot.providers.sketch_words import Motif, Thing, Weather, read
from tests.support.ordering import a_reference

TINY = Size(320, 200)


def painted(
    prompt: str, *, seed: int = 7, size: Size = TINY, loose: bool = False, prints: tuple[Print, ...] = ()
) -> Image.Image:
    content = paint(Subject(prompt=prompt, seed=seed, size=size, loose=loose, prints=prints))
    return Image.open(io.BytesIO(content)).convert("RGB")


PROMPTS = [
    "rolling hills with a house and a castle at dawn",
    "snowy mountains at night",
    "a lighthouse, a boat and birds by the sea",
    "a foggy forest by moonlight",
    "a city in the rain at sunset",
    "a desert at noon",
    "a planet",
    "portrait of a queen",
    "a field of poppies with a cat and a balloon",
    "abstract pattern in red and gold",
    "",
]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("size", [Size(336, 144), Size(144, 256)], ids=str)
def test_every_motif_fills_its_canvas_in_every_format(prompt: str, size: Size) -> None:
    image = painted(prompt, size=size)
    assert image.size == (size.width, size.height)
    inner = image.crop((size.width // 5, size.height // 5, size.width * 4 // 5, size.height * 4 // 5))
    assert max(ImageStat.Stat(inner).stddev) > 8


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([*" ".join(PROMPTS).split(), "😀", "ночь", "@model", "\ud800"]), max_size=6).map(" ".join),
    st.integers(0, 2**32 - 1),
    st.sampled_from([TINY, Size(144, 256), Size(200, 200)]),
    st.booleans(),
)
def test_whatever_the_words_and_the_seed_there_is_a_picture(prompt: str, seed: int, size: Size, loose: bool) -> None:
    assert painted(prompt, seed=seed, size=size, loose=loose).size == (size.width, size.height)


def test_every_picture_says_that_it_is_no_ai(monkeypatch: pytest.MonkeyPatch) -> None:
    with_caption = painted("hills", size=Size(720, 720))
    monkeypatch.setattr(sketch_paint, "CAPTION", "")
    without = painted("hills", size=Size(720, 720))
    box = ImageChops.difference(with_caption, without).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert (left < 60, top > 660, right > 120, bottom <= 720) == (True,) * 4
    shades = with_caption.crop((10, 685, 200, 715)).convert("L").histogram()
    assert sum(shades[:110]) > 100, "no dark letters"
    assert sum(shades[230:]) > 1000, "no bright ground"


def test_a_new_ratio_keeps_the_scene() -> None:
    wide = begin(Subject(prompt="anything", seed=3, size=Size(320, 180), loose=False)).scene
    tall = begin(Subject(prompt="anything", seed=3, size=Size(180, 320), loose=False)).scene
    assert (wide.idea, wide.palette) == (tall.idea, tall.palette)


def test_words_decide_place_light_weather_and_things() -> None:
    idea = read("A Cat on a castle wall above the SEA, snowy night, @forest", random.Random(1))
    assert (idea.motif, idea.light, idea.weather) == (Motif.SEA, Light.NIGHT, Weather.SNOW)
    assert idea.things == {Thing.CAT, Thing.CASTLE}
    assert read("field of red poppies", random.Random(1)).motif is Motif.FLOWERS
    assert len(read("red green blue pink", random.Random(1)).tints) == 3


def test_the_palette_comes_from_the_references() -> None:
    red = Print(tag="red", image=Image.new("RGB", (64, 64), (220, 30, 30)))
    blue = Print(tag="blue", image=Image.new("RGB", (64, 64), (30, 40, 220)))
    assert colours_of([red])[0] == (220, 30, 30)
    warm, cold = (
        ImageStat.Stat(painted("hills at noon", prints=(p,)).crop((20, 20, 120, 60))).mean for p in (red, blue)
    )
    assert warm[0] - warm[2] > cold[0] - cold[2] + 20


def test_three_references_are_pinned_beside_each_other() -> None:
    prints = tuple(open_print(tag, a_reference(tag).content) for tag in ("one", "two", "three"))
    painting = begin(Subject(prompt="x", seed=1, size=Size(640, 360), loose=False, prints=prints))
    places: list[tuple[int, int, int, int]] = []
    for step in painting.steps:
        before = painting.scene.canvas.image.copy()
        step()
        if isinstance(step, partial) and step.func is pin:
            box = ImageChops.difference(before, painting.scene.canvas.image).getbbox()
            assert box is not None
            places.append(box)
    assert len(places) == 3
    assert all(left[2] <= right[0] for left, right in pairwise(places))


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, a_reference().content[:200]])
def test_a_reference_that_cannot_be_read_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):
        open_print("tag", content)


def test_a_picture_that_would_be_a_huge_png_becomes_a_jpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketch_paint, "_LARGEST_PNG", 1000)
    assert paint(Subject(prompt="sea", seed=1, size=TINY, loose=False)).startswith(b"\xff\xd8\xff")
