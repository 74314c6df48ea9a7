"""Naming references for services that know no tags, or that want one for each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.domain.references import rename_mentions
from bot.domain.text import PROMPT_LIMIT, utf16_length

_PLACES: Final = ("first", "second", "third")
_FORMS: Final = (
    ("the {place} reference image ({tag})", "the {place} reference image ({tag})"),
    ("the {place} reference image ({tag})", "{tag}"),
    ("{tag} ({place} image)", "{tag}"),
    ("{tag}", "{tag}"),
)
"""Forms of a tag's first mention and of its later ones, each shorter than the one before."""


def named_by_place(prompt: str, tags: Sequence[str]) -> str:
    """The prompt with each `@tag` as "the first reference image (tag)", by the tag's place among `tags`.

    Where that would be longer than a prompt may be, only a tag's first mention gets that many words and the later
    ones are the tag alone; at last all are, which is never longer than it was. Other `@words` stay as they are.
    """
    forms = (_named(prompt, tags, first, later) for first, later in _FORMS)
    return next((named for named in forms if utf16_length(named) <= PROMPT_LIMIT), prompt)


def was_named(sent: str, prompt: str) -> bool:
    """Whether `sent` can be what `named_by_place` made of the prompt, whichever of its `@words` were tags."""
    # Every second piece is a word: a cleaned prompt holds no NUL.
    pieces = rename_mentions(prompt, lambda word: f"\0{word}\0").split("\0")
    forms = [_any_form(piece) if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)]
    return re.fullmatch("".join(forms), sent) is not None


def _any_form(word: str) -> str:
    place = "|".join(_PLACES)
    forms = {form for pair in _FORMS for form in pair}
    named = [re.escape(form).replace(r"\{tag\}", word).replace(r"\{place\}", f"(?:{place})") for form in sorted(forms)]
    return f"(?:@{word}|{'|'.join(named)})"


def _named(prompt: str, tags: Sequence[str], first: str, later: str) -> str:
    seen: set[str] = set()

    def name(word: str) -> str:
        if word not in tags:
            return f"@{word}"
        form = later if word in seen else first
        seen.add(word)
        return form.format(place=_PLACES[tags.index(word)], tag=word)

    return rename_mentions(prompt, name)


def tag_or_place(tag: str, position: int) -> str:
    """The tag itself, or for a reference without one a name by its place, counting from 1."""
    return tag or f"ref_{position}"
