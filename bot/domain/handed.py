"""Pictures that people hand over with a message, a menu or a form, and the words that come with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.domain.errors import InvalidRequest
from bot.domain.references import MAX_REFERENCES, TAG, Reference, Upload

FORM_LIFE = 24 * 3600.0
"""Seconds that a form is kept: the links of its pictures are good for no longer (Discord, signed links)."""

NOTE_FIRST_THREE = "note.first_three"
"""More pictures came than a request may carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Pictures that wait for their person to say what to make of them; nothing is held for it."""

    id: str
    user_id: int
    pictures: tuple[Upload, ...]
    created_at: float


def without_mention(text: str, user_id: int) -> str:
    """What a message says apart from mentioning this user; other mentions stay as they are."""
    mention = rf"<@!?{user_id}>"
    text = re.sub(rf"\A\s*(?:{mention}[ \t]*[,:]?\s*)+", "", text)
    return re.sub(rf"[ \t]*{mention}", "", text).strip()


def each_once(uploads: Iterable[Upload]) -> tuple[Upload, ...]:
    """The pictures without those whose file came before; its link may have been signed anew."""
    found: dict[tuple[str, str], Upload] = {}
    for upload in uploads:
        parts = urlsplit(upload.url)
        found.setdefault((parts.netloc, parts.path), upload)
    return tuple(found.values())


def first_three(uploads: Sequence[Upload]) -> tuple[tuple[Upload, ...], tuple[str, ...]]:
    """As many pictures as a request may carry, and keys of notes when there are more."""
    notes = (NOTE_FIRST_THREE,) if len(uploads) > MAX_REFERENCES else ()
    return tuple(uploads[:MAX_REFERENCES]), notes


def chosen(uploads: Sequence[Upload], places: Sequence[str]) -> tuple[Upload, ...]:
    """The pictures at these places (counting from 0, as text that came from outside), in their own order.

    Raises:
        InvalidRequest: too many, or a place that no picture has.
    """
    wanted = {int(place) for place in places if place.isascii() and place.isdigit() and int(place) < len(uploads)}
    if len(wanted) != len(places):
        raise InvalidRequest("refused.form_gone")
    if len(wanted) > MAX_REFERENCES:
        raise InvalidRequest("refused.references_many", count=len(wanted), limit=MAX_REFERENCES)
    return tuple(upload for place, upload in enumerate(uploads) if place in wanted)


def with_tags(references: Sequence[Reference], typed: str) -> tuple[Reference, ...]:
    """The references under the tags that somebody typed for them, in order; those beyond keep what they have.

    Raises:
        InvalidRequest: one is no tag, stands there twice, or there are more of them than pictures.
    """
    tags = [word.removeprefix("@") for word in re.split(r"[\s,;]+", typed) if word]
    if len(tags) > len(references):
        raise InvalidRequest("refused.tags_many", count=len(tags), pictures=len(references))
    for tag in tags:
        if not TAG.fullmatch(tag):
            raise InvalidRequest("refused.tag", value=tag)
    named = [replace(reference, tag=tag) for reference, tag in zip(references, tags, strict=False)]
    all_of_them = [*named, *references[len(tags) :]]
    folded = [reference.tag.casefold() for reference in all_of_them]
    twice = next((each.tag for each in all_of_them if folded.count(each.tag.casefold()) > 1), None)
    if twice is not None:
        raise InvalidRequest("refused.tag_twice", value=twice)
    return tuple(all_of_them)
