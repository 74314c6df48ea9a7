"""Reading JSON of unknown shape without trusting it."""

from __future__ import annotations

from typing import Any, cast

Json = dict[str, Any]


def an_object(value: object) -> Json | None:
    """The value when it is a JSON object."""
    return cast(Json, value) if isinstance(value, dict) else None


def a_list(value: object) -> list[Any] | None:
    """The value when it is a JSON list."""
    return cast(list[Any], value) if isinstance(value, list) else None


def a_string(value: object) -> str | None:
    """The value when it is a string."""
    return value if isinstance(value, str) else None


def an_integer(value: object) -> int | None:
    """The value when it is an integer and no boolean."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def objects(value: object) -> list[Json]:
    """The JSON objects of a list; nothing when it is no list."""
    return [cast(Json, each) for each in a_list(value) or [] if isinstance(each, dict)]
