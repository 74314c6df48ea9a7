"""Hostile and odd files, made when they are needed, each with what a person is to read about it.

Run as a script it writes them into a folder: `python -m tests.corpus.files FOLDER`.
"""

from __future__ import annotations

import io
import struct
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

PICTURE = None
"""In place of a sentence: the file is odd, and becomes a picture all the same."""

TRACES = (b"SecretPhone", b"canary-metadata", b"PK\x03\x04", b"<script>", b"Photoshop 3.0")
"""What stands in files here besides their pixels, and must not reach anybody."""


@dataclass(frozen=True, slots=True)
class Odd:
    """One file. `words` stand in the sentence about it, after its name; `note` in what is said beside the picture."""

    name: str
    make: Callable[[], bytes]
    words: str | None = PICTURE
    note: str = ""

    @property
    def content(self) -> bytes:
        """The file."""
        return _made(self)


@cache
def _made(odd: Odd) -> bytes:
    return odd.make()


def photo(width: int = 600, height: int = 520) -> Image.Image:
    """A picture with soft colours in it."""
    grey = Image.radial_gradient("L")
    return Image.merge("RGB", (grey, Image.linear_gradient("L"), grey.rotate(90))).resize((width, height))


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    width: int, height: int, *, bits: int = 1, colour: int = 0, rows: bytes | None = None, extra: bytes = b""
) -> bytes:
    """A PNG put together by hand; its pixels are all black, so that even a huge one is small."""
    if rows is None:
        packer = zlib.compressobj(9)
        line = bytes(1 + (width * bits * {0: 1, 2: 3, 6: 4}[colour] + 7) // 8)
        rows = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def packed_bomb(name: bytes) -> bytes:
    """A sound PNG with a chunk that unpacks to a gigabyte."""
    packer = zlib.compressobj(1)
    zeros = bytes(2**20)
    packed = b"".join(packer.compress(zeros) for _ in range(1024)) + packer.flush()
    return png(64, 64, bits=8, colour=2, extra=chunk(name, b"k\0\0" + packed))


def scan_bomb() -> bytes:
    """A progressive JPEG whose scans come a thousand times."""
    content = encoded(photo(), "JPEG", progressive=True)
    first = content.index(b"\xff\xda")
    scan = content[first : content.index(b"\xff\xda", first + 2)]
    return content[:-2] + scan * 1000 + content[-2:]


def frames(kind: str, count: int = 3) -> bytes:
    """An animation that begins red."""
    colours = [((255 - index) % 256, index % 256, index // 256 % 256) for index in range(count)]
    images = [Image.new("RGB", (64, 64), colour) for colour in colours]
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    return encoded(images[0], kind, save_all=True, append_images=images[1:], duration=20, **options)


def many_frames() -> bytes:
    """A GIF with ten thousand frames."""
    content = encoded(Image.new("L", (8, 8)), "GIF")
    start = content.rindex(b"\x2c")
    return content[:start] + content[start:-1] * 10_000 + b";"


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes into its photos: its name, and where it was."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = "SecretPhone"
    data.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return data


def laden(kind: str) -> bytes:
    """A picture with everything in it that must not get out: EXIF, place, XMP, IPTC, profile, comment, an archive."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, Any] = {"exif": exif(6), "icc_profile": profile}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", "canary-metadata")
        info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>canary-metadata</x:xmpmeta>")
        options["pnginfo"] = info
    else:
        options["xmp"] = b"<x:xmpmeta>canary-metadata</x:xmpmeta>"
    if kind == "JPEG":
        options["comment"] = b"canary-metadata <script>"
    content = encoded(photo(), kind, **options)
    if kind == "JPEG":
        iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x17canary-metadata"
        content = content[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + content[2:]
    return content + b"PK\x03\x04canary-metadata"


def noise(size: int) -> bytes:
    """A PNG with so many bytes, nearly all of them pixels that cannot be packed."""
    side = int((size / 3.02) ** 0.5)
    grey = Image.effect_noise((side, side), 200)
    content = encoded(Image.merge("RGB", (grey, grey.rotate(90), grey.rotate(180))), "PNG", compress_level=1)
    return content + bytes(max(0, size - len(content)))


def _deep() -> bytes:
    rows = zlib.compress((b"\0" + struct.pack(">HHH", 0xFFFF, 0x8000, 0) * 600) * 520)
    return png(600, 520, bits=16, colour=2, rows=rows)


def _clear_palette() -> bytes:
    image = photo().quantize(8)
    return encoded(image, "PNG", transparency=0)


FILES = (
    # 1: small files that become huge
    Odd("bomb.png", lambda: png(13_000, 13_000), "is too large: 13000×13000 pixels"),
    Odd("vast.png", lambda: png(20_000, 20_000, rows=b""), "is too large: 20000×20000 pixels"),
    Odd("line.png", lambda: png(65_000, 1), "is too large: 65000×1 pixels"),
    Odd("heavy.png", lambda: png(6000, 6000, bits=8, colour=6), "is too large: 6000×6000 pixels. A PNG may have"),
    Odd("heavy.webp", lambda: encoded(Image.new("RGB", (3000, 3000)), "WEBP", lossless=True), "A WebP may have up to"),
    Odd("texts.png", lambda: packed_bomb(b"zTXt"), "is damaged"),
    Odd("profile.png", lambda: packed_bomb(b"iCCP"), "is damaged"),
    Odd("frames.gif", many_frames, "is a GIF. Send a PNG, JPEG or WebP"),
    Odd("scans.jpg", scan_bomb, "is damaged"),
    # 2: two files in one
    Odd("archive.jpg", lambda: encoded(photo(), "JPEG") + b"PK\x03\x04" + bytes(400)),
    Odd("script.jpg", lambda: encoded(photo(), "JPEG", comment=b"<html><script>alert(1)</script>")),
    Odd("gifar.gif", lambda: encoded(photo(), "GIF") + b"PK\x03\x04" + bytes(400), "is a GIF"),
    Odd("paper.png", lambda: b"%PDF-1.7\n" + encoded(photo(), "PNG"), "is a PDF"),
    # 3: other kinds of file under a picture's name
    Odd("drawing.png", lambda: b'<svg onload="alert(1)" xmlns="http://www.w3.org/2000/svg"/>', "is an SVG"),
    Odd("page.png", lambda: b"<!doctype html><html><body>hello", "is a web page, not a picture"),
    Odd("printed.png", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9", "is not a picture"),
    Odd("scanned.png", lambda: encoded(photo(), "TIFF"), "is a TIFF"),
    # 4: pictures that tell more than they show
    *(Odd(f"laden.{kind.lower()}", lambda kind=kind: laden(kind)) for kind in ("JPEG", "PNG", "WEBP")),
    # 5: animations and phones' own formats
    Odd("moving.gif", lambda: frames("GIF"), "is a GIF"),
    Odd("moving.png", lambda: frames("PNG"), note="Only the first frame"),
    Odd("moving.webp", lambda: frames("WEBP"), note="Only the first frame"),
    Odd("phone.heic", lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is a HEIC photo. Send it as PNG"),
    Odd("photo.avif", lambda: encoded(photo(), "AVIF"), "is an AVIF"),
    # 6: sizes at the edge
    Odd("dot.png", lambda: png(1, 1), "is too small: 1×1 pixels"),
    Odd("ribbon.png", lambda: png(16_383, 10), "is too large: 16383×10 pixels"),
    Odd("full.png", lambda: noise(10 * 2**20 - 10_000)),
    Odd("fuller.png", lambda: noise(10 * 2**20 + 1)),
    # 7: broken, and every kind of pixels
    Odd("half.png", lambda: encoded(photo(), "PNG")[:3000], "is damaged"),
    Odd("half.jpg", lambda: encoded(photo(), "JPEG")[:900], "is damaged"),
    Odd("half.webp", lambda: encoded(photo(), "WEBP")[:900], "is damaged"),
    Odd("really-jpeg.png", lambda: encoded(photo(), "JPEG")),
    Odd("print.jpg", lambda: encoded(photo().convert("CMYK"), "JPEG")),
    Odd("deep.png", _deep),
    Odd("palette.png", _clear_palette),
    Odd("grey-and-clear.png", lambda: encoded(Image.new("LA", (600, 600), (70, 90)), "PNG")),
)
"""Rows 1 to 7 of the threat table; what size and type alone tell (an empty file) is refused before it is fetched."""


def write(folder: Path) -> None:
    """Write every file into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for odd in FILES:
        (folder / odd.name).write_bytes(odd.content)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
