"""Forgetting people: the number that stands in for one in the books, and records made to say nothing of one."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What people are told of how their data is kept. Days and hours that are 0 mean for ever.

    `services` are the names of those that get prompts and references; `backup_days` is how long the oldest backup of
    the database lies, 0 for none.
    """

    prompts_days: int
    outputs_days: int
    left_days: int
    reference_hours: int
    backup_days: int
    services: tuple[str, ...]
    policy_url: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is kept of a person, and how many of their requests are not over yet."""

    requests: int
    pictures: int
    references: int
    unfinished: int


PERSON_KEYS = frozenset({"actor_id", "by", "requester", "user_id"})
"""Under these names structured values hold the ids of people."""

DEEDS = "deeds"
"""Under this name they hold pairs of what was done and the person who did it."""


def pseudonym(key: bytes, user_id: int) -> int:
    """The number that stands for a person whose data was deleted: always the same one, so that neither their quota nor
    a block is undone; never the id of anybody at Discord; and traced back to the person with the key alone.
    """
    digest = hmac.digest(key, str(user_id).encode(), "sha256")
    return -2 - (int.from_bytes(digest[:8]) >> 2)


def is_pseudonym(user_id: int) -> bool:
    """Whether the number stands for somebody whose data was deleted."""
    return user_id < 0


def renamed(values: object, rename: Callable[[int], int]) -> Any:
    """Structured values with every person's id replaced by what `rename` makes of it.

    Ids are known by the name that they stand under, never by their look: amounts and other numbers stay.
    """
    if isinstance(values, list):
        return [renamed(each, rename) for each in cast("list[object]", values)]
    if not isinstance(values, Mapping):
        return values
    made: dict[str, object] = {}
    for name, value in cast("Mapping[str, object]", values).items():
        if name in PERSON_KEYS and isinstance(value, int):
            made[name] = rename(value)
        elif name == "subject" and isinstance(value, str):
            made[name] = renamed_subject(value, rename)
        elif name == DEEDS and isinstance(value, list):
            made[name] = renamed_deeds(cast("list[list[Any]]", value), rename)
        else:
            made[name] = renamed(value, rename)
    return made


def without_words(values: Mapping[str, object], user_id: int) -> dict[str, object]:
    """What a log channel is told, without the words of this person: those of a report they made."""
    return {**values, "reason": ""} if values.get("by") == user_id and "reason" in values else dict(values)


def renamed_deeds(deeds: list[list[Any]], rename: Callable[[int], int]) -> list[list[Any]]:
    """Pairs of what was done and who did it, with other people."""
    return [[what, rename(user_id)] for what, user_id in deeds]


def renamed_subject(subject: str, rename: Callable[[int], int]) -> str:
    """The subject of a change, such as `user:5`, with another person; others as they are."""
    kind, _, number = subject.partition(":")
    if kind != "user" or not number.removeprefix("-").isdecimal():
        return subject
    return f"user:{rename(int(number))}"
