"""How much memory opening a picture takes, told from its header alone."""

from __future__ import annotations

import struct
from typing import Final

from bot.imaging.headers import jpeg_frame, size_of
from bot.imaging.values import Format

LEAST_SIDE: Final = 2048
"""A large JPEG is opened at a half, a quarter or an eighth, as long as its longer side keeps this many pixels."""

_PLAIN: Final = 4
"""Bytes of a pixel that Pillow keeps for all colours but grey and palettes (pillow 13, Imaging.h)."""

_PNG_BYTES: Final = {(0, 16): 2, (0, 8): 1, (0, 4): 1, (0, 2): 1, (0, 1): 1, (3, 8): 1, (3, 4): 1, (3, 2): 1, (3, 1): 1}
"""The same by colour type and bits of a channel of those PNGs that need less."""

_WEBP_BYTES: Final = 17
"""Every WebP is read as an animation, which keeps four pictures at once; measured with pillow 13 and libwebp 1.6."""


def draft_scale(width: int, height: int) -> int:
    """By how much a JPEG of this size is made smaller while it is opened: 1, 2, 4 or 8."""
    return next(scale for scale in (8, 4, 2, 1) if scale == 1 or max(width, height) // scale >= LEAST_SIDE)


def pixel_bytes(content: bytes, kind: Format) -> float:
    """Bytes of memory that each pixel of this picture takes while it is opened."""
    match kind:
        case Format.PNG:
            bits, colour = content[24:26] if len(content) > 25 else (8, 6)
            return _PNG_BYTES.get((colour, bits), _PLAIN)
        case Format.WEBP:
            return _WEBP_BYTES
        case Format.JPEG:
            return _jpeg_bytes(content)


def _jpeg_bytes(content: bytes) -> float:
    size = size_of(content, Format.JPEG)
    try:
        frame = jpeg_frame(content)
    except (struct.error, IndexError):
        frame = None
    if size is None or frame is None:
        return _PLAIN
    picture = (1 if len(frame.sampling) == 1 else _PLAIN) / draft_scale(*size) ** 2
    if not frame.in_scans:
        return picture
    # All coefficients are kept until the last scan, two bytes each (libjpeg, "Progressive JPEG").
    most = max(frame.sampling)
    return picture + sum(2 * samples / most for samples in frame.sampling)
