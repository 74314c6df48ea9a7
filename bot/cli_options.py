"""The options of `imagine` and `reference`: how they are typed, and the checks that need no studio."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from bot.arguments import ImagineArguments, ReferenceArguments
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
        help=f"up to {MAX_REFERENCES} pictures; model.png is @model where the prompt says so, else @image1, …; "
        "saved ones need only their @name in the prompt",
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


def add_reference_options(
    add: Callable[[str, str], argparse.ArgumentParser],
) -> None:
    """Declare `save`, `list`, `show`, `rename` and `delete`; `add` makes the parser of a command with its meaning."""
    save = add("save", "keep a picture under a name, for @name in prompts")
    save.add_argument("name", metavar="NAME", help="3 to 16 letters, digits or underscores, a letter first")
    save.add_argument("path", metavar="PATH", type=_existing_file, help="a PNG, JPEG or WebP")
    add("list", "list what is saved")
    show = add("show", "write a saved picture to a file")
    show.add_argument("name", metavar="NAME")
    show.add_argument(
        "--out", dest="path", type=_writable_path, default=Path("picture.png"), metavar="PATH", help="where it goes"
    )
    rename = add("rename", "give a saved reference another name")
    rename.add_argument("name", metavar="NAME")
    rename.add_argument("new_name", metavar="NEW_NAME")
    add("delete", "delete a saved reference and its picture").add_argument("name", metavar="NAME")


def reference_arguments(options: argparse.Namespace) -> ReferenceArguments:
    """The options as one value."""
    given = {name: getattr(options, name) for name in ("name", "new_name", "path") if hasattr(options, name)}
    return ReferenceArguments(what=options.what, **given)


def add_mydata_options(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Declare `export` and `delete`; `add` makes the parser of a command with its meaning."""
    for what, meaning in (
        ("export", "write everything that is kept of a person to a ZIP file, also while the bot runs"),
        ("delete", "erase everything that is kept of a person; with SQLite while no bot runs"),
    ):
        command = add(what, meaning)
        command.add_argument("user_id", metavar="USER_ID", type=_between(1, 2**63 - 1), help="their id at Discord")
        if what == "export":
            command.add_argument("--to", type=Path, metavar="PATH", default=Path("mydata.zip"), help="where it goes")
        else:
            command.add_argument("--yes", action="store_true", help="do not ask before it is deleted")


def _existing_file(text: str) -> Path:
    path = Path(text)
    if text.startswith("@") and not path.exists():
        raise argparse.ArgumentTypeError(f"{text} is no file; a saved reference is named in the prompt, as {text}")
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
