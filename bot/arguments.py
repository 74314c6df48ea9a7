"""What somebody asks for with `python -m bot imagine`, read and checked, before the studio sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
