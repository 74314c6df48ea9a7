"""Charts as pictures: usage day by day and by part, readable on a phone and without seeing colours.

Parts of a bar differ in colour and in hatching. The colours are those of Okabe and Ito
("Color Universal Design", 2008), which people with any kind of colour vision tell apart.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bot.domain.chart import Chart, Column, Row

WIDTH: Final = 800
"""Pixels. A picture in a message is about 290 points wide on a phone, so 34 px letters are 12 points there."""

_MARGIN: Final = 36
_TITLE, _TEXT, _SMALL = 46, 34, 30
_BARS: Final = 360
_ROW: Final = 58
_GAP: Final = 36

_PAPER, _INK, _FAINT, _LINE = (255, 255, 255), (28, 28, 34), (96, 96, 106), (216, 216, 222)
_COLOURS: Final = (
    (0, 114, 178),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (213, 94, 0),
    (240, 228, 66),
    (90, 90, 90),
)
_HATCHES: Final = (None, (1, 14), (-1, 14), None, (1, 9), (-1, 9), (1, 20), (-1, 20))
"""For each colour the direction and distance of its lines; neighbours in a bar never share both."""


def draw_chart(chart: Chart) -> bytes:
    """The chart as a PNG, `WIDTH` pixels wide and as high as it needs.

    Raises:
        ValueError: there are more parts than colours to tell them apart by.
    """
    if len(chart.parts) > len(_COLOURS):
        raise ValueError(f"{len(chart.parts)} parts, at most {len(_COLOURS)}")
    sheet = _Sheet(height=_height(chart))
    sheet.head(chart.title, chart.subtitle)
    sheet.columns(chart.columns, chart.top)
    sheet.legend(chart.parts)
    if chart.rows:
        sheet.rows(chart.rows_title, chart.rows)
    return sheet.png()


def _height(chart: Chart) -> int:
    head = _MARGIN + _TITLE + _GAP // 2 + _SMALL + _GAP
    bars = _SMALL + _GAP // 2 + _BARS + _SMALL + _GAP
    legend = _ROW * len(chart.parts)
    rows = _GAP + _TEXT + _GAP // 2 + _ROW * len(chart.rows) if chart.rows else 0
    return head + bars + legend + rows + _MARGIN // 2


class _Sheet:
    """The picture while it is drawn, from top to bottom."""

    def __init__(self, *, height: int) -> None:
        self._image = Image.new("RGB", (WIDTH, height), _PAPER)
        self._draw = ImageDraw.Draw(self._image)
        self._y = _MARGIN

    def png(self) -> bytes:
        out = io.BytesIO()
        self._image.save(out, "PNG", optimize=True)
        return out.getvalue()

    def head(self, title: str, subtitle: str) -> None:
        self._text((_MARGIN, self._y), title, _TITLE)
        self._y += _TITLE + _GAP // 2
        self._text((_MARGIN, self._y), subtitle, _SMALL, colour=_FAINT)
        self._y += _SMALL + _GAP

    def columns(self, columns: Sequence[Column], top: str) -> None:
        """Standing bars on a line; the highest one is named, and as many labels as have room."""
        self._text((_MARGIN, self._y), top, _SMALL, colour=_FAINT)
        self._y += _SMALL + _GAP // 2
        base = self._y + _BARS
        self._draw.line((_MARGIN, self._y, WIDTH - _MARGIN, self._y), fill=_LINE, width=2)
        highest = max((column.total for column in columns), default=0) or 1
        step = (WIDTH - 2 * _MARGIN) / max(1, len(columns))
        for number, column in enumerate(columns):
            left = _MARGIN + number * step + step * 0.12
            self._stack(column, (left, left + step * 0.76), base, _BARS / highest)
        self._draw.line((_MARGIN, base, WIDTH - _MARGIN, base), fill=_INK, width=3)
        self._labels(columns, step, base + 12)
        self._y = base + _SMALL + _GAP

    def _stack(self, column: Column, sides: tuple[float, float], base: int, scale: float) -> None:
        bottom = float(base)
        for part, value in enumerate(column.values):
            if value:
                top = bottom - value * scale
                self._part((round(sides[0]), round(top), round(sides[1]), round(bottom)), part)
                bottom = top

    def _labels(self, columns: Sequence[Column], step: float, y: int) -> None:
        """Labels that would touch are left out, counted from the last one: today is always named."""
        widest = max((self._width(column.label, _SMALL) for column in columns), default=0)
        every = max(1, -(-int(widest + 16) // max(1, int(step))))
        for number, column in enumerate(columns):
            if (len(columns) - 1 - number) % every == 0:
                middle = _MARGIN + (number + 0.5) * step
                half = self._width(column.label, _SMALL) / 2
                left = min(max(middle - half, 0), WIDTH - _MARGIN // 2 - 2 * half)
                self._text((left, y), column.label, _SMALL, colour=_FAINT)

    def legend(self, parts: Sequence[Row]) -> None:
        """One line for each part, with its sample."""
        for number, part in enumerate(parts):
            self._part((_MARGIN, self._y + 2, _MARGIN + 56, self._y + 38), number)
            self._text((_MARGIN + 74, self._y), part.label, _TEXT)
            self._right(part.text)
            self._y += _ROW

    def rows(self, title: str, rows: Sequence[Row]) -> None:
        """Lying bars with their values behind them."""
        self._y += _GAP
        self._text((_MARGIN, self._y), title, _TEXT)
        self._y += _TEXT + _GAP // 2
        highest = max(row.value for row in rows) or 1
        before = max(self._width(row.label, _TEXT) for row in rows) + 24
        behind = max(self._width(row.text, _TEXT) for row in rows) + 24
        room = WIDTH - 2 * _MARGIN - before - behind
        for row in rows:
            self._text((_MARGIN, self._y), row.label, _TEXT)
            left = _MARGIN + before
            self._draw.rectangle(
                (left, self._y + 2, left + max(4, room * row.value / highest), self._y + 38), fill=_COLOURS[0]
            )
            self._right(row.text)
            self._y += _ROW

    def _part(self, box: tuple[int, int, int, int], part: int) -> None:
        left, top, right, bottom = box
        if right <= left or bottom <= top:
            # However small a part is, it is there.
            right, top = max(right, left + 1), min(top, bottom - 1)
        tile = Image.new("RGB", (right - left, bottom - top), _COLOURS[part])
        hatch = _HATCHES[part]
        if hatch is not None:
            direction, distance = hatch
            pen = ImageDraw.Draw(tile)
            for start in range(-tile.height, tile.width + tile.height, distance):
                end = start + direction * tile.height
                pen.line((start, 0, end, tile.height), fill=_PAPER, width=3)
        self._image.paste(tile, (left, top))

    def _right(self, text: str) -> None:
        self._text((WIDTH - _MARGIN - self._width(text, _TEXT), self._y), text, _TEXT)

    def _text(self, at: tuple[float, float], text: str, size: int, *, colour: tuple[int, int, int] = _INK) -> None:
        self._draw.text(at, text, font=_font(size), fill=colour)

    def _width(self, text: str, size: int) -> float:
        return self._draw.textlength(text, font=_font(size))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
