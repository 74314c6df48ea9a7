"""Turning a file that somebody handed over into a picture that may be stored and sent on: checked and re-written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, ImageStat

from bot.domain.errors import UnusableImage
from bot.imaging.headers import format_of, is_lossy, refusal_of, size_of
from bot.imaging.modes import plain_mode, to_srgb
from bot.imaging.opening import DECODER_ERRORS, TooManyPixels, open_picture, write
from bot.imaging.values import (
    NOTE_FIRST_FRAME,
    NOTE_PADDED,
    NOTE_RESIZED,
    DamagedPicture,
    Format,
    ImageLimits,
    Picture,
)

LIMITS: Final = ImageLimits()
_LONGEST_PNG: Final = 4 * 1024 * 1024
"""An opaque PNG above this is a photo, and becomes a JPEG."""


def clean(content: bytes, *, filename: str = "", limits: ImageLimits = LIMITS) -> Picture:
    """The picture in a file, upright, in sRGB, without metadata, re-encoded pixel by pixel.

    `filename` is only repeated in the sentence for the person.

    Raises:
        UnusableImage: no picture that we read, damaged, or outside the limits.
    """
    kind = _check_kind(content, filename, limits)
    try:
        image = open_picture(content, limits, fit_side=limits.fit_side)
    except TooManyPixels as error:
        raise _too_many_pixels(error, filename, limits) from None
    except DamagedPicture as error:
        raise UnusableImage("image.broken", filename=filename, detail=str(error)) from None
    _check_outline(image, filename, limits)
    notes: list[str] = []
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        notes.append(NOTE_FIRST_FRAME)
    if image.size != size_of(content, kind) or max(image.size) > limits.fit_side:
        notes.append(NOTE_RESIZED)
    try:
        draft = _Draft(image=_upright(image), notes=notes)
        draft.make_plain(limits.fit_side)
        draft.pad(limits)
    except DECODER_ERRORS as error:
        raise UnusableImage("image.broken", filename=filename, detail=type(error).__name__) from None
    return _written(draft.image, lossy=is_lossy(content, kind), notes=tuple(notes))


def _check_kind(content: bytes, filename: str, limits: ImageLimits) -> Format:
    if not content:
        raise UnusableImage("image.empty", filename=filename)
    kind = format_of(content)
    if kind is None:
        raise UnusableImage(refusal_of(content), filename=filename)
    if len(content) > limits.max_bytes:
        raise UnusableImage("image.too_large_bytes", filename=filename, size=len(content), limit=limits.max_bytes)
    return kind


def _too_many_pixels(error: TooManyPixels, filename: str, limits: ImageLimits) -> UnusableImage:
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


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except DECODER_ERRORS:
        # Damaged EXIF data: the picture itself is fine.
        return image


@dataclass(slots=True, kw_only=True)
class _Draft:
    """A picture on its way, with the notes taken while it changes."""

    image: Image.Image
    notes: list[str]

    def make_plain(self, side: int) -> None:
        profile: object = self.image.info.get("icc_profile")
        self.image = plain_mode(self.image)
        # Small before its colours are converted: that needs several copies.
        if max(self.image.size) > side:
            self.image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        self.image = to_srgb(self.image, profile)

    def pad(self, limits: ImageLimits) -> None:
        width, height = self.image.size
        aspect = width / height
        if limits.min_aspect <= aspect <= limits.max_aspect:
            return
        size = (
            max(width, math.ceil(height * limits.min_aspect)),
            max(height, math.ceil(width / limits.max_aspect)),
        )
        padded = Image.new(self.image.mode, size, _edge_colour(self.image))
        padded.paste(self.image, ((size[0] - width) // 2, (size[1] - height) // 2))
        self.image = padded
        self.notes.append(NOTE_PADDED)


def _edge_colour(image: Image.Image) -> tuple[int, ...]:
    """The mean colour along the long sides, so that the padding does not look like a frame; clear where it may be."""
    if image.mode == "RGBA":
        return (0, 0, 0, 0)
    width, height = image.size
    wide = width > height
    boxes = (
        ((0, 0, width, 1), (0, height - 1, width, height))
        if wide
        else ((0, 0, 1, height), (width - 1, 0, width, height))
    )
    means = [ImageStat.Stat(image.crop(box)).mean for box in boxes]
    return tuple(round(sum(values) / len(values)) for values in zip(*means, strict=True))


def _written(image: Image.Image, *, lossy: bool, notes: tuple[str, ...]) -> Picture:
    if image.mode == "RGBA":
        return write(image, Format.PNG, notes=notes)
    if lossy:
        return write(image, Format.JPEG, notes=notes)
    picture = write(image, Format.PNG, notes=notes)
    return write(image, Format.JPEG, notes=notes) if len(picture.content) > _LONGEST_PNG else picture
