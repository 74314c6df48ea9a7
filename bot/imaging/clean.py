"""Turning a file that somebody handed over into a picture that may be stored and sent on: checked and re-written."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PIL import ExifTags, Image

from bot.domain.errors import UnusableImage
from bot.domain.looks import Look
from bot.imaging.bare import is_bare
from bot.imaging.headers import format_of, is_lossy, refusal_of, size_of
from bot.imaging.looks import look_of
from bot.imaging.modes import to_srgb
from bot.imaging.opening import DECODER_ERRORS, TooManyPixels, open_picture, write
from bot.imaging.shrinking import shrunk
from bot.imaging.values import (
    NOTE_FIRST_FRAME,
    NOTE_RESIZED,
    DamagedPicture,
    Format,
    ImageLimits,
    Picture,
)

LIMITS: Final = ImageLimits()
_LONGEST_PNG: Final = 4 * 1024 * 1024
"""An opaque PNG above this is a photo, and becomes a JPEG."""
_NAMES: Final = {Format.PNG: "PNG", Format.JPEG: "progressive JPEG", Format.WEBP: "WebP"}
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings a picture upright, by its orientation (EXIF 2.32, tag 0x0112)."""


def clean(content: bytes, *, filename: str = "", limits: ImageLimits = LIMITS) -> Picture:
    """The picture in a file, upright, in sRGB, without metadata, re-encoded pixel by pixel.

    `filename` is only repeated in the sentence for the person.

    Raises:
        UnusableImage: no picture that we read, damaged, or outside the limits.
    """
    kind = _check_kind(content, filename, limits)
    try:
        image = open_picture(content, limits, draft=True)
    except TooManyPixels as error:
        raise _too_many_pixels(error, kind, filename, limits) from None
    except DamagedPicture as error:
        raise UnusableImage("image.broken", filename=filename, detail=str(error)) from None
    _check_outline(image, filename, limits)
    size = size_of(content, kind) or image.size
    notes: list[str] = []
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        notes.append(NOTE_FIRST_FRAME)
    if image.size != size or max(image.size) > limits.fit_side:
        notes.append(NOTE_RESIZED)
    try:
        plain = _plain(image, limits.fit_side)
    except DECODER_ERRORS as error:
        raise UnusableImage("image.broken", filename=filename, detail=type(error).__name__) from None
    del image
    look = look_of(plain, side=min(size))
    picture = _written(plain, lossy=is_lossy(content, kind), notes=tuple(notes), look=look)
    return replace(picture, bare=is_bare(content, kind))


def _check_kind(content: bytes, filename: str, limits: ImageLimits) -> Format:
    if not content:
        raise UnusableImage("image.empty", filename=filename)
    kind = format_of(content)
    if kind is None:
        raise UnusableImage(refusal_of(content), filename=filename)
    if len(content) > limits.max_bytes:
        raise UnusableImage("image.too_large_bytes", filename=filename, size=len(content), limit=limits.max_bytes)
    return kind


def _too_many_pixels(error: TooManyPixels, kind: Format, filename: str, limits: ImageLimits) -> UnusableImage:
    if error.most is not None:
        return UnusableImage(
            "image.too_heavy",
            filename=filename,
            width=error.width,
            height=error.height,
            limit=error.most,
            kind=_NAMES[kind],
        )
    return UnusableImage(
        "image.too_many_pixels",
        filename=filename,
        width=error.width,
        height=error.height,
        limit=limits.max_pixels,
        side_limit=limits.max_side,
    )


def _check_outline(image: Image.Image, filename: str, limits: ImageLimits) -> None:
    width, height = image.size
    if min(width, height) < limits.min_side:
        raise UnusableImage("image.too_small", filename=filename, width=width, height=height, limit=limits.min_side)
    if min(width / height, height / width) < limits.thinnest:
        longest = round(1 / limits.thinnest)
        raise UnusableImage("image.aspect", filename=filename, width=width, height=height, limit=longest)


def _plain(image: Image.Image, side: int) -> Image.Image:
    """Upright, in sRGB, no longer than `side`. Small before its colours are converted: that needs several copies."""
    profile: object = image.info.get("icc_profile")
    turn = _turn(image)
    plain = to_srgb(shrunk(image, side), profile)
    return plain if turn is None else plain.transpose(turn)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """What brings the picture upright, by its EXIF data; damaged data says nothing."""
    try:
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except DECODER_ERRORS:
        return None


def _written(image: Image.Image, *, lossy: bool, notes: tuple[str, ...], look: Look) -> Picture:
    if image.mode == "RGBA":
        return write(image, Format.PNG, notes=notes, look=look)
    if lossy:
        return write(image, Format.JPEG, notes=notes, look=look)
    picture = write(image, Format.PNG, notes=notes, look=look)
    return write(image, Format.JPEG, notes=notes, look=look) if len(picture.content) > _LONGEST_PNG else picture
