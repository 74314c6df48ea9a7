"""Whether a file is a picture and nothing else: then a service may open it where it lies, instead of our copy of it."""

from __future__ import annotations

import struct
from typing import Final

from bot.imaging.values import Format

_PNG_PARTS: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
)
_WEBP_PARTS: Final = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH"})
_JPEG_PARTS: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xE0, 0xEE})
"""Frames, tables, scans, JFIF and Adobe's note on colours; a comment or other application data tells more."""

_LONGEST: Final = {0xE0: 16, 0xEE: 14}
"""Bytes of JFIF's and Adobe's segment without a thumbnail or anything else in it."""


def is_bare(content: bytes, kind: Format) -> bool:
    """Whether the file holds pixels and how to read them, and no metadata, no profile and nothing after its end.

    A kind of part that is not known for harmless counts as metadata, and so does damage.
    """
    try:
        match kind:
            case Format.PNG:
                return _png_is_bare(content)
            case Format.JPEG:
                return _jpeg_is_bare(content)
            case Format.WEBP:
                return _webp_is_bare(content)
    except (struct.error, IndexError):
        return False


def _png_is_bare(content: bytes) -> bool:
    at = 8
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        at += 12 + length
        if name not in _PNG_PARTS:
            return False
        if name == b"IEND":
            return length == 0 and at == len(content)
    return False


def _webp_is_bare(content: bytes) -> bool:
    if struct.unpack_from("<I", content, 4)[0] + 8 != len(content):
        return False
    at = 12
    while at < len(content):
        name, length = struct.unpack_from("<4sI", content, at)
        if name not in _WEBP_PARTS:
            return False
        at += 8 + length + length % 2
    return at == len(content)


def _jpeg_is_bare(content: bytes) -> bool:
    at = 2
    while at < len(content):
        if content[at] != 0xFF:
            return False
        marker = content[at + 1]
        if marker == 0xD9:
            return at + 2 == len(content)
        length = struct.unpack_from(">H", content, at + 2)[0]
        if marker not in _JPEG_PARTS or length > _LONGEST.get(marker, length):
            return False
        at += 2 + length
        if marker == 0xDA:
            at = _end_of_scan(content, at)
    return False


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next segment begins: in a scan FF stands before 00, or before a mark to restart at."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            return len(content)
        if content[at + 1] == 0xFF:
            at += 1
        elif content[at + 1] == 0 or 0xD0 <= content[at + 1] <= 0xD7:
            at += 2
        else:
            return at
