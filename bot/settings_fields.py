"""What a settings model consists of: each setting's dotted key, type, default, limits and meaning."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):([^/\s]*)@")
"""User and password in an address."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Marks a setting that is no secret by type but may hold one, such as an address with a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One setting.

    `section` is the dotted name of its table; `secret` values are never shown and may be given as files; `listing`
    values are JSON in the environment; `allowed` says what can be given.
    """

    section: str
    name: str
    default: Any
    meaning: str
    secret: bool
    listing: bool
    allowed: str

    @property
    def key(self) -> str:
        """The dotted key, as in the configuration file."""
        return f"{self.section}.{self.name}" if self.section else self.name

    def hides(self, value: object) -> bool:
        """Whether this value is confidential: a secret, or an address with a password in it."""
        return self.secret and (self.default is None or PASSWORD.search(str(value)) is not None)


def sections(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Dotted name and meaning of every table, outer ones first."""
    for name, field in model.model_fields.items():
        table = _table(field)
        if table is not None:
            yield f"{prefix}{name}", (table.__doc__ or "").strip()
            yield from sections(table, f"{prefix}{name}.")


def leaves(model: type[BaseModel]) -> dict[str, Leaf]:
    """Every setting by its dotted key, in the order of the model."""
    return {leaf.key: leaf for leaf in _walk(model, "", model())}


def _walk(model: type[BaseModel], section: str, defaults: BaseModel) -> Iterator[Leaf]:
    tables: list[tuple[str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        table = _table(field)
        if table is not None:
            tables.append((name, table))
        else:
            yield _leaf(section, name, field, getattr(defaults, name))
    for name, table in tables:
        yield from _walk(table, f"{section}.{name}" if section else name, getattr(defaults, name))


def _table(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _leaf(section: str, name: str, field: FieldInfo, default: object) -> Leaf:
    kind, metadata = _plain(field)
    return Leaf(
        section=section,
        name=name,
        default=default,
        meaning=" ".join((field.description or "").split()),
        secret=kind is SecretStr or any(isinstance(item, Hidden) for item in metadata),
        listing=get_origin(kind) is tuple,
        allowed=_allowed(kind, metadata),
    )


def _plain(field: FieldInfo) -> tuple[Any, list[object]]:
    """The type without `| None` and `Annotated`, and everything that was annotated."""
    kind: Any = field.annotation
    metadata: list[object] = list(field.metadata)
    if get_origin(kind) in {Union, types.UnionType}:
        kind = next(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is typing.Annotated:
        kind, *more = get_args(kind)
        metadata += more
    return kind, metadata


def _allowed(kind: Any, metadata: list[object]) -> str:
    if kind is bool:
        return "true or false"
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "one of " + ", ".join(kind)
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        return "a list of names" + (f" out of {', '.join(get_args(inner))}" if get_origin(inner) is Literal else "")
    if kind in {str, SecretStr}:
        return "a text in quotes"
    return ("a whole number" if kind is int else "a number") + _range(metadata)


def _range(metadata: list[object]) -> str:
    found: dict[str, object] = {}
    for item in _flat(metadata):
        for word, name in (("from", "ge"), ("above", "gt"), ("up to", "le")):
            if (bound := getattr(item, name, None)) is not None:
                found[word] = bound
    return "".join(f" {word} {bound}" for word, bound in found.items())


def _flat(metadata: list[object]) -> Iterator[object]:
    for item in metadata:
        if isinstance(item, FieldInfo):  # Annotated[int, Field(ge=0)] inside `| None`
            yield from item.metadata
        else:
            yield item
