"""Ratios, resolutions and exact sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidRequest
from bot.domain.shapes import ALL_SIZES, EXACT_SIZES, SIZES, Ratio, Resolution, Shape, Size, nearest_size

SIDES = st.integers(10, 99_999)


def test_every_ratio_has_a_size_at_every_resolution() -> None:
    assert set(SIZES) == {(ratio, resolution) for ratio in Ratio for resolution in Resolution}
    assert len(ALL_SIZES) == 16, "the enum of text_to_image in runwayml 5.24.0 has 16 sizes"


def test_every_size_has_about_the_ratio_it_stands_under() -> None:
    for size, (ratio, _) in ALL_SIZES.items():
        width, height = (int(side) for side in ratio.split(":"))
        # 21:9 is 2.33; what is called so at the services lies between 2.31 and 2.36.
        assert size.width / size.height == pytest.approx(width / height, rel=0.02), str(size)


@pytest.mark.parametrize("text", ["1808:768", "1808x768", "1808×768", " 1808 : 768 ", "1808 x 768"])
def test_a_size_is_read_as_people_type_it(text: str) -> None:
    assert Size.parse(text) == Size(1808, 768)


@pytest.mark.parametrize(
    "text", ["", "1808", "1808:", "16:9:1", "big", "1808:-768", "٣٢١:٣٢١", "1e3:500", "1808.0:768"]
)
def test_what_is_no_size_gives_none(text: str) -> None:
    assert Size.parse(text) is None


@given(SIDES, SIDES)
def test_a_printed_size_can_be_read_again(width: int, height: int) -> None:
    assert Size.parse(str(Size(width, height))) == Size(width, height)


@pytest.mark.parametrize("size", SIZES.values(), ids=str)
def test_a_size_that_a_ratio_has_is_that_ratio(size: Size) -> None:
    shape = Shape.of_size(size)
    assert shape.size is None
    assert SIZES[(shape.ratio, shape.resolution)] == size
    assert str(shape) == f"{shape.ratio.value} {shape.resolution.value}"


@pytest.mark.parametrize("size", EXACT_SIZES, ids=str)
def test_an_exact_size_keeps_its_pixels_family_and_the_dearer_tier(size: Size) -> None:
    shape = Shape.of_size(size)
    assert shape == Shape(ratio=EXACT_SIZES[size], resolution=Resolution.P1080, size=size)
    assert str(shape) == str(size)


def test_an_unknown_size_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidRequest) as caught:
        Shape.of_size(Size(1800, 770))
    assert caught.value.key == "refused.size"
    assert caught.value.values == {"size": "1800:770", "nearest": "1808:768"}


@given(SIDES, SIDES)
def test_the_nearest_size_is_one_that_can_be_made(width: int, height: int) -> None:
    nearest = nearest_size(Size(width, height))
    assert Shape.of_size(nearest)
    if Size(width, height) in ALL_SIZES:
        assert nearest == Size(width, height)
