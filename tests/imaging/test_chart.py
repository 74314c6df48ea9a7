"""Charts: as wide as promised, every part visible, and told apart without colour."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise

import pytest
from PIL import Image

from bot.domain.chart import Chart, Column, Row
from bot.imaging.chart import WIDTH, draw_chart


def chart(parts: int = 3, columns: int = 30) -> Chart:
    """A chart of something."""
    return Chart(
        title="Usage · last 30 days",
        subtitle="412 pictures · $21.40 · 37 people",
        top="up to $2.40 a day",
        columns=tuple(Column(label=f"{n}.11.", values=tuple([10 + n] * parts)) for n in range(1, columns + 1)),
        parts=tuple(Row(label=f"service {n}", value=n, text="$1.00") for n in range(parts)),
        rows_title="By person",
        rows=tuple(Row(label=str(n), value=9 - n, text="$0.40") for n in range(1, 9)),
    )


def drawn(what: Chart) -> Image.Image:
    """The chart, opened again."""
    return Image.open(io.BytesIO(draw_chart(what))).convert("RGB")


@pytest.mark.parametrize("columns", [1, 7, 30, 90])
@pytest.mark.parametrize("parts", [1, 8])
def test_a_chart_is_as_wide_as_promised_and_small_enough_to_send(columns: int, parts: int) -> None:
    content = draw_chart(chart(parts=parts, columns=columns))
    picture = Image.open(io.BytesIO(content))
    assert picture.width == WIDTH
    assert len(content) < 1_000_000


def test_parts_are_told_apart_without_colour() -> None:
    picture = drawn(chart(parts=8)).convert("L")
    samples = [_sample(picture, number) for number in range(8)]
    for one, other in pairwise(samples):
        assert one != other


def _sample(picture: Image.Image, number: int) -> bytes:
    """The sample of a part in the legend, as grey values."""
    top = _legend_top(picture) + 58 * number
    return picture.crop((36, top, 92, top + 30)).tobytes()


def _legend_top(picture: Image.Image) -> int:
    """Where the first sample begins: below the thick line that the columns stand on."""
    rows = [picture.crop((50, y, 750, y + 1)).tobytes() for y in range(picture.height)]
    dark = [y for y, row in enumerate(rows) if max(row) < 40]
    return dark[-1] + 30 + 36 + 4


def test_a_tiny_part_is_still_there() -> None:
    small, none = ((Column(label="today", values=(10_000_000, value)),) for value in (1, 0))
    with_it, without = (drawn(replace(chart(parts=2), columns=columns)) for columns in (small, none))
    assert with_it.tobytes() != without.tobytes()


def test_a_chart_of_nothing_is_drawn_all_the_same() -> None:
    assert drawn(replace(chart(columns=0, parts=0), rows=())).width == WIDTH


def test_more_parts_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="9 parts"):
        draw_chart(chart(parts=9))
