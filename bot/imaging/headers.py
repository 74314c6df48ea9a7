"""What the first bytes of a file tell: its kind, and a picture's size before anything is decoded."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from bot.imaging.values import Format

_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_MAGIC: Final = (
    (b"GIF87a", "image.gif"),
    (b"GIF89a", "image.gif"),
    (b"II*\x00", "image.tiff"),
    (b"MM\x00*", "image.tiff"),
    (b"BM", "image.bmp"),
    (b"%PDF-", "image.pdf"),
    (b"\x1aE\xdf\xa3", "image.video"),
)
_SIZE_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xDA)})
_IN_SCANS: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_LONGEST_LIST: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegFrame:
    """What a JPEG's frame header says: `sampling` is how densely each channel is kept (horizontal times vertical).

    `in_scans` tells that the picture comes in several scans over all of it, a coarse one first.
    """

    width: int
    height: int
    sampling: tuple[int, ...]
    in_scans: bool


def format_of(content: bytes) -> Format | None:
    """The format by its magic bytes, `None` when it is none that we read."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return Format.WEBP
    return None


def refusal_of(content: bytes) -> str:
    """The key of the sentence for a file in no format that we read."""
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        if brand in _HEIC_BRANDS:
            return "image.heic"
        return "image.avif" if brand in _AVIF_BRANDS else "image.video"
    for magic, key in _MAGIC:
        if content.startswith(magic):
            return key
    start = content[:1024].lower()
    if b"<svg" in start:
        return "image.svg"
    if b"<html" in start or b"<!doctype" in start:
        return "image.page"
    return "image.not_picture"


def size_of(content: bytes, kind: Format) -> tuple[int, int] | None:
    """Width and height as the header says, `None` when it is damaged."""
    try:
        match kind:
            case Format.PNG:
                return _png_size(content)
            case Format.JPEG:
                return _jpeg_size(content)
            case Format.WEBP:
                return _webp_size(content)
    except (struct.error, IndexError):
        return None


def is_lossy(content: bytes, kind: Format) -> bool:
    """Whether the file holds a photo's kind of compression, so that JPEG loses nothing worth keeping."""
    return kind is Format.JPEG or (kind is Format.WEBP and b"VP8 " in content[12:64])


def scans_of(content: bytes) -> int:
    """How many scans a JPEG has; hostile ones have thousands, each of which costs a pass over all pixels."""
    return content.count(b"\xff\xda")


def _png_size(content: bytes) -> tuple[int, int] | None:
    if content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    frame = jpeg_frame(content)
    return None if frame is None else (frame.width, frame.height)


def jpeg_frame(content: bytes) -> JpegFrame | None:
    """A JPEG's frame header, `None` when there is none before the first scan.

    Raises:
        struct.error, IndexError: the file ends before it.
    """
    at = 2
    while at < len(content):
        if content[at] != 0xFF:
            return None
        while content[at] == 0xFF:
            at += 1
        marker = content[at]
        at += 1
        if marker in _BARE_MARKERS:
            continue
        (length,) = struct.unpack_from(">H", content, at)
        if marker in _SIZE_MARKERS:
            height, width, channels = struct.unpack_from(">HHB", content, at + 3)
            factors = content[at + 9 : at + 8 + 3 * min(channels, _LONGEST_LIST) : 3]
            sampling = tuple(max(1, factor >> 4) * max(1, factor & 15) for factor in factors)
            return JpegFrame(width=width, height=height, sampling=sampling or (1,), in_scans=marker in _IN_SCANS)
        if marker == 0xDA:
            return None
        at += length
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    match content[12:16]:
        case b"VP8X":
            width = int.from_bytes(content[24:27], "little") + 1
            height = int.from_bytes(content[27:30], "little") + 1
            return (width, height) if len(content) >= 30 else None
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
        case _:
            return None
