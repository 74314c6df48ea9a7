"""Files that people hand over become clean pictures or one clear refusal, never a traceback."""

from __future__ import annotations

import io
import re
import resource
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from bot.domain.errors import UnusableImage
from bot.imaging import ImageLimits, Picture, clean, probe

GREY = Image.radial_gradient("L")
PHOTO = Image.merge("RGB", (GREY, Image.linear_gradient("L"), GREY.rotate(90)))


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def opened(picture: Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.content))
    image.load()
    return image


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int, *, bits: int = 1, colour: int = 0, rows: bytes | None = None) -> bytes:
    """A PNG put together by hand: its pixels are all alike, so that even a huge one is small."""
    if rows is None:
        packer = zlib.compressobj(9)
        line = b"\0" * (1 + (width * bits + 7) // 8)
        rows = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def refusal(content: bytes, **options: Any) -> UnusableImage:
    with pytest.raises(UnusableImage) as caught:
        clean(content, filename="cat.png", **options)
    assert caught.value.values["filename"] == "cat.png"
    return caught.value


def outcome(content: bytes) -> str:
    """The key of the refusal, or the size of the picture, which must be whole."""
    try:
        picture = clean(content)
    except UnusableImage as error:
        return error.key
    whole = probe(picture.content)
    return f"{whole.width}x{whole.height}"


NO_PICTURES = [
    (b"", "image.empty"),
    (b"Dear sir or madam,", "image.not_picture"),
    (b"\0" * 600, "image.not_picture"),
    (b"GIF89a" + b"\0" * 40, "image.gif"),
    (encoded(PHOTO, "GIF"), "image.gif"),
    (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "image.heic"),
    (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "image.heic"),
    (encoded(PHOTO, "AVIF"), "image.avif"),
    (b"\0\0\0\x18ftypisom\0\0\0\0mp42", "image.video"),
    (b"\x1aE\xdf\xa3" + b"\0" * 40, "image.video"),
    (encoded(PHOTO, "TIFF"), "image.tiff"),
    (encoded(PHOTO, "BMP"), "image.bmp"),
    (b"%PDF-1.7\n", "image.pdf"),
    (b"%!PS-Adobe-3.0 EPSF-3.0", "image.not_picture"),
    (b'<svg onload="alert(1)" xmlns="http://www.w3.org/2000/svg"/>', "image.svg"),
    (b'<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "x" "y">\n<svg>', "image.svg"),
    (b"<!DOCTYPE html><html>", "image.page"),
    (b"\n <HTML><body>", "image.page"),
    (b"RIFF\x10\0\0\0WAVEfmt ", "image.not_picture"),
    (b"PK\x03\x04" + b"\0" * 40, "image.not_picture"),
    (encoded(PHOTO, "ICO"), "image.not_picture"),
]


@pytest.mark.parametrize(("content", "key"), NO_PICTURES, ids=lambda v: v if isinstance(v, str) else "")
def test_a_file_of_another_kind_is_named(content: bytes, key: str) -> None:
    assert refusal(content).key == key


BROKEN = [
    encoded(PHOTO)[:3000],
    encoded(PHOTO, "JPEG")[:900],
    encoded(PHOTO, "WEBP")[:900],
    encoded(PHOTO)[:20],
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"\xff\xd8\xff\xe0\0\x10JFIF",
    b"\xff\xd8\xff" + b"\xff" * 500,
    b"RIFF\x10\0\0\0WEBPVP8 ",
    b"RIFF\x10\0\0\0WEBPJUNK" + b"\0" * 40,
    b"RIFF\x30\0\0\0WEBPVP8X\x0a\0\0\0" + b"\0" * 30,
    png_of(64, 64, rows=zlib.compress(b"\0" * 10)),
    png_of(64, 64, rows=b"not deflate at all"),
    png_of(0, 64, rows=b""),
    png_of(64, 64, bits=3),
    encoded(PHOTO).replace(b"IDAT", b"IDAX"),
]


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_a_damaged_picture_is_refused(content: bytes) -> None:
    assert refusal(content).key == "image.broken"


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = png_of(13_000, 13_000)
    assert len(bomb) < 40_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = refusal(bomb)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (error.key, error.values["width"], error.values["height"]) == ("image.too_many_pixels", 13_000, 13_000)
    assert grown < 20_000, "kilobytes"


@pytest.mark.parametrize(("width", "height"), [(65_000, 1), (8193, 100), (100, 8193), (20_000, 20_000), (6400, 6400)])
def test_too_many_pixels_or_too_long_a_side_is_refused(width: int, height: int) -> None:
    error = refusal(png_of(width, height, rows=b""))
    assert error.key == "image.too_many_pixels"
    assert (error.values["limit"], error.values["side_limit"]) == (40_000_000, 8192)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_the_header_is_read_in_every_format(kind: str) -> None:
    assert refusal(encoded(PHOTO, kind), limits=ImageLimits(max_pixels=1000)).values["width"] == 256


def test_a_lossless_and_an_extended_webp_have_their_sizes_read() -> None:
    alpha = PHOTO.copy()
    alpha.putalpha(GREY)
    for content in (encoded(PHOTO, "WEBP", lossless=True), encoded(alpha, "WEBP"), encoded(PHOTO, "WEBP", xmp=b"<x/>")):
        error = refusal(content, limits=ImageLimits(max_side=200))
        assert (error.values["width"], error.values["height"]) == (256, 256)


def test_a_second_header_with_another_size_does_not_get_past_the_limits() -> None:
    small = encoded(PHOTO)
    lying = small[:33] + png_of(20_000, 20_000, rows=b"")[8:33] + small[33:]
    assert refusal(lying).key in {"image.too_many_pixels", "image.broken"}


def test_packed_texts_and_profiles_do_not_unpack_to_gigabytes() -> None:
    bomb = zlib.compress(b"\0" * 50_000_000, 9)
    plain = encoded(PHOTO)
    for extra in (chunk(b"zTXt", b"k\0\0" + bomb), chunk(b"iCCP", b"k\0\0" + bomb)):
        content = plain[:33] + extra + plain[33:]
        assert outcome(content) in {"image.broken", "256x256"}


def test_a_jpeg_with_thousands_of_scans_is_refused() -> None:
    photo = encoded(PHOTO, "JPEG", progressive=True)
    scan = photo[photo.index(b"\xff\xda") : photo.index(b"\xff\xda", photo.index(b"\xff\xda") + 2)]
    assert refusal(photo[:-2] + scan * 300 + photo[-2:]).key == "image.broken"


def test_a_file_above_the_limit_is_refused_with_both_numbers() -> None:
    content = encoded(PHOTO)
    error = refusal(content, limits=ImageLimits(max_bytes=100))
    assert (error.key, error.values["size"], error.values["limit"]) == ("image.too_large_bytes", len(content), 100)


@pytest.mark.parametrize("size", [(1, 1), (15, 200), (200, 15)])
def test_a_picture_of_a_few_pixels_is_too_small(size: tuple[int, int]) -> None:
    error = refusal(encoded(PHOTO.resize(size)))
    assert (error.key, error.values["limit"]) == ("image.too_small", 16)


def test_a_ribbon_is_refused_and_a_long_picture_stays_long() -> None:
    error = refusal(encoded(PHOTO.resize((400, 30))))
    assert (error.key, error.values["limit"]) == ("image.aspect", 10)
    picture = clean(encoded(PHOTO.resize((1000, 100))))
    assert ((picture.width, picture.height), picture.notes) == ((1000, 100), ())


def test_a_large_picture_is_scaled_down_and_says_so() -> None:
    for kind, size in (("JPEG", (6000, 4000)), ("PNG", (3000, 2000))):
        picture = clean(encoded(PHOTO.resize(size), kind))
        assert (picture.width, picture.height) == (2560, 1707)
        assert picture.notes == ("note.resized",)


def test_photos_become_jpeg_and_drawings_png() -> None:
    see_through = PHOTO.copy()
    see_through.putalpha(GREY)
    kinds = {
        "jpeg": clean(encoded(PHOTO, "JPEG")),
        "webp photo": clean(encoded(PHOTO, "WEBP")),
        "webp drawing": clean(encoded(PHOTO, "WEBP", lossless=True)),
        "png": clean(encoded(PHOTO)),
        "webp alpha": clean(encoded(see_through, "WEBP")),
    }
    assert [p.media_type for p in kinds.values()] == ["image/jpeg"] * 2 + ["image/png"] * 3
    assert opened(kinds["webp alpha"]).mode == "RGBA"
    assert all(probe(p.content).media_type == p.media_type for p in kinds.values())


def test_a_png_of_a_photo_that_would_be_huge_becomes_a_jpeg() -> None:
    noise = Image.effect_noise((1600, 1200), 90)
    picture = clean(encoded(Image.merge("RGB", (noise, noise.rotate(90, expand=False), noise.rotate(180)))))
    assert picture.media_type == "image/jpeg"


def test_an_alpha_channel_that_hides_nothing_is_dropped() -> None:
    assert opened(clean(encoded(PHOTO.convert("RGBA")))).mode == "RGB"


MODES: list[tuple[str, Image.Image, str, tuple[int, ...]]] = [
    ("bilevel", Image.new("1", (64, 64), 1), "PNG", (255, 255, 255)),
    ("grey", Image.new("L", (64, 64), 77), "PNG", (77, 77, 77)),
    ("grey with alpha", Image.new("LA", (64, 64), (77, 99)), "PNG", (77, 77, 77, 99)),
    ("16 bits", Image.new("I;16", (64, 64), 0x8040), "PNG", (128, 128, 128)),
    ("palette", Image.new("RGB", (64, 64), (9, 200, 40)).quantize(4), "PNG", (9, 200, 40)),
    ("cmyk", Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG", (255, 0, 0)),
    ("grey jpeg", Image.new("L", (64, 64), 77), "JPEG", (77, 77, 77)),
]


@pytest.mark.parametrize(("image", "kind", "colour"), [m[1:] for m in MODES], ids=[m[0] for m in MODES])
def test_every_kind_of_pixels_becomes_plain_colour(image: Image.Image, kind: str, colour: tuple[int, ...]) -> None:
    result = opened(clean(encoded(image, kind)))
    pixel = result.getpixel((32, 32))
    assert isinstance(pixel, tuple)
    assert len(pixel) == len(colour)
    assert all(abs(a - b) <= 6 for a, b in zip(pixel, colour, strict=True))


def test_a_transparent_palette_colour_stays_transparent() -> None:
    image = Image.new("P", (64, 64), 0)
    image.putpalette([10, 20, 30, 200, 210, 220])
    image.paste(1, (0, 0, 64, 32))
    result = opened(clean(encoded(image, transparency=0)))
    assert result.getpixel((5, 5)) == (200, 210, 220, 255)
    assert result.getpixel((5, 60)) == (10, 20, 30, 0)


def test_sixteen_bits_of_colour_keep_their_colours() -> None:
    rows = zlib.compress(b"".join(b"\0" + struct.pack(">HHH", 0xFFFF, 0x8000, 0) * 64 for _ in range(64)))
    pixel = opened(clean(png_of(64, 64, bits=16, colour=2, rows=rows))).getpixel((9, 9))
    assert pixel == (255, 128, 0)


def with_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stands_upright_and_loses_where_it_was_taken(kind: str) -> None:
    image = Image.new("RGB", (120, 80), (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, 60, 80))
    content = encoded(image, kind, exif=with_exif(6), **({"lossless": True} if kind == "WEBP" else {}))
    assert b"SecretPhone" in content
    picture = clean(content)
    result = opened(picture).convert("RGB")
    assert result.size == (80, 120)
    top, bottom = result.getpixel((40, 10)), result.getpixel((40, 110))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > bottom[0]
    assert not result.getexif()
    assert b"SecretPhone" not in picture.content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_pixels_gets_through(kind: str) -> None:
    canary = b"canary-metadata"
    options: dict[str, Any] = {"exif": with_exif()}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", canary.decode())
        info.add_itxt("XML:com.adobe.xmp", canary.decode())
        options["pnginfo"] = info
    else:
        options["xmp"] = b"<x:xmpmeta>" + canary + b"</x:xmpmeta>"
    content = encoded(PHOTO, kind, **options) + b"PK\x03\x04" + canary
    assert canary in content
    picture = clean(content)
    for trace in (canary, b"PK\x03\x04", b"Exif", b"eXIf", b"xmp", b"ICC", b"iCCP", b"tEXt", b"iTXt"):
        assert trace not in picture.content


def test_a_profile_is_applied_and_dropped() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = lab.replace(b"rXYZ", b"tmp_").replace(b"bXYZ", b"rXYZ").replace(b"tmp_", b"bXYZ")
    swapped = swapped.replace(b"s\0R\0G\0B", b"x\0R\0G\0B")
    picture = clean(encoded(Image.new("RGB", (64, 64), (255, 0, 0)), icc_profile=swapped))
    assert opened(picture).getpixel((9, 9)) == (0, 0, 255)
    assert "icc_profile" not in opened(picture).info


@pytest.mark.parametrize("profile", [b"", b"junk", b"\0" * 200])
def test_a_broken_profile_counts_as_none(profile: bytes) -> None:
    assert opened(clean(encoded(PHOTO, icc_profile=profile))).getpixel((9, 9)) == PHOTO.getpixel((9, 9))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_taken_and_it_says_so(kind: str) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, lossless=True)
    picture = clean(content)
    assert picture.notes == ("note.first_frame",)
    assert opened(picture).convert("RGB").getpixel((9, 9)) == (255, 0, 0)


def test_the_same_file_gives_the_same_bytes() -> None:
    content = encoded(PHOTO, "JPEG")
    assert clean(content).content == clean(content).content


def test_a_clean_picture_stays_what_it_is() -> None:
    once = clean(encoded(PHOTO))
    assert clean(once.content) == once


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["PNG", "JPEG", "WEBP"]), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=5)
)
def test_damage_anywhere_ends_in_a_picture_or_a_refusal(kind: str, damage: list[tuple[int, int]]) -> None:
    content = bytearray(encoded(PHOTO.resize((48, 48)), kind, exif=with_exif(3)))
    for at, value in damage:
        content[at % len(content)] = value
    result = outcome(bytes(content))
    assert result.startswith("image.") or re.fullmatch("[0-9]+x[0-9]+", result)
