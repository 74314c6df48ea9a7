"""Text that people typed: cleaned of what no service takes, and measured the way the services measure it."""

from __future__ import annotations

import unicodedata

from bot.domain.errors import InvalidRequest

PROMPT_LIMIT = 1000
"""UTF-16 code units that `promptText` may have (runwayml 5.24.0, text_to_image_create_params)."""

_KEPT_CONTROLS = "\n\t"

_UNSEEN = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}
"""Letters, signs and marks that show nothing: fillers, the empty Braille pattern, joiner and variation selectors."""


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units: an emoji outside the basic plane counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean_text(text: str) -> str:
    """NFC, without control characters, lone surrogates or bidirectional overrides; outer space trimmed."""
    kept = (c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) not in {"Cc", "Cs"})
    without_overrides = "".join(c for c in kept if c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    return unicodedata.normalize("NFC", without_overrides).strip()


def is_unseen(character: str) -> bool:
    """Whether a letter, sign or mark shows nothing; control and format characters are told by their category."""
    return character in _UNSEEN


def is_blank(text: str) -> bool:
    """Whether nothing visible is left: only space, zero-width, filler or format characters."""
    return all(is_unseen(c) or unicodedata.category(c) in {"Zs", "Zl", "Zp", "Cf", "Cc"} for c in text)


def check_prompt(prompt: str) -> str:
    """The cleaned prompt.

    Raises:
        InvalidRequest: it is empty, or longer than the models take.
    """
    cleaned = clean_text(prompt)
    if is_blank(cleaned):
        raise InvalidRequest("refused.prompt_empty")
    length = utf16_length(cleaned)
    if length > PROMPT_LIMIT:
        raise InvalidRequest("refused.prompt_long", length=length, limit=PROMPT_LIMIT, over=length - PROMPT_LIMIT)
    return cleaned
