"""What somebody asks for with `imagine` and `reference`, read and checked, before the studio sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.domain.shapes import Model, Ratio, Resolution, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagineArguments:
    """The options of one call. `None` where nothing was said; `references` exist and are at most three."""

    prompt: str
    references: tuple[Path, ...] = ()
    ratio: Ratio | None = None
    size: Size | None = None
    resolution: Resolution | None = None
    model: Model | None = None
    seed: int | None = None
    count: int = 1
    provider: str | None = None
    out: Path = Path("picture.png")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceArguments:
    """One call of `python -m bot reference`. `path` is the picture to save, or where to write the one to show."""

    what: Literal["save", "list", "show", "rename", "delete"]
    name: str = ""
    new_name: str = ""
    path: Path = Path("picture.png")
