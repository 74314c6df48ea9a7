"""References named by their place, for services without tags."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text import PROMPT_LIMIT, utf16_length
from bot.providers.tags import named_by_place, tag_or_place, was_named


def test_each_tag_becomes_the_place_of_its_reference() -> None:
    named = named_by_place("@model wearing @cloth, @model smiling", ["cloth", "model"])
    assert named == (
        "the second reference image (model) wearing the first reference image (cloth), "
        "the second reference image (model) smiling"
    )


def test_what_is_no_tag_of_a_reference_stays() -> None:
    prompt = "@other, a@model.com, @modelling, <@model> and @@model"
    assert named_by_place(prompt, ["model"]) == prompt


def test_a_long_prompt_names_a_place_once_and_then_the_tag_alone() -> None:
    named = named_by_place("@model " * 30 + "x" * 700, ["model"])
    assert named.startswith("the first reference image (model) model model ")
    assert utf16_length(named) <= PROMPT_LIMIT


def test_a_prompt_with_little_room_gets_fewer_words() -> None:
    assert named_by_place("@cat " + "x" * 980, ["cat"]).startswith("cat (first image) ")
    assert named_by_place("@cat " + "x" * 995, ["cat"]).startswith("cat xx")


@given(st.text(max_size=950), st.lists(st.sampled_from(["@abc", "@dog_1", "😀"]), max_size=12))
def test_a_prompt_within_the_limit_stays_within_it(text: str, words: list[str]) -> None:
    prompt = " ".join([*words, text])
    while utf16_length(prompt) > PROMPT_LIMIT:
        prompt = prompt[:-1]
    named = named_by_place(prompt, ["abc", "dog_1"])
    assert utf16_length(named) <= PROMPT_LIMIT


def test_a_reference_without_a_tag_is_named_by_its_place() -> None:
    assert [tag_or_place(tag, position) for position, tag in enumerate(["model", ""], 1)] == ["model", "ref_2"]


@given(
    st.lists(
        st.sampled_from(["@model", "@cloth", "model", "x (y)", "@a.b", "🙂", "the first", "@other,"]), max_size=60
    ),
    st.permutations(["model", "cloth", "image3"]),
)
def test_a_named_prompt_is_recognised_without_its_tags(words: list[str], tags: list[str]) -> None:
    prompt = " ".join(words)
    assert was_named(named_by_place(prompt, tags), prompt)


def test_another_prompt_is_not_recognised() -> None:
    assert not was_named("a cat", "a dog")
    assert not was_named("the first reference image (cloth)", "@model")
    assert not was_named("a cat and more", "a cat")
    assert not was_named("a.cat", "aXcat")
