"""The local prompt enhancer: adds style, lighting, composition and mood where a prompt names none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256

from bot.domain.enhancing_words import ANYTHING, PARTS, SUBJECTS
from bot.domain.references import mentioned_tags, rename_mentions
from bot.domain.text import PROMPT_LIMIT, is_blank, utf16_length


def enhance(prompt: str, *, limit: int = PROMPT_LIMIT) -> str:
    """The prompt itself, followed by what it lacks, as far as `limit` UTF-16 units allow. The same for each call."""
    if is_blank(prompt):
        return prompt
    enhanced = prompt
    for phrase in _missing(prompt):
        longer = f"{enhanced}, {phrase}" if enhanced != prompt else _begun(prompt, phrase)
        if utf16_length(longer) <= limit:
            enhanced = longer
    return enhanced


def kept_tags(before: str, after: str) -> bool:
    """Whether a prompt still mentions the references that it did, and no others."""
    return set(mentioned_tags(before)) == set(mentioned_tags(after))


def _missing(prompt: str) -> Iterator[str]:
    """A phrase for each part that the prompt does not name, chosen by its subject and then by its very words."""
    # Hyphens come and go (golden-hour), and a reference's name says nothing about the picture.
    words = rename_mentions(prompt, lambda _: " ").casefold().replace("-", " ")
    subject = next((each for each in SUBJECTS if _names(words, each.words)), None)
    for part, known in PARTS.items():
        if not _names(words, known):
            phrases = (subject or ANYTHING).phrases[part]
            drawn = sha256(f"{part}:{prompt}".encode("utf-8", "surrogatepass")).digest()
            yield phrases[int.from_bytes(drawn[:4], "big") % len(phrases)]


def _names(text: str, words: str) -> bool:
    return re.search(rf"(?<!\w)(?:{words})(?!\w)", text) is not None


def _begun(prompt: str, phrase: str) -> str:
    """The person's words and the first phrase, joined as a sentence would be."""
    last = prompt[-1]
    if last.isspace():
        return f"{prompt}{phrase}"
    if last in ".!?…":
        return f"{prompt} {phrase[0].upper()}{phrase[1:]}"
    return f"{prompt} {phrase}" if last in ",;:" else f"{prompt}, {phrase}"
