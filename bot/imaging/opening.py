"""Opening and writing pictures within bounds: nothing is decoded before its header was checked."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Final

from PIL import Image, ImageFile

from bot.domain.looks import Look
from bot.imaging.cost import draft_scale, pixel_bytes
from bot.imaging.headers import format_of, scans_of, size_of
from bot.imaging.values import DamagedPicture, Format, ImageLimits, Picture

JPEG_QUALITY: Final = 92
_MAX_SCANS: Final = 50
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
    """The header announces more pixels than the limits allow; `most` is what they allow in this kind of file."""

    def __init__(self, width: int, height: int, most: int | None = None) -> None:
        super().__init__(f"{width}x{height} pixels")
        self.width = width
        self.height = height
        self.most = most


def check_size(width: int, height: int, limits: ImageLimits) -> None:
    """Raise `TooManyPixels` when a picture of this size must not be decoded."""
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        raise TooManyPixels(width, height)


def check_cost(content: bytes, kind: Format, width: int, height: int, limits: ImageLimits) -> None:
    """Raise `TooManyPixels` when decoding this picture takes too much memory."""
    each = pixel_bytes(content, kind)
    if width * height * each > limits.memory:
        raise TooManyPixels(width, height, int(limits.memory / each))


def open_picture(content: bytes, limits: ImageLimits, *, draft: bool = False) -> ImageFile.ImageFile:
    """The decoded picture (of an animation, its first frame).

    With `draft`, a large JPEG is decoded at a fraction of its size, which saves its memory.

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
    if draft:
        check_cost(content, kind, *size, limits)
    try:
        image = Image.open(io.BytesIO(content), formats=(kind.value,))
        # The file may have said one size where we looked and another where Pillow does.
        check_size(*image.size, limits)
        if draft and (scale := draft_scale(*image.size)) > 1:
            image.draft(None, (image.width // scale, image.height // scale))
        image.load()
    except TooManyPixels:
        raise
    except DECODER_ERRORS as error:
        raise DamagedPicture(type(error).__name__) from None
    return image


def write(
    image: Image.Image,
    kind: Format,
    *,
    quality: int = JPEG_QUALITY,
    notes: tuple[str, ...] = (),
    look: Look | None = None,
) -> Picture:
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
        content=target.getvalue(),
        media_type=kind.media_type,
        width=bare.width,
        height=bare.height,
        notes=notes,
        look=look,
    )
