"""Finished pictures: whole or damaged, and small enough for an upload."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
from PIL import Image

from bot.imaging import DamagedPicture, ImageLimits, Probe, fit_upload, probe


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


NOISE = Image.frombytes("RGB", (400, 300), random.Random(1).randbytes(400 * 300 * 3))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_whole_picture_tells_what_it_is(kind: str) -> None:
    assert probe(encoded(NOISE, kind)) == Probe(media_type=f"image/{kind.lower()}", width=400, height=300)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_half_a_picture_is_damaged(kind: str) -> None:
    content = encoded(NOISE, kind)
    with pytest.raises(DamagedPicture):
        probe(content[: len(content) // 2])
    with pytest.raises(DamagedPicture):
        fit_upload(content[: len(content) // 2], 10_000_000)


@pytest.mark.parametrize("content", [b"", b"<html>", encoded(NOISE, "GIF")])
def test_what_is_no_picture_is_damaged(content: bytes) -> None:
    with pytest.raises(DamagedPicture):
        probe(content)
    with pytest.raises(ValueError):
        fit_upload(content, 10_000_000)


def test_a_picture_larger_than_anything_ordered_is_not_decoded() -> None:
    with pytest.raises(DamagedPicture):
        probe(encoded(NOISE), limits=ImageLimits(max_pixels=100))


def test_a_picture_that_fits_is_left_as_it_is() -> None:
    content = encoded(NOISE)
    picture = fit_upload(content, len(content))
    assert (picture.content, picture.notes, picture.media_type) == (content, (), "image/png")


@pytest.mark.parametrize("limit", [300_000, 100_000, 20_000, 3_000])
def test_a_picture_that_does_not_fit_is_written_again_until_it_does(limit: int) -> None:
    picture = fit_upload(encoded(NOISE), limit)
    assert len(picture.content) <= limit
    assert (picture.media_type, picture.notes) == ("image/jpeg", ("note.reencoded",))
    assert probe(picture.content) == Probe(media_type="image/jpeg", width=picture.width, height=picture.height)
    assert abs(picture.width / picture.height - 4 / 3) < 0.05


def test_the_size_is_kept_as_long_as_quality_can_give_way() -> None:
    assert fit_upload(encoded(NOISE), 300_000).width == 400
    assert fit_upload(encoded(NOISE), 20_000).width < 400


def test_transparency_survives_the_shrinking() -> None:
    image = NOISE.copy()
    image.putalpha(128)
    picture = fit_upload(encoded(image), 60_000)
    result = Image.open(io.BytesIO(picture.content))
    assert (picture.media_type, result.mode) == ("image/webp", "RGBA")
    assert len(picture.content) <= 60_000


def test_where_nothing_fits_it_says_so() -> None:
    with pytest.raises(DamagedPicture):
        fit_upload(encoded(NOISE), 10)
