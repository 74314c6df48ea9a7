"""Saved references: pictures that people keep under a name, for themselves or for a server, and use as `@name`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.errors import InvalidRequest
from bot.domain.references import MAX_REFERENCES, TAG, Reference, mentioned_tags
from bot.domain.request import ImageRequest

RESERVED = frozenset({"image1", "image2", "image3", "everyone", "here"})
"""Names that mean something else in a prompt: the pictures of the options, and Discord's mentions of many."""

_WORD = re.compile(r"(?<!\w)[A-Za-z][A-Za-z0-9_]{2,15}(?!\w)")

_PLAIN = re.compile(
    "and|are|beside|between|for|from|has|her|his|into|its|near|not|off|one|onto|out|over|some|style|that|the|their|"
    "them|they|this|three|through|two|under|very|wearing|with|without"
)
"""Words that say nothing about what a picture shows."""


class Scope(StrEnum):
    """For whom a reference is saved."""

    ME = "me"  #: for one person, wherever they are
    SERVER = "server"  #: for everyone of one server


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Whose saved references: a person's (`id` is the user's) or a server's (the guild's)."""

    scope: Scope
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPicture:
    """A cleaned picture in the blob store, with a small copy of it to look through. Both are named by their SHA-256."""

    sha256: str
    preview: str
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReference:
    """A picture under a name. `saved_by` is the person who saved it, at `saved_at` (UTC epoch seconds)."""

    id: int
    library: Library
    name: str
    picture: SavedPicture
    saved_by: int
    saved_at: float

    def as_reference(self, tag: str) -> Reference:
        """The picture as a reference of a request, ready to use."""
        picture = self.picture
        return Reference(tag=tag, filename=f"@{self.name}").fetched(
            sha256=picture.sha256, media_type=picture.media_type, width=picture.width, height=picture.height
        )


def fold(name: str) -> str:
    """What two spellings of one name have in common."""
    return name.lower()


def check_name(typed: str) -> str:
    """The name itself, without the `@` that people may put before it.

    Raises:
        InvalidRequest: it is no tag, or means something else in a prompt.
    """
    name = typed.strip().removeprefix("@")
    if not TAG.fullmatch(name):
        raise InvalidRequest("refused.reference_name", value=name)
    if fold(name) in RESERVED:
        raise InvalidRequest("refused.reference_reserved", value=name)
    return name


def suggest_name(prompt: str, taken: Collection[str]) -> str:
    """A free name for a picture that was made from this prompt: its first telling word, numbered where that is taken.

    `taken` are folded names.
    """
    words = [fold(match[0]) for match in _WORD.finditer(prompt)]
    telling = [word for word in words if not _PLAIN.fullmatch(word) and word not in RESERVED]
    stem = next((word for word in telling if word not in taken), telling[0] if telling else "picture")
    number = 2
    name = stem
    while name in taken:
        name = f"{stem[: 16 - len(str(number))]}{number}"
        number += 1
    return name


def unnamed(request: ImageRequest) -> tuple[str, ...]:
    """The `@words` of a request's prompt that could be names and that none of its references answers to, folded."""
    tags = {fold(reference.tag) for reference in request.references}
    return tuple(dict.fromkeys(word for tag in mentioned_tags(request.prompt) if (word := fold(tag)) not in tags))


def bring_in(request: ImageRequest, saved: Sequence[SavedReference]) -> ImageRequest:
    """The request with the saved references that its prompt names, a person's own before their server's.

    Tags of references that the request has already win over saved names. The tag is written as in the prompt.

    Raises:
        InvalidRequest: more than three references in all.
    """
    by_name = {fold(each.name): each for each in sorted(saved, key=lambda each: each.library.scope is Scope.ME)}
    spelled = {fold(tag): tag for tag in reversed(mentioned_tags(request.prompt))}
    found = [by_name[word].as_reference(spelled[word]) for word in unnamed(request) if word in by_name]
    count = len(request.references) + len(found)
    if count > MAX_REFERENCES:
        raise InvalidRequest("refused.references_many", count=count, limit=MAX_REFERENCES)
    return replace(request, references=(*request.references, *found)) if found else request
