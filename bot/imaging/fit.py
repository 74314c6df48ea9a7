"""Making a finished picture small enough for an upload."""

from __future__ import annotations

from typing import Final

from PIL import Image

from bot.imaging.headers import format_of
from bot.imaging.modes import plain_mode, to_srgb
from bot.imaging.opening import open_picture, write
from bot.imaging.values import NOTE_REENCODED, DamagedPicture, Format, ImageLimits, Picture

LIMITS: Final = ImageLimits()
_SCALES: Final = (1.0, 0.85, 0.7, 0.5, 0.35, 0.25, 0.12)
_QUALITIES: Final = (95, 88, 80)


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
    image = to_srgb(plain_mode(image), profile)
    for scale in _SCALES:
        scaled = _scaled(image, scale)
        for quality in _QUALITIES:
            target = Format.WEBP if image.mode == "RGBA" else Format.JPEG
            picture = write(scaled, target, quality=quality, notes=(NOTE_REENCODED,))
            if len(picture.content) <= max_bytes:
                return picture
    raise DamagedPicture("does not fit")


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    if scale == 1.0:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)  # pyright: ignore[reportUnknownMemberType]  # names numpy
