"""Words that a server does not want in prompts: found however they are dressed up, without blaming innocent words.

Both the rule and a copy of the text are folded first: compatibility forms, marks, invisible characters, case, and
letters that look like Latin ones (Unicode UTS #39). A word then has to stand by itself: *class* holds no *ass*. Inside
a word punctuation, digits that stand for letters, stretched letters and single stars are looked through, and a plural
is the same word. A star at the start or end of a rule (`zomb*`) lets the word go on there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, Final, cast

from confusable_homoglyphs import confusables  # pyright: ignore[reportMissingTypeStubs]

from bot.domain.errors import InvalidRequest
from bot.domain.text import clean_text, is_unseen

MAX_RULES: Final = 300
"""Words that one server may list."""

MAX_LENGTH: Final = 60
"""Characters of one word or phrase."""

_LOOKS_LIKE: Final = cast("dict[str, list[dict[str, str]]]", cast(Any, confusables).confusables_data)
_SIGNS: Final = {
    "a": "4@",
    "b": "8",
    "e": "3€",
    "g": "9",
    "i": "1!|",
    "l": "1|",
    "o": "0",
    "s": "5$",
    "t": "7+",
    "z": "2",
}
_PUNCTUATION_SIGNS: Final = "@€!|$+*"
_STAR: Final = "*"
_APART: Final = f"[^\\w{re.escape(_PUNCTUATION_SIGNS)}]|_"
_INSIDE: Final = f"[^\\w\\s{re.escape(_PUNCTUATION_SIGNS)}]|_"
"""What may stand between the letters of a word: punctuation that is no sign for a letter, and no space.

Letters and what stands between them never overlap, and every repetition is possessive: matching takes linear time
whatever is typed.
"""

_NO_LETTER_BEFORE: Final = r"(?<![^\W_])"
_NO_LETTER_AFTER: Final = r"(?![^\W_])"
_LONE: Final = r"[b-hj-np-tv-z0-9]"
"""A letter that is no word of its own: next to it, single letters spell something longer than the rule."""

_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that put no space between words."""


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """The Latin letter that a character looks like, or the character itself."""
    if character.isascii():
        return character
    twins = (entry["c"] for entry in _LOOKS_LIKE.get(character, ()))
    return next((twin for twin in twins if len(twin) == 1 and twin.isascii() and twin.isalpha()), character)


def _shapes(text: str) -> str:
    return "".join(map(_plain, text))


def fold(text: str) -> tuple[str, ...]:
    """The text as it looks to a reader who does not look closely; for comparing only, never shown or sent on.

    Capital and small forms of a letter may look like different Latin letters (В like B, but в like nothing), and a
    sign may stand for a letter or between letters: each reading that differs is one of the results.
    """
    kept = (c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in {"Mn", "Me", "Cf"})
    seen = "".join(c for c in kept if not is_unseen(c))
    readings = [_shapes(_shapes(seen).casefold()).casefold(), _shapes(seen.casefold()).casefold()]
    split = [re.sub(f"[{re.escape(_PUNCTUATION_SIGNS)}]", ".", reading) for reading in readings]
    return tuple(dict.fromkeys((*readings, *split)))


def plain_word(text: str) -> str:
    """A word or phrase as it is kept for a rule: one line in small letters, folded only when it is compared."""
    return " ".join(clean_text(text).split()).casefold()


def check_word(text: str) -> str:
    """A word or phrase as it is kept for a rule.

    Raises:
        InvalidRequest: nothing that could be found is left, or it is too long.
    """
    word = plain_word(text)
    letters = re.sub(r"[\W_]", "", fold(word)[0])
    if len(letters) < 2 or len(word) > MAX_LENGTH:
        raise InvalidRequest("refused.word", limit=MAX_LENGTH)
    return word


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule that a text breaks, and the passage of the folded text that breaks it."""

    rule: str
    passage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordFilter:
    """The words of one server, ready to be looked for."""

    rules: tuple[tuple[str, re.Pattern[str], int], ...]

    def find(self, texts: Iterable[str]) -> Hit | None:
        """The first rule that one of the texts breaks."""
        for reading in dict.fromkeys(reading for text in texts for reading in fold(text)):
            for rule, pattern, letters in self.rules:
                for match in pattern.finditer(reading):
                    if _is_spelt(match[0], letters):
                        return Hit(rule=rule, passage=" ".join(match[0].split()))
        return None


@lru_cache(maxsize=256)
def word_filter(words: tuple[str, ...]) -> WordFilter:
    """The filter for a server's words; the same words give the same filter, as building it takes milliseconds."""
    return WordFilter(rules=tuple((word, *_pattern(word)) for word in words))


def _letters(text: str) -> int:
    return sum(c.isalpha() for c in text)


def _is_spelt(passage: str, letters: int) -> bool:
    """Whether enough of a word stands there: a letter at least, and stars for no more than half of it."""
    shown = sum(c.isalnum() or (c in _PUNCTUATION_SIGNS and c != _STAR) for c in passage)
    return shown * 2 >= letters and _letters(passage) > 0


def _pattern(word: str) -> tuple[re.Pattern[str], int]:
    """The pattern of a rule, and how many letters it has."""
    opened, closed = word.startswith(_STAR), word.endswith(_STAR)
    parts = [part for part in re.split(r"[\W_]+", fold(word.strip(_STAR))[0]) if part]
    letters = _letters("".join(parts))
    if _UNSPACED.search(word):
        return re.compile(r"\s*".join(map(re.escape, parts))), letters
    close = f"(?:{_INSIDE}){{0,3}}+"
    whole = f"(?:{_APART}){{1,3}}+".join(_spelt(part, close) for part in parts)
    before = "" if opened else _NO_LETTER_BEFORE
    after = "" if closed else f"(?:{close}(?:e{close})?[s5$z])?{_NO_LETTER_AFTER}"
    pattern = f"{before}{whole}{after}"
    if len(parts) == 1 and not (opened or closed):
        pattern = f"{pattern}|{_letter_by_letter(parts[0])}"
    return re.compile(pattern), letters


def _spelt(part: str, between: str) -> str:
    """A word with something between its letters. A letter may come more often than in the rule, never less often."""
    runs = ((letter, len(list(run))) for letter, run in groupby(part))
    stretched = (f"{between.join([_sign(letter)] * count)}(?:{between}{re.escape(letter)})*+" for letter, count in runs)
    return between.join(stretched)


def _letter_by_letter(part: str) -> str:
    """A word as single letters with space between them, unless they are the middle of a longer one."""
    letters = f"(?:{_APART}){{1,3}}+".join(map(_sign, part))
    before = f"(?<!{_NO_LETTER_BEFORE}{_LONE}[\\W_]){_NO_LETTER_BEFORE}"
    after = f"{_NO_LETTER_AFTER}(?![\\W_]{_LONE}{_NO_LETTER_AFTER})"
    return f"{before}{letters}{after}"


def _sign(letter: str) -> str:
    return f"[{re.escape(letter + _SIGNS.get(letter, ''))}*]"


def added(words: Sequence[str], word: str) -> tuple[str, ...]:
    """The words with one more, in alphabetical order.

    Raises:
        InvalidRequest: the list is full.
    """
    if word not in words and len(words) >= MAX_RULES:
        raise InvalidRequest("refused.words_full", limit=MAX_RULES)
    return tuple(sorted({*words, word}))
