"""The settings as text for people: those in force without secrets, the example file, the table of the manual."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel, SecretStr

from bot.settings import Settings
from bot.settings_fields import PASSWORD, Leaf, leaves, sections

MASK = "********"


def masked(settings: Settings) -> dict[str, Any]:
    """The settings in force as a tree of plain values, secrets replaced by stars."""
    return {name: _plain(getattr(settings, name)) for name in type(settings).model_fields}


def _plain(value: object) -> Any:
    match value:
        case BaseModel():
            return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
        case SecretStr():
            return MASK
        case tuple() | list():
            return [_plain(item) for item in cast("tuple[object, ...]", value)]
        case str():
            return PASSWORD.sub(rf"\1:{MASK}@", value)
        case None | bool() | int() | float():
            return value
        case _:
            return str(value)


def secrets(settings: Settings) -> tuple[str, ...]:
    """Every secret text in force, for the log to hide."""
    found = [one.get_secret_value() for one in _secret_values(settings)]
    found += [match[2] for match in PASSWORD.finditer(settings.database.url)]
    return tuple(dict.fromkeys(text for text in found if text))


def _secret_values(section: BaseModel) -> Iterator[SecretStr]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _secret_values(value)
        elif isinstance(value, SecretStr):
            yield value


def render_toml(tree: Mapping[str, Any]) -> str:
    """A tree of plain values as TOML; what is not set is left as a comment."""
    return "\n".join(_toml_table(tree, "")).strip() + "\n"


def _toml_table(tree: Mapping[str, Any], name: str) -> Iterator[str]:
    values = {key: value for key, value in tree.items() if not isinstance(value, dict)}
    if values and name:
        yield f"\n[{name}]"
    for key, value in values.items():
        yield f"# {key} is not set" if value is None else f"{key} = {toml_value(value)}"
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _toml_table(cast("dict[str, Any]", value), f"{name}.{key}" if name else key)


def toml_value(value: object) -> str:
    """One plain value as TOML. JSON's texts, numbers, booleans and lists are TOML's too."""
    return json.dumps(_plain(value), ensure_ascii=False)


def example_toml() -> str:
    """The example file: every setting with its default, what it means, and a placeholder where it has none."""
    by_section: dict[str, list[Leaf]] = {}
    for leaf in leaves(Settings).values():
        by_section.setdefault(leaf.section, []).append(leaf)
    lines = [*_comment(_HEAD)]
    for name, meaning in sections(Settings):
        if name in by_section:
            lines += ["", "", *_comment(meaning), f"[{name}]"]
            lines += [line for leaf in by_section[name] for line in ("", *_setting(leaf))]
    return "\n".join(lines) + "\n"


_HEAD = """
Atelier's settings. Copy this file to config.toml and change what you need. Every value below is the default; a line
that starts with # and a name shows a setting that is not set. An environment variable wins over the file:
discord.token is BOT_DISCORD__TOKEN, or BOT_DISCORD__TOKEN_FILE for a file that holds it. Lists are JSON there.
"""


def _setting(leaf: Leaf) -> Iterator[str]:
    note = "" if leaf.secret or leaf.listing or leaf.allowed == "a text in quotes" else f" Allowed: {leaf.allowed}."
    yield from _comment(leaf.meaning + note)
    if leaf.default is None:
        yield f"#{leaf.name} = {_placeholder(leaf)}"
    else:
        yield f"{leaf.name} = {toml_value(leaf.default)}"


def _placeholder(leaf: Leaf) -> str:
    if leaf.name.endswith("_url"):
        return '"https://example.com/…"'
    if leaf.secret or leaf.allowed == "a text in quotes":
        return '"…"'
    if leaf.allowed == "true or false":
        return "true"
    if leaf.name.startswith("price_"):
        return "0.05"
    return "123456789012345678" if leaf.name.endswith("_id") else "10"


def _comment(text: str) -> Iterable[str]:
    return (f"# {line}" for line in textwrap.wrap(" ".join(text.split()), 110))


def settings_table() -> list[tuple[str, str, str]]:
    """Key, default and meaning of every setting, for the manual."""
    return [
        (leaf.key, "–" if leaf.default is None else f"`{toml_value(leaf.default)}`", leaf.meaning)
        for leaf in leaves(Settings).values()
    ]
