"""Opening and writing pictures within bounds: nothing is decoded before its header was checked."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Final

from PIL import Image, ImageFile

from bot.imaging.headers import format_of, scans_of, size_of
from bot.imaging.values import DamagedPicture, Format, ImageLimits, Picture

JPEG_QUALITY: Final = 92
_MAX_SCANS: Final = 200
"""Scans of a JPEG; encoders make about ten."""

DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
    MemoryError,
    Warning,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What Pillow's readers raise for damaged files, by their source; none of them means more than "damaged"."""


class TooManyPixels(DamagedPicture):
    """The header announces more pixels than the limits allow."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width}x{height} pixels")
        self.width = width
        self.height = height


def check_size(width: int, height: int, limits: ImageLimits) -> None:
    """Raise `TooManyPixels` when a picture of this size must not be decoded."""
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        raise TooManyPixels(width, height)


def open_picture(content: bytes, limits: ImageLimits, *, fit_side: int | None = None) -> ImageFile.ImageFile:
    """The decoded picture (of an animation, its first frame).

    With `fit_side`, a JPEG much larger than that is decoded at a fraction of its size, which saves its memory.

    Raises:
        TooManyPixels: refused before decoding.
        DamagedPicture: no picture that we read, or broken.
    """
    kind = format_of(content)
    size = size_of(content, kind) if kind else None
    if kind is None or size is None or min(size) < 1:
        raise DamagedPicture("no readable header")
    check_size(*size, limits)
    if kind is Format.JPEG and scans_of(content) > _MAX_SCANS:
        raise DamagedPicture("too many scans")
    try:
        image = Image.open(io.BytesIO(content), formats=(kind.value,))
        # The file may have said one size where we looked and another where Pillow does.
        check_size(*image.size, limits)
        if fit_side:
            image.draft(None, (fit_side, fit_side))
        image.load()
    except TooManyPixels:
        raise
    except DECODER_ERRORS as error:
        raise DamagedPicture(type(error).__name__) from None
    return image


def write(image: Image.Image, kind: Format, *, quality: int = JPEG_QUALITY, notes: tuple[str, ...] = ()) -> Picture:
    """The picture as a file without any metadata."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    target = io.BytesIO()
    match kind:
        case Format.PNG:
            bare.save(target, "PNG", compress_level=6)
        case Format.JPEG:
            # Without `optimize`: its buffer is too small for noisy pictures, which then cannot be written at all.
            bare.save(target, "JPEG", quality=quality, subsampling=0)
        case Format.WEBP:
            bare.save(target, "WEBP", quality=quality, method=4)
    return Picture(
        content=target.getvalue(), media_type=kind.media_type, width=bare.width, height=bare.height, notes=notes
    )
