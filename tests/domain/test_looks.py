"""Tips on references come from what the pictures look like, one at a time."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageOps

from bot.domain.looks import TIP_ANGLE, TIP_LIGHT, TIP_SMALL, Look, tip_for
from bot.imaging import clean


def figure(*, turned: bool = False, light: int = 0, side: int = 640) -> Look:
    """The look of a drawn figure, seen from the front or from the side, in other light."""
    image = Image.new("RGB", (640, 640), (150, 160, 170))
    draw = ImageDraw.Draw(image)
    if turned:
        draw.polygon([(40, 600), (300, 60), (420, 600)], fill=(90, 60, 40))
        draw.ellipse((420, 380, 600, 560), fill=(230, 210, 60))
    else:
        draw.ellipse((200, 60, 440, 300), fill=(230, 190, 160))
        draw.rectangle((180, 300, 460, 640), fill=(40, 60, 120))
    if light:
        image = ImageOps.colorize(image.convert("L"), (light, light, light), (255, 255, 255))
    target = io.BytesIO()
    image.resize((side, side)).save(target, "PNG")
    look = clean(target.getvalue()).look
    assert look is not None
    return look


FRONT, SIDE = figure(), figure(turned=True)


@pytest.mark.parametrize(
    ("looks", "tip"),
    [
        ([], None),
        ([FRONT], None),
        ([FRONT, SIDE], None),
        ([figure(side=200)], TIP_SMALL),
        ([FRONT, figure(turned=True, side=300)], TIP_SMALL),
        ([FRONT, figure(side=600)], TIP_ANGLE),
        ([FRONT, figure(light=90), figure(side=700)], TIP_ANGLE),
        ([FRONT, FRONT, SIDE], None),
        ([FRONT, figure(turned=True, light=210)], TIP_LIGHT),
    ],
)
def test_the_tip_that_helps_most_is_given(looks: list[Look], tip: str | None) -> None:
    assert tip_for(looks) == tip
