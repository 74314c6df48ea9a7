"""Requests, the changed copies that buttons make of them, and how options and flags become one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidRequest, UnusableImage
from bot.domain.flags import Flags
from bot.domain.options import Fallback, Options, compose
from bot.domain.references import Reference
from bot.domain.request import SEED_MAX, ImageRequest, check_seed, draw_seed
from bot.domain.shapes import EXACT_SIZES, Model, Ratio, Resolution, Shape, Size

MODEL = Reference(tag="model", filename="model.png", sha256="ab" * 32, media_type="image/png", width=8, height=8)
REQUEST = ImageRequest(
    prompt="@model in a garden",
    references=(MODEL,),
    shape=Shape(ratio=Ratio.CINEMA, resolution=Resolution.P1080),
    model=Model.GEN4_IMAGE_TURBO,
    seed=7,
    seed_chosen=True,
    count=3,
    spoiler=True,
)
SHAPES = st.one_of(
    st.builds(Shape, ratio=st.sampled_from(Ratio), resolution=st.sampled_from(Resolution)),
    st.sampled_from([*EXACT_SIZES]).map(Shape.of_size),
)


def made(flags: Flags, **options: Any) -> ImageRequest:
    return compose(flags, [], Options(**options), fallback=Fallback(seed=99))


def refused(request: ImageRequest) -> str:
    with pytest.raises(InvalidRequest) as caught:
        request.checked()
    return caught.value.key


def test_a_plain_request_has_the_defaults_of_the_product() -> None:
    request = made(Flags(prompt=" a cat "))
    assert request == ImageRequest(
        prompt="a cat",
        shape=Shape(ratio=Ratio.WIDE, resolution=Resolution.P720),
        model=Model.GEN4_IMAGE,
        seed=99,
        seed_chosen=False,
        count=1,
        spoiler=False,
    )


def test_reroll_changes_the_seed_alone() -> None:
    assert REQUEST.reroll(8) == replace(REQUEST, seed=8, seed_chosen=False)


@given(SHAPES, st.sampled_from(Ratio))
def test_another_ratio_changes_the_shape_alone(shape: Shape, ratio: Ratio) -> None:
    before = replace(REQUEST, shape=shape)
    after = before.with_ratio(ratio)
    assert after == replace(before, shape=Shape(ratio=ratio, resolution=shape.resolution))


@given(SHAPES)
def test_1080p_changes_the_resolution_alone(shape: Shape) -> None:
    before = replace(REQUEST, shape=shape)
    after = before.at_1080p()
    assert after == replace(before, shape=Shape(ratio=shape.ratio, resolution=Resolution.P1080))


@given(st.integers(0, SEED_MAX), st.integers(0, 3))
def test_the_pictures_of_a_request_have_legal_seeds_one_apart(seed: int, position: int) -> None:
    request = ImageRequest(prompt="a cat", seed=seed, count=4)
    assert check_seed(request.seed_of(position)) == (seed + position) % (SEED_MAX + 1)


@given(st.integers(0, 2_147_483_646))
def test_a_drawn_seed_is_one_that_every_service_takes(drawn: int) -> None:
    limits: list[int] = []
    seed = draw_seed(lambda below: limits.append(below) or drawn)
    assert limits == [2_147_483_647]
    assert 1 <= seed <= 2_147_483_647


@pytest.mark.parametrize("seed", [0, 1, SEED_MAX])
def test_seeds_within_the_range_pass(seed: int) -> None:
    assert ImageRequest(prompt="a cat", seed=seed).checked().seed == seed


@pytest.mark.parametrize("seed", [-1, SEED_MAX + 1, -(2**63), 10**20])
def test_a_seed_outside_the_range_is_refused(seed: int) -> None:
    assert refused(ImageRequest(prompt="a cat", seed=seed)) == "refused.seed"


@pytest.mark.parametrize("count", [-1, 0, 5, 1000])
def test_a_count_outside_one_to_four_is_refused(count: int) -> None:
    assert refused(ImageRequest(prompt="a cat", seed=1, count=count)) == "refused.count"


def test_turbo_needs_a_reference() -> None:
    with pytest.raises(InvalidRequest) as caught:
        replace(REQUEST, references=()).check_references()
    assert caught.value.key == "refused.turbo_reference"
    REQUEST.check_references()
    assert REQUEST.checked() == REQUEST


def test_a_deleted_reference_is_refused_with_its_name_unless_it_can_be_fetched_again() -> None:
    gone = Reference(tag="model", filename="@model")
    with pytest.raises(UnusableImage) as caught:
        replace(REQUEST, references=(MODEL, gone)).check_references()
    assert (caught.value.key, caught.value.values) == ("image.gone", {"filename": "@model"})
    replace(REQUEST, references=(MODEL, replace(gone, source="https://cdn.example/model.png"))).check_references()


def test_a_checked_request_has_a_clean_prompt() -> None:
    assert replace(REQUEST, prompt="\u202e @model\x00 ").checked().prompt == "@model"
    assert refused(replace(REQUEST, prompt="\u200b")) == "refused.prompt_empty"


@pytest.mark.parametrize(
    ("flags", "options", "expected"),
    [
        ({"ratio": Ratio.TALL}, {}, {"shape": Shape(ratio=Ratio.TALL)}),
        ({"ratio": Ratio.TALL}, {"ratio": Ratio.SQUARE}, {"shape": Shape(ratio=Ratio.SQUARE)}),
        ({"size": Size(1808, 768)}, {}, {"shape": Shape.of_size(Size(1808, 768))}),
        ({"size": Size(1808, 768)}, {"ratio": Ratio.SQUARE}, {"shape": Shape(ratio=Ratio.SQUARE)}),
        ({"ratio": Ratio.SQUARE}, {"size": Size(1808, 768)}, {"shape": Shape.of_size(Size(1808, 768))}),
        ({"resolution": Resolution.P1080}, {}, {"shape": Shape(resolution=Resolution.P1080)}),
        ({"resolution": Resolution.P1080}, {"resolution": Resolution.P720}, {"shape": Shape()}),
        ({"seed": 1}, {}, {"seed": 1, "seed_chosen": True}),
        ({"seed": 1}, {"seed": 0}, {"seed": 0, "seed_chosen": True}),
        ({"count": 2}, {}, {"count": 2}),
        ({"count": 2}, {"count": 1}, {"count": 1}),
        ({"spoiler": True}, {}, {"spoiler": True}),
        ({"spoiler": True}, {"spoiler": False}, {"spoiler": False}),
        ({}, {"spoiler": True}, {"spoiler": True}),
    ],
)
def test_an_option_wins_over_a_flag(flags: dict[str, Any], options: dict[str, Any], expected: dict[str, Any]) -> None:
    assert made(Flags(prompt="a cat", **flags), **options) == replace(made(Flags(prompt="a cat")), **expected)


def test_the_model_option_wins_over_the_flag() -> None:
    flags = Flags(prompt="@model", model=Model.GEN4_IMAGE_TURBO)
    assert compose(flags, [MODEL], Options(), fallback=Fallback(seed=1)).model is Model.GEN4_IMAGE_TURBO
    assert compose(flags, [MODEL], Options(model=Model.GEN4_IMAGE), fallback=Fallback(seed=1)).model is Model.GEN4_IMAGE


@pytest.mark.parametrize("count", [0, 5])
def test_a_count_that_cannot_be_is_refused_and_not_replaced(count: int) -> None:
    with pytest.raises(InvalidRequest) as caught:
        made(Flags(prompt="a cat", count=count))
    assert caught.value.key == "refused.count"


def test_a_ratio_and_a_size_do_not_go_together() -> None:
    with pytest.raises(InvalidRequest) as caught:
        made(Flags(prompt="a cat"), ratio=Ratio.WIDE, size=Size(1808, 768))
    assert caught.value.key == "refused.shape_twice"
    assert caught.value.values == {"ratio": "16:9", "size": "1808:768"}
