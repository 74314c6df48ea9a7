"""Flags in prompts, as people know them from other image bots."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidRequest
from bot.domain.flags import Flags, read_flags, read_size, read_whole
from bot.domain.shapes import Model, Ratio, Resolution, Size

PLAIN = st.text(st.characters(exclude_categories=("Cs",)), max_size=200).filter(
    lambda text: not any(dash in text for dash in ("--", "—", "–"))
)
FLAGS = st.lists(
    st.sampled_from(["--ar 9:16", "--seed 7", "--turbo", "--1080p", "--count 2", "--spoiler", "—hd", "–n=3"]),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (
            "a cat --ar 16:9 --seed 7 --turbo",
            {"ratio": Ratio.WIDE, "seed": 7, "model": Model.GEN4_IMAGE_TURBO},
        ),
        ("a cat --aspect 9:16", {"ratio": Ratio.TALL}),
        ("a cat --ratio 21x9", {"ratio": Ratio.CINEMA}),
        ("a cat --ar=1:1", {"ratio": Ratio.SQUARE}),
        ("a cat --ar = 1:1", {"ratio": Ratio.SQUARE}),
        ("a cat --AR 4:3", {"ratio": Ratio.CLASSIC}),
        ("a cat —ar 3:4", {"ratio": Ratio.PORTRAIT}),
        ("a cat –seed 0", {"seed": 0}),
        ("a cat --ar 1808:768", {"size": Size(1808, 768)}),
        ("a cat --size 1024x1024", {"size": Size(1024, 1024)}),
        ("a cat --1080p", {"resolution": Resolution.P1080}),
        ("a cat --hd", {"resolution": Resolution.P1080}),
        ("a cat --720p", {"resolution": Resolution.P720}),
        ("a cat --res 1080", {"resolution": Resolution.P1080}),
        ("a cat --resolution 720P", {"resolution": Resolution.P720}),
        ("a cat --n 4", {"count": 4}),
        ("a cat --count 2 --spoiler", {"count": 2, "spoiler": True}),
        ("--seed 7 a cat", {"seed": 7}),
        ("a\u0020cat\n--seed 7", {"seed": 7}),
        ("a cat --seed 1 --seed 2", {"seed": 2}),
        ("a cat --seed 4294967295", {"seed": 4_294_967_295}),
    ],
)
def test_flags_are_read_and_taken_out(prompt: str, expected: dict[str, Any]) -> None:
    assert read_flags(prompt) == replace(Flags(prompt="a cat"), **expected)


@pytest.mark.parametrize(
    ("prompt", "left"),
    [
        ("a --turbo cat", "a cat"),
        ("a cat --turbo wearing a hat", "a cat wearing a hat"),
        ("a cat --ar 16:9 in a garden", "a cat in a garden"),
        ("one  two --turbo  three", "one  two three"),
        ("first line --turbo\nsecond line", "first line\nsecond line"),
        ("--turbo", ""),
    ],
)
def test_the_words_around_a_flag_stay(prompt: str, left: str) -> None:
    assert read_flags(prompt).prompt == left


@pytest.mark.parametrize(
    "prompt",
    [
        "a cat -- and a dog",
        "a cat — and a dog",
        "a cat --style raw",
        "a cat --stylize 100 --v 6",
        "a cat--ar 16:9",
        "a cat -ar 16:9",
        "well—turbo charged",
        "two  spaces,\n\n  an indent\tand a tab",
        "",
    ],
)
def test_a_prompt_without_known_flags_is_unchanged(prompt: str) -> None:
    assert read_flags(prompt) == Flags(prompt=prompt)


@given(PLAIN)
def test_any_text_without_dashes_is_unchanged(prompt: str) -> None:
    assert read_flags(prompt) == Flags(prompt=prompt)


@given(PLAIN.map(str.strip), FLAGS)
def test_flags_behind_any_text_leave_the_text(prompt: str, flags: list[str]) -> None:
    found = read_flags(f"{prompt} {' '.join(flags)}")
    assert found.prompt == prompt
    assert found != Flags(prompt=prompt)


@given(st.text(st.sampled_from("—–-- =\nasdehrtub1729:x0"), max_size=60))
def test_no_text_breaks_the_search_for_flags(prompt: str) -> None:
    try:
        found = read_flags(prompt)
    except InvalidRequest as error:
        key = error.key
    else:
        key = "refused." if len(found.prompt) <= len(prompt) else ""
    assert key.startswith("refused.")


@pytest.mark.parametrize(
    ("prompt", "key", "value"),
    [
        ("a cat --ar 5:4", "refused.flag_ratio", "5:4"),
        ("a cat --ar", "refused.flag_ratio", ""),
        ("a cat --ar --turbo", "refused.flag_ratio", ""),
        ("a cat --ar 16:9,", "refused.flag_ratio", "16:9,"),
        ("a cat --res 4k", "refused.flag_resolution", "4k"),
        ("a cat --seed lucky", "refused.flag_seed", "lucky"),
        ("a cat --seed 1.5", "refused.flag_seed", "1.5"),
        ("a cat --seed ٣", "refused.flag_seed", "٣"),
        ("a cat --seed " + "9" * 5000, "refused.flag_seed", "9" * 5000),
        ("a cat --count two", "refused.flag_count", "two"),
        ("a cat --n", "refused.flag_count", ""),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_flag_with_an_unusable_value_is_refused(prompt: str, key: str, value: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_flags(prompt)
    assert caught.value.key == key
    assert caught.value.values["value"] == value


def test_a_size_flag_that_is_no_size_is_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_flags("a cat --size huge")
    assert (caught.value.key, caught.value.values) == ("refused.size_text", {"size": "huge"})


def test_typed_sizes_and_numbers_are_read() -> None:
    assert read_size("1808×768") == Size(1808, 768)
    assert read_whole("seed", "-5") == -5, "the range is the request's to check"
