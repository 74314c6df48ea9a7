"""What a chart shows, before anybody draws it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One bar of the chart: its label below and a value for each part, in the order of the legend."""

    label: str
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        """All parts together."""
        return sum(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One lying bar: a short label before it, and its value as words behind it."""

    label: str
    value: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a chart shows. `parts` names the parts of every column; `top` is the largest column in words."""

    title: str
    subtitle: str
    top: str
    columns: tuple[Column, ...]
    parts: tuple[Row, ...]
    rows_title: str
    rows: tuple[Row, ...]
