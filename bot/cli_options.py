"""The options of `python -m bot imagine`: how they are typed, and the checks that need no studio."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from bot.arguments import ImagineArguments
from bot.domain.errors import InvalidRequest
from bot.domain.references import MAX_REFERENCES
from bot.domain.request import COUNT_MAX, SEED_MAX
from bot.domain.shapes import ALL_SIZES, Model, Ratio, Resolution, Size, nearest_size
from bot.settings_providers import ProviderName


def add_imagine_options(parser: argparse.ArgumentParser) -> None:
    """Declare everything that `imagine` takes."""
    add = parser.add_argument
    add("prompt", metavar="PROMPT", help="what to paint, in quotes; @tag means a reference")
    add(
        "--reference",
        metavar="PATH",
        type=_existing_file,
        nargs="+",
        action="extend",
        default=[],
        help=f"up to {MAX_REFERENCES} pictures; model.png is @model where the prompt says so, else @image1, …",
    )
    add("--ratio", choices=[one.value for one in Ratio], metavar="RATIO", help=f"{', '.join(Ratio)} (default 16:9)")
    add("--size", type=_size, metavar="W:H", help="one exact size instead, such as 1808:768")
    add("--resolution", choices=[one.value for one in Resolution], metavar="RES", help="720p or 1080p (default 720p)")
    add(
        "--model",
        choices=[one.value for one in Model],
        metavar="MODEL",
        help=f"{' or '.join(Model)} (turbo needs a reference)",
    )
    add("--seed", type=_between(0, SEED_MAX), metavar="N", help=f"0 to {SEED_MAX}; drawn and told when left out")
    add("--count", type=_between(1, COUNT_MAX), default=1, metavar="N", help=f"pictures, 1 to {COUNT_MAX} (default 1)")
    add(
        "--provider", choices=get_args(ProviderName), metavar="NAME", help=f"one of {', '.join(get_args(ProviderName))}"
    )
    add(
        "--out",
        type=_writable_path,
        default=Path("picture.png"),
        metavar="PATH",
        help="where the picture goes (default picture.png)",
    )


def imagine_arguments(options: argparse.Namespace) -> ImagineArguments:
    """The options as one value.

    Raises:
        InvalidRequest: more than three references.
    """
    references: list[Path] = options.reference
    if len(references) > MAX_REFERENCES:
        raise InvalidRequest("refused.references_many", count=len(references), limit=MAX_REFERENCES)
    return ImagineArguments(
        prompt=options.prompt,
        references=tuple(references),
        ratio=Ratio(options.ratio) if options.ratio else None,
        size=options.size,
        resolution=Resolution(options.resolution) if options.resolution else None,
        model=Model(options.model) if options.model else None,
        seed=options.seed,
        count=options.count,
        provider=options.provider,
        out=options.out,
    )


def _existing_file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


def _writable_path(text: str) -> Path:
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent}")
    return path


def _size(text: str) -> Size:
    size = Size.parse(text)
    if size is None:
        raise argparse.ArgumentTypeError(f"{text} is no size; write it as 1808:768")
    if size not in ALL_SIZES:
        raise argparse.ArgumentTypeError(f"{size} cannot be made; the nearest that can is {nearest_size(size)}")
    return size


def _between(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text} is not a whole number from {least} to {most}")
        return number

    return read
