"""Flags typed in a prompt, as people know them from other image bots: `--ar 16:9 --seed 7 --turbo`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.errors import InvalidRequest
from bot.domain.shapes import Model, Ratio, Resolution, Size

_WITH_VALUE = {
    "ar": "ratio",
    "aspect": "ratio",
    "ratio": "ratio",
    "size": "size",
    "seed": "seed",
    "count": "count",
    "n": "count",
    "res": "resolution",
    "resolution": "resolution",
}
_WITHOUT_VALUE = {"turbo": "turbo", "720p": "720p", "1080p": "1080p", "hd": "1080p", "spoiler": "spoiler"}
_FLAG = re.compile(r"(?<![ \t])[ \t]*(?<!\S)(?:--|—|–)([A-Za-z0-9]+)(?:[ =]+(?!--|—|–)(\S+))?")
"""A flag with the space before it; the first look-behind keeps long runs of space from being searched repeatedly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What the flags of a prompt said, and the prompt without them. `None` where nothing was said."""

    prompt: str
    ratio: Ratio | None = None
    size: Size | None = None
    resolution: Resolution | None = None
    model: Model | None = None
    seed: int | None = None
    count: int | None = None
    spoiler: bool | None = None


def read_flags(prompt: str) -> Flags:
    """Take the flags out of a prompt. A dash that starts no known flag stays text.

    iOS turns `--` into a dash; that is read as a flag too.

    Raises:
        InvalidRequest: a known flag has a value that cannot be used.
    """
    found: dict[str, str] = {}

    def take(match: re.Match[str]) -> str:
        name, value = match[1].casefold(), match[2]
        if name in _WITHOUT_VALUE:
            found[_WITHOUT_VALUE[name]] = "yes"
            return f" {value}" if value else ""
        if name in _WITH_VALUE:
            found[_WITH_VALUE[name]] = value or ""
            return ""
        return match[0]

    # A flag without value gives back the word behind it, which may itself belong to no flag.
    text = _FLAG.sub(take, prompt)
    return _flags(text.strip() if found else prompt, found)


def _flags(prompt: str, found: dict[str, str]) -> Flags:
    resolution = _resolution(found["resolution"]) if "resolution" in found else None
    if "720p" in found:
        resolution = Resolution.P720
    if "1080p" in found:
        resolution = Resolution.P1080
    ratio, size = _ratio(found["ratio"]) if "ratio" in found else (None, None)
    return Flags(
        prompt=prompt,
        ratio=ratio,
        size=read_size(found["size"]) if "size" in found else size,
        resolution=resolution,
        model=Model.GEN4_IMAGE_TURBO if "turbo" in found else None,
        seed=read_whole("seed", found["seed"]) if "seed" in found else None,
        count=read_whole("count", found["count"]) if "count" in found else None,
        spoiler=True if "spoiler" in found else None,
    )


def _ratio(value: str) -> tuple[Ratio | None, Size | None]:
    normal = value.replace("x", ":")
    if normal in set(Ratio):
        return Ratio(normal), None
    size = Size.parse(value)
    if size is None or size.width < 100:
        raise InvalidRequest("refused.flag_ratio", value=value, choices=", ".join(Ratio))
    return None, size


def _resolution(value: str) -> Resolution:
    normal = value.casefold() if value.casefold().endswith("p") else f"{value}p"
    if normal not in set(Resolution):
        raise InvalidRequest("refused.flag_resolution", value=value, choices=", ".join(Resolution))
    return Resolution(normal)


def read_size(value: str) -> Size:
    """An exact size that somebody typed.

    Raises:
        InvalidRequest: it is none.
    """
    size = Size.parse(value)
    if size is None:
        raise InvalidRequest("refused.size_text", size=value)
    return size


def read_whole(name: str, value: str) -> int:
    """A whole number that somebody typed.

    Raises:
        InvalidRequest: it is none; a seed and a count have a sentence each.
    """
    if not re.fullmatch(r"-?[0-9]{1,20}", value):
        raise InvalidRequest(f"refused.flag_{name}", value=value)
    return int(value)
