"""Bringing any picture that Pillow reads to plain 8-bit RGB or RGBA in sRGB."""

from __future__ import annotations

import io
from typing import Any, Final, cast

from PIL import Image, ImageCms

from bot.imaging.opening import DECODER_ERRORS

_DEEP_GREY: Final = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
_MAX_PROFILE: Final = 4 * 1024 * 1024
"""Bytes of a colour profile that are read; printers' profiles have about one million."""


def plain_mode(image: Image.Image) -> Image.Image:
    """The same picture in L, RGB, RGBA or CMYK: no palette, no 16 bits, no transparent colour."""
    if image.mode in _DEEP_GREY:
        # Pillow's own conversion clips everything above 255.
        return _scaled_down(image).convert("L")
    if image.mode in {"LA", "La", "PA", "RGBa"} or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in {"L", "RGB", "RGBA", "CMYK"}:
        return image
    return image.convert("L" if image.mode in {"1", "F"} else "RGB")


def _scaled_down(image: Image.Image) -> Image.Image:
    return image.point(lambda value: value * (1 / 256))  # pyright: ignore[reportUnknownMemberType]  # names numpy


def to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """The picture (in a plain mode) as RGB or RGBA in sRGB; an unreadable profile counts as none."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha else image
    if isinstance(profile, bytes) and 0 < len(profile) <= _MAX_PROFILE:
        colours = _converted(colours, profile)
    colours = colours.convert("RGB")
    if alpha is None or alpha.getextrema() == (255, 255):
        return colours
    colours.putalpha(alpha)
    return colours


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if ImageCms.getProfileDescription(source).startswith("sRGB"):
            return image
        converted = ImageCms.profileToProfile(image, source, _srgb(), outputMode="RGB")
    except (ImageCms.PyCMSError, *DECODER_ERRORS):
        return image
    return converted or image


def _srgb() -> ImageCms.ImageCmsProfile:
    profile = cast("Any", ImageCms.createProfile("sRGB"))  # pyright: ignore[reportUnknownMemberType]  # not annotated
    return ImageCms.ImageCmsProfile(profile)
