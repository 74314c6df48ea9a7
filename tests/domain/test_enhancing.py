"""The local enhancer: what it adds, and what it never touches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.enhancing import _names, enhance, kept_tags
from bot.domain.enhancing_words import ANYTHING, PARTS, SUBJECTS, Part
from bot.domain.references import mentioned_tags
from bot.domain.text import PROMPT_LIMIT, check_prompt, is_blank, utf16_length

PROMPTS = st.one_of(
    st.text(st.characters(), max_size=60),
    st.lists(st.sampled_from(["a cat", "@model", "@image1", "neon", "😀", ".", "  ", "<@123>", "@", "sword"])).map(
        " ".join
    ),
    st.integers(900, 1010).map(lambda length: "x" * length),
)


def added(prompt: str) -> str:
    enhanced = enhance(prompt)
    assert enhanced.startswith(prompt)
    return enhanced[len(prompt) :]


def parts_of(text: str) -> set[Part]:
    words = text.casefold().replace("-", " ")
    return {part for part, known in PARTS.items() if _names(words, known)}


def test_a_bare_subject_gets_style_lighting_composition_and_mood() -> None:
    assert parts_of(added("a cat")) == set(Part)
    assert added("a cat").startswith(", ")


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("a cat in watercolour", Part.STYLE),
        ("a cat, Cyberpunk NEON", Part.STYLE),
        ("a cat at golden-hour", Part.LIGHTING),
        ("a cat at dusk", Part.LIGHTING),
        ("close-up of a cat", Part.COMPOSITION),
        ("a cat from above", Part.COMPOSITION),
        ("a serene cat", Part.MOOD),
    ],
)
def test_what_the_prompt_names_is_not_added_again(prompt: str, named: Part) -> None:
    assert named in parts_of(prompt)
    assert len(added(prompt).strip(" ,").split(", ")) == 4 - len(parts_of(prompt))


def test_a_prompt_that_says_it_all_stays_as_it_is() -> None:
    prompt = "a serene cat, watercolour style, soft light, wide shot"
    assert enhance(prompt) == prompt


def test_a_part_of_another_word_or_a_tag_names_nothing() -> None:
    assert parts_of(added("a lighthouse in oilskin")) == set(Part)
    assert parts_of(added("@neon and @style with @serene")) == set(Part)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("futuristic sneaker on rotating platform", "background"),
        ("medieval sword with engraved blade", "art"),
        ("modern living room with floor-to-ceiling glass", "wide-angle view"),
        ("cityscape with flying cars", "view"),
        ("waterfall with mist and vibrant ferns", "mood"),
    ],
)
def test_the_subject_decides_what_suits(prompt: str, words: str) -> None:
    assert words in added(prompt)


@pytest.mark.parametrize(
    ("prompt", "start"),
    [("a cat", ", "), ("A cat.", " "), ("A cat!", " "), ("a cat,", " "), ("a cat:", " "), ("a cat\n", "")],
)
def test_phrases_follow_the_last_word_as_a_sentence_would(prompt: str, start: str) -> None:
    tail = added(prompt)
    assert tail.startswith(start)
    assert not tail.removeprefix(start).startswith((",", " "))
    assert tail.removeprefix(start)[0].isupper() == (prompt[-1] in ".!?…")


def test_each_phrase_names_its_part() -> None:
    for subject in (*SUBJECTS, ANYTHING):
        assert set(subject.phrases) == set(Part)
        for part, phrases in subject.phrases.items():
            assert all(part in parts_of(phrase) for phrase in phrases), (part, phrases)
            assert all(phrase.isascii() and "@" not in phrase for phrase in phrases)


def test_different_prompts_get_different_phrases() -> None:
    assert len({added(f"thing number {number}") for number in range(30)}) > 5


def test_the_words_do_not_depend_on_the_run() -> None:
    expected = "a red cat, detailed illustration, soft morning light, rule-of-thirds composition, dynamic mood"
    assert enhance("a red cat") == expected


@given(PROMPTS)
def test_the_persons_words_and_tags_stay_and_the_limit_is_kept(prompt: str) -> None:
    enhanced = enhance(prompt)
    assert enhanced.startswith(prompt)
    assert mentioned_tags(enhanced) == mentioned_tags(prompt)
    assert kept_tags(prompt, enhanced)
    assert utf16_length(enhanced) <= max(PROMPT_LIMIT, utf16_length(prompt))
    assert enhance(prompt) == enhanced
    if is_blank(prompt):
        assert enhanced == prompt


@given(PROMPTS.filter(lambda prompt: not is_blank(prompt) and utf16_length(prompt) < 800))
def test_nothing_is_left_to_add_a_second_time(prompt: str) -> None:
    enhanced = enhance(prompt)
    assert parts_of(enhanced) == set(Part)
    assert enhance(enhanced) == enhanced


@given(st.integers(0, 400), st.sampled_from(["a", "é", "😀"]))
def test_where_there_is_no_room_less_is_added(limit: int, letter: str) -> None:
    prompt = letter * 20
    enhanced = enhance(prompt, limit=limit)
    assert enhanced == prompt or utf16_length(enhanced) <= limit


@pytest.mark.parametrize("prompt", ["a cat", "a" * 1000, "😀" * 500, "a" * 990, "@model " * 140])
def test_what_comes_out_is_a_prompt_that_models_take(prompt: str) -> None:
    cleaned = check_prompt(prompt)
    assert check_prompt(enhance(cleaned)) == enhance(cleaned)


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ("a cat", "a fine cat", True),
        ("@model in a coat", "a coat for @model", True),
        ("@model beside @model", "two of @model", True),
        ("@model and @cloth", "@model and a cloth", False),
        ("@model", "@Model", False),
        ("@model", "@model2", False),
        ("@model", "@model with @image1", False),
        ("@nobody", "nobody", False),
        ("mail me@home", "mail me", True),
    ],
)
def test_tags_are_kept_when_the_same_ones_are_mentioned(before: str, after: str, kept: bool) -> None:
    assert kept_tags(before, after) is kept
