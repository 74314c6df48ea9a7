"""The providers' fact sheet: its rows, and cases that are named after them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.errors import ProviderError
from tests.support.twin_script import Reply

# Where the sheet lies relative to the repository, unless PROVIDERS_SHEET names it or it is with Discord's description.
BESIDE = Path("../shared/reference/providers.md")
_HEADING = re.compile(r"#{2,3} (\d(?:\.\d)?)[. ]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a service does to one submission, and what the adapter makes of it.

    `row` is the first cell of the sheet's row and `what` tells the cases of a row apart. The service answers the paid
    request with `reply`, or every question for the task with `polls`, or the task lives as in `play`; `twin` are
    attributes of the local service. `ends` is the error, `None` for a picture; `later` the error a minute on.
    """

    service: str
    section: str
    row: str
    what: str
    ends: type[ProviderError] | None
    reply: Reply | None = None
    polls: Reply | None = None
    play: Any = None
    twin: dict[str, Any] = field(default_factory=dict[str, Any])
    key: str | None = None
    retryable: bool | None = None
    retry_in: float | None = None
    later: type[ProviderError] | None = None

    def __str__(self) -> str:
        return f"{self.section} {plain(self.row)}: {self.service} {self.what}"


def plain(cell: str) -> str:
    """A cell without its marks."""
    return re.sub(r"[*`]", "", cell)


def sheet(repository: Path) -> str | None:
    """The sheet of PROVIDERS_SHEET, beside DISCORD_OPENAPI or beside the repository.

    `None` when there is none, which is an error in CI.
    """
    named, neighbour = os.environ.get("PROVIDERS_SHEET"), os.environ.get("DISCORD_OPENAPI")
    path = Path(neighbour).with_name(BESIDE.name) if neighbour else repository / BESIDE
    path = Path(named) if named else path
    if path.is_file():
        return path.read_text(encoding="utf-8")
    if os.environ.get("CI") == "true":
        raise FileNotFoundError(f"the providers' fact sheet is not at {path}")
    return None


def rows_of(text: str, section: str) -> list[list[str]]:
    """The rows of all tables of a section (`1.6`), without heads and rules, as lists of cells."""
    found: list[list[str]] = []
    here, above = False, False
    for line in text.splitlines():
        heading = _HEADING.match(line)
        if heading is not None or line.startswith("## "):
            here = heading is not None and heading[1] == section
        table = line.startswith("|")
        if here and table and above and not re.fullmatch(r"[|\-: ]+", line):
            found.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        # The first line of a table is its head.
        above = table
    return found
