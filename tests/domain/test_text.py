"""Prompts: cleaned, measured in UTF-16 units, refused when nothing is left."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidRequest
from bot.domain.text import PROMPT_LIMIT, check_prompt, clean_text, is_blank, utf16_length

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=1200)
EMOJI = "😀"
FAMILY = "👩‍👩‍👧‍👦"


@pytest.mark.parametrize(("text", "units"), [("", 0), ("cat", 3), (EMOJI, 2), ("é", 1), ("e\u0301", 2), (FAMILY, 11)])
def test_length_is_counted_in_utf16_units(text: str, units: int) -> None:
    assert utf16_length(text) == units


@pytest.mark.parametrize("prompt", ["a" * 1000, EMOJI * 500, EMOJI * 499 + "ab"])
def test_a_prompt_of_a_thousand_units_is_taken(prompt: str) -> None:
    assert check_prompt(prompt) == prompt


@pytest.mark.parametrize(
    ("prompt", "length"), [("a" * 1001, 1001), (EMOJI * 500 + "a", 1001), (EMOJI * 501, 1002), ("x" * 6000, 6000)]
)
def test_a_longer_prompt_is_refused_with_its_length(prompt: str, length: int) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check_prompt(prompt)
    assert caught.value.key == "refused.prompt_long"
    assert caught.value.values == {"length": length, "limit": 1000, "over": length - 1000}


def test_space_around_a_prompt_does_not_count() -> None:
    assert check_prompt(f"  \n{'a' * 1000}\t ") == "a" * 1000


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "   ",
        "\n\t \r\n",
        "\u00a0\u2003\u3000",
        "\u200b\u200b",
        "\u200b\u200d\ufeff\u2060",
        "\u202e\u202c",
        "\u00ad",
        "\x00\x01\x1b",
        "\ud800",
        "\u3164\u3164",
        "\u2800",
        "\ufe0f",
        "\u034f\u115f\u1160\uffa0",
    ],
    ids=ascii,
)
def test_a_prompt_without_anything_visible_is_refused(prompt: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check_prompt(prompt)
    assert caught.value.key == "refused.prompt_empty"


@pytest.mark.parametrize("prompt", ["cat", "猫", "😀", "☃️", ".", "é", "\u3164cat", "Z\u0351\u036b\u0343algo"])
def test_what_can_be_seen_is_a_prompt(prompt: str) -> None:
    assert not is_blank(prompt)
    assert check_prompt(prompt)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b\x1bc\x7f", "abc"),
        ("a\ud800b\udfff", "ab"),
        ("left\u202egnp.exe\u202c", "leftgnp.exe"),
        ("a\u2066b\u2067c\u2068d\u2069e", "abcde"),
        ("one\r\ntwo\tthree", "one\ntwo\tthree"),
        ("e\u0301", "é"),
        (FAMILY, FAMILY),
        ("שלום עולם", "שלום עולם"),
        ("می‌خواهم", "می‌خواهم"),
    ],
    ids=ascii,
)
def test_text_loses_what_no_service_takes_and_keeps_the_rest(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


@given(ANY_TEXT)
def test_a_clean_text_is_harmless_and_stays_as_it_is(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(c) == "Cc" for c in cleaned if c not in "\n\t")


@given(ANY_TEXT)
def test_a_prompt_is_refused_or_within_the_limits(text: str) -> None:
    prompt = clean_text(text)
    if is_blank(prompt) or utf16_length(prompt) > PROMPT_LIMIT:
        with pytest.raises(InvalidRequest):
            check_prompt(text)
    else:
        assert check_prompt(text) == prompt
        assert check_prompt(prompt) == prompt
