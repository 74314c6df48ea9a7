"""The one catalogue of everything people read: sentences by key, with their values filled in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, cast

Entry = str | Mapping[str, str]

_FORGOTTEN = re.compile(r"<@-[0-9]+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The sentences of one language by dotted key.

    A sentence with a plural is a table with `one` and `other`, chosen by the value `count`.
    """

    language: str
    entries: Mapping[str, Entry]

    def say(self, key: str, /, **values: object) -> str:
        """The sentence with its values filled in.

        Raises:
            KeyError: the catalogue has no such key, or the sentence needs a value that was not given.
        """
        entry = self.entries[key]
        if not isinstance(entry, str):
            entry = entry["one" if values.get("count") == 1 else "other"]
        said = entry.format_map(values)
        # Who had their data deleted is a number below zero, which Discord would show as it is.
        return _FORGOTTEN.sub(self.say("person.forgotten"), said) if "<@-" in said else said

    def has(self, key: str) -> bool:
        """Whether the catalogue knows the key."""
        return key in self.entries


def load_texts(language: str = "en") -> Texts:
    """Read a language's catalogue from the package."""
    text = resources.files("bot.texts").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return Texts(language=language, entries=dict(_flat("", tomllib.loads(text))))


def _flat(prefix: str, table: Mapping[str, Any]) -> list[tuple[str, Entry]]:
    entries: list[tuple[str, Entry]] = []
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, str):
            entries.append((key, value))
        elif set(value) == {"one", "other"}:
            entries.append((key, cast(Mapping[str, str], value)))
        else:
            entries.extend(_flat(f"{key}.", value))
    return entries
