"""References in the sketch painter's pictures: their colours, and prints of them with their tags, taped to the work."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from bot.providers.sketch_canvas import curved
from bot.providers.sketch_colour import Colour
from bot.providers.sketch_scene import Scene

_PAPER: Final = (250, 247, 240)
_INK: Final = (58, 52, 60)
_READER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    RuntimeError,
    Warning,
    struct.error,
    Image.DecompressionBombError,
)
"""What Pillow's readers raise for damaged files, by their source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """A reference as the painter has it on the table."""

    tag: str
    image: Image.Image


def open_print(tag: str, content: bytes) -> Print:
    """The reference, small enough for a print.

    Raises:
        ValueError: it is no picture.
    """
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as image:
            image.draft("RGB", (640, 640))
            image.thumbnail((640, 640), Image.Resampling.LANCZOS)
            flat = image.convert("RGBA")
    except _READER_ERRORS as error:
        raise ValueError(type(error).__name__) from None
    ground = Image.new("RGBA", flat.size, (*_PAPER, 255))
    ground.alpha_composite(flat)
    return Print(tag=tag, image=ground.convert("RGB"))


def colours_of(prints: Sequence[Print]) -> tuple[Colour, ...]:
    """Up to three telling colours of the references: common, and not grey."""
    found: list[tuple[float, Colour]] = []
    for print_ in prints:
        small = print_.image.copy()
        small.thumbnail((64, 64))
        reduced = small.quantize(6).convert("RGB")
        for count, colour in reduced.getcolors(4096) or ():
            if isinstance(colour, tuple):
                red, green, blue = colour[:3]
                vivid = max(red, green, blue) - min(red, green, blue)
                found.append((count / (small.width * small.height) * (0.15 + vivid / 255), (red, green, blue)))
    found.sort(reverse=True)
    return tuple(colour for _, colour in found[:3])


def pin(scene: Scene, prints: Sequence[Print], index: int) -> None:
    """Tape one print onto the picture's lower edge, a little crooked, with its tag underneath."""
    canvas, rng = scene.canvas, scene.rng
    print_ = prints[index]
    side = scene.unit * (30 if canvas.width / canvas.height > 1.15 else 25)
    card = _card(print_, round(side)).rotate(
        rng.uniform(-6, 6), resample=Image.Resampling.BICUBIC, expand=True, fillcolor=(0, 0, 0, 0)
    )
    gap = (canvas.width - scene.unit * 8) / 3
    left = canvas.width - scene.unit * 4 - gap * (len(prints) - index) + (gap - card.width) / 2
    left = min(left, canvas.width - card.width - scene.unit * 2)
    # Above the margin that is painted last, so that the tag stays readable.
    top = canvas.height - card.height - scene.unit * rng.uniform(7, 10)
    spot = (round(left), round(top))
    shadow = card.getchannel("A").filter(ImageFilter.GaussianBlur(scene.unit * 0.9))
    dim = curved(shadow, lambda value: value * 0.45)
    canvas.image.paste((16, 12, 20), (spot[0] + round(scene.unit * 0.5), spot[1] + round(scene.unit * 0.9)), dim)
    canvas.image.paste(card, spot, card)


def _card(print_: Print, side: int) -> Image.Image:
    """An instant photo: white border, the tag in the broad one, a strip of tape on top."""
    margin, foot, tape = round(side * 0.055), round(side * 0.17), round(side * 0.07)
    aspect = print_.image.width / print_.image.height
    inner = (round(side * min(1.0, aspect)), round(side * min(1.0, 1 / aspect)))
    photo = ImageOps.fit(print_.image, (max(inner[0], round(side * 0.62)), max(inner[1], round(side * 0.5))))
    width, height = photo.width + 2 * margin, photo.height + margin + foot
    card = Image.new("RGBA", (width, height + tape), (0, 0, 0, 0))
    card.paste((*_PAPER, 255), (0, tape, width, tape + height))
    card.paste(photo, (margin, tape + margin))
    draw = ImageDraw.Draw(card)
    draw.rectangle(
        (margin, tape + margin, margin + photo.width - 1, tape + margin + photo.height - 1), outline=(0, 0, 0, 40)
    )
    font = fitting_font(f"@{print_.tag}", width - 2 * margin, round(foot * 0.62))
    draw.text(
        (width / 2, tape + margin + photo.height + foot * 0.48),
        f"@{print_.tag}",
        font=font,
        fill=(*_INK, 255),
        anchor="mm",
    )
    strip = Image.new("RGBA", (round(width * 0.34), tape * 2), (236, 222, 178, 205))
    card.alpha_composite(strip, ((width - strip.width) // 2, 0))
    return card


def fitting_font(text: str, width: float, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The built-in font, as large as asked for or as fits the width."""
    while True:
        font = ImageFont.load_default(max(8, size))
        if size <= 8 or font.getlength(text) <= width:
            return font
        size -= max(1, size // 12)
