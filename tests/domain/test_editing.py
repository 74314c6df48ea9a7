"""An edited request: what was changed is changed, what was left alone stays, flags in the words count."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.editing import Edits, edited, read_shape_word, shape_word
from bot.domain.errors import InvalidRequest, UnusableImage
from bot.domain.references import Reference, Upload
from bot.domain.request import ImageRequest
from bot.domain.shapes import Model, Ratio, Resolution, Shape, Size

PARENT = ImageRequest(
    prompt="a cat", references=(Reference(tag="image1", sha256="aa"),), shape=Shape(ratio=Ratio.SQUARE), seed=7, count=2
)
EXACT = Shape.of_size(Size(1808, 768))


def after(**changes: Any) -> ImageRequest:
    form: dict[str, Any] = {"prompt": "a cat", "shape": shape_word(PARENT.shape), "seed": "7", **changes}
    return edited(PARENT, Edits(**form), drawn_seed=99)


def test_nothing_changed_is_the_same_request() -> None:
    assert after() == PARENT


@pytest.mark.parametrize("shape", [Shape(), EXACT, Shape(ratio=Ratio.TALL, resolution=Resolution.P1080)])
def test_a_shape_comes_back_from_its_word(shape: Shape) -> None:
    assert read_shape_word(shape_word(shape)) == shape
    assert after(shape=shape_word(shape)).shape == shape


def test_seeds_that_were_changed_are_chosen_and_emptied_ones_drawn() -> None:
    assert (after(seed=" 8 ").seed, after(seed="8").seed_chosen) == (8, True)
    assert (after(seed="").seed, after(seed="").seed_chosen) == (99, False)
    assert (after(prompt="a dog --seed 5").seed, after(prompt="a dog --seed 5").seed_chosen) == (5, True)


def test_flags_win_over_what_the_form_shows_unchanged() -> None:
    made = after(prompt="a dog --ar 3:4 --hd --turbo --count 1")
    assert (made.prompt, made.shape) == ("a dog", Shape(ratio=Ratio.PORTRAIT, resolution=Resolution.P1080))
    assert (made.model, made.count) == (Model.GEN4_IMAGE_TURBO, 1)
    assert after(prompt="a dog --ar 3:4", shape="9:16/720p").shape == Shape(ratio=Ratio.TALL)
    assert after(prompt="a dog --size 1808:768").shape == EXACT


def test_new_files_replace_the_references() -> None:
    upload = Upload(filename="hat.png", url="https://cdn.example/hat.png", size=5)
    assert [each.tag for each in after(prompt="@hat", uploads=[upload]).references] == ["hat"]


def test_a_shape_that_is_none_changes_nothing() -> None:
    assert after(shape="1:2") == after(shape="") == PARENT


@pytest.mark.parametrize("changes", [{"seed": "x"}, {"seed": "4294967296"}, {"prompt": " "}])
def test_what_cannot_be_used_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        after(**changes)


def test_a_file_that_is_no_picture_is_refused() -> None:
    with pytest.raises(UnusableImage):
        after(uploads=[Upload(filename="a.txt", url="https://cdn.example/a.txt", size=5, media_type="text/plain")])
