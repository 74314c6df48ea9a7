"""What Discord accepts as embeds."""

from __future__ import annotations

from typing import Any

from .errors import FormErrors, Path
from .loose import a_list, an_object, objects
from .messages import Json

# Limits: Discord reference, "Embed Limits".
MAX_EMBEDS = 10
MAX_TOTAL = 6000
TEXT_LIMITS = {"title": 256, "description": 4096}


def check_embeds(errors: FormErrors, value: Any) -> None:
    """Note every breach in a list of embeds."""
    if value is None:
        return
    listed = a_list(value)
    path: Path = ("embeds",)
    if listed is None:
        errors.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return
    errors.length(path, listed, 0, MAX_EMBEDS)
    total = 0
    for index, embed in enumerate(objects(listed)):
        total += _check(errors, (*path, index), embed)
    if total > MAX_TOTAL:
        errors.add((*path, 0), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_TOTAL}")


def _check(errors: FormErrors, path: Path, embed: Json) -> int:
    """Check one embed; the number of characters it counts for."""
    total = 0
    for key, most in TEXT_LIMITS.items():
        total += _text(errors, (*path, key), embed.get(key), most)
    footer, author = an_object(embed.get("footer")) or {}, an_object(embed.get("author")) or {}
    total += _text(errors, (*path, "footer", "text"), footer.get("text"), 2048)
    total += _text(errors, (*path, "author", "name"), author.get("name"), 256)
    color = embed.get("color")
    if color is not None and not 0 <= color <= 0xFFFFFF:
        message = "int value should be less than or equal to 16777215."
        errors.add((*path, "color"), "NUMBER_TYPE_MAX", message)
    fields = objects(embed.get("fields"))
    errors.length((*path, "fields"), list(fields), 0, 25)
    for index, field in enumerate(fields):
        for key, most in (("name", 256), ("value", 1024)):
            where = (*path, "fields", index, key)
            if not field.get(key):
                errors.required(where)
            total += _text(errors, where, field.get(key), most)
    return total


def _text(errors: FormErrors, path: Path, text: Any, most: int) -> int:
    if text is None:
        return 0
    errors.length(path, str(text), 0, most)
    return len(str(text))
