"""Making a finished picture small enough for an upload, and a reference what a service takes."""

from __future__ import annotations

import math
from typing import Final

from PIL import Image, ImageStat

from bot.domain.capabilities import ReferenceLimits
from bot.domain.plan import NOTE_PADDED, NOTE_SHRUNK
from bot.imaging.headers import format_of
from bot.imaging.modes import plain_mode, to_srgb
from bot.imaging.opening import open_picture, write
from bot.imaging.values import (
    NOTE_REENCODED,
    DamagedPicture,
    Format,
    ImageLimits,
    Picture,
)

LIMITS: Final = ImageLimits()
_SCALES: Final = (1.0, 0.85, 0.7, 0.5, 0.35, 0.25, 0.12)
_QUALITIES: Final = (95, 88, 80)
_PREVIEW_SIDE: Final = 512


def fit_upload(content: bytes, max_bytes: int, *, limits: ImageLimits = LIMITS) -> Picture:
    """The picture as it is when it fits, otherwise the best JPEG (with transparency: WebP) that does.

    Raises:
        DamagedPicture: it cannot be read, or `max_bytes` is too little for any picture.
    """
    kind = format_of(content)
    if kind is None:
        raise DamagedPicture("no picture")
    image: Image.Image = open_picture(content, limits)
    if len(content) <= max_bytes:
        return Picture(content=content, media_type=kind.media_type, width=image.width, height=image.height)
    profile: object = image.info.get("icc_profile")
    return _squeezed(to_srgb(plain_mode(image), profile), max_bytes, notes=(NOTE_REENCODED,))


def fit_reference(content: bytes, wanted: ReferenceLimits, *, limits: ImageLimits = LIMITS) -> Picture:
    """A clean reference as it is when a service takes it, otherwise with margins, or smaller.

    Raises:
        DamagedPicture: it cannot be read, or cannot be made what is wanted.
    """
    kind = format_of(content)
    if kind is None:
        raise DamagedPicture("no picture")
    image: Image.Image = open_picture(content, limits)
    picture = Picture(content=content, media_type=kind.media_type, width=image.width, height=image.height)
    if not wanted.min_aspect <= image.width / image.height <= wanted.max_aspect:
        image = _padded(plain_mode(image), wanted)
        picture = write(image, kind, notes=(NOTE_PADDED,))
    if wanted.max_bytes is None or len(picture.content) <= wanted.max_bytes:
        return picture
    return _squeezed(to_srgb(plain_mode(image), None), wanted.max_bytes, notes=(*picture.notes, NOTE_SHRUNK))


def _squeezed(image: Image.Image, max_bytes: int, *, notes: tuple[str, ...]) -> Picture:
    """The best that fits of a picture in RGB or RGBA."""
    target = Format.WEBP if image.mode == "RGBA" else Format.JPEG
    for scale in _SCALES:
        scaled = _scaled(image, scale)
        for quality in _QUALITIES:
            picture = write(scaled, target, quality=quality, notes=notes)
            if len(picture.content) <= max_bytes:
                return picture
    raise DamagedPicture("does not fit")


def preview(content: bytes, *, limits: ImageLimits = LIMITS) -> Picture:
    """A small copy of a picture that was written by us, to look through many; always WebP.

    Raises:
        DamagedPicture: it cannot be read.
    """
    image: Image.Image = open_picture(content, limits)
    image = plain_mode(image)
    image.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return write(image, Format.WEBP, quality=80)


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    if scale == 1.0:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)  # pyright: ignore[reportUnknownMemberType]  # names numpy


def _padded(image: Image.Image, wanted: ReferenceLimits) -> Image.Image:
    width, height = image.size
    size = (
        max(width, math.ceil(height * wanted.min_aspect)),
        max(height, math.ceil(width / wanted.max_aspect)),
    )
    padded = Image.new(image.mode, size, _edge_colour(image))
    padded.paste(image, ((size[0] - width) // 2, (size[1] - height) // 2))
    return padded


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
