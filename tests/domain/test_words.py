"""The word filter: what it sees through, and what it must leave alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidRequest
from bot.domain.words import MAX_LENGTH, MAX_RULES, added, check_word, fold, word_filter

DISGUISES = {
    "as it is": "zombie",
    "upper case": "ZOMBIE",
    "mixed case": "zOmBiE",
    "full width": "ｚｏｍｂｉｅ",
    "circled": "ⓩⓞⓜⓑⓘⓔ",
    "mathematical": "𝐳𝐨𝐦𝐛𝐢𝐞",
    "script": "𝔷𝔬𝔪𝔟𝔦𝔢",
    "accents": "zómbïé",
    "stacked marks": "z\u0336o\u0336m\u0336b\u0336i\u0336e\u0336",
    "zalgo": "z\u0310\u0352o\u0359\u0301m\u030bb\u0361i\u0489e\u0488",
    "zero width": "zo\u200bm\u200cb\u200di\ufeffe",
    "soft hyphen": "zom\u00adbie",
    "hangul filler": "zom\u3164bie",
    "variation selector": "zom\ufe0fbie",
    "Cyrillic letters": "zоmbіе",
    "Greek letters": "zοmbιe",
    "digits": "z0mb13",
    "signs": "zomb!e",
    "dots": "z.o.m.b.i.e",
    "hyphens": "zom-bie",
    "underscores": "z_o_m_b_i_e",
    "spaces": "z o m b i e",
    "stretched": "zoooombieeee",
    "star for a letter": "z*mbie",
    "plural": "zombies",
    "two disguises": "Z-Ó-M-В-I-Е",
    "in quotes": "a “zombie”, please",
    "right to left override": "\u202ezombie\u202c",
}

INNOCENT = (
    "Scunthorpe United in the rain",
    "a class of assassins passing the glass embassy",
    "cocktails and a peacock by the Hitchcock poster",
    "a therapist and an essex sussex middlesex map",
    "grapes draped over a scrapbook",
    "the pen is on the table, the pens too",
    "Penistone railway station",
    "an analyst with an analogue canal boat",
    "a shuttlecock and a cockatoo",
    "4 5 5 pictures, 455 tall, 80085 wide",
    "as seen as usual, as a sketch",
    "S c u n t h o r p e",
    "Lightwater, Clitheroe and Cockermouth",
    "a dickensian street, Moby-Dickens fans",
)

RUDE = ("ass", "cunt", "cock", "rape", "rapist", "penis", "anal", "sex", "tit", "hit", "dick", "boobs", "clit")


@pytest.mark.parametrize("text", DISGUISES.values(), ids=DISGUISES.keys())
def test_a_word_is_found_however_it_is_dressed_up(text: str) -> None:
    hit = word_filter(("zombie",)).find([f"a portrait of {text} at dusk"])
    assert hit is not None
    assert hit.rule == "zombie"


@pytest.mark.parametrize("text", INNOCENT)
def test_a_word_inside_another_word_is_left_alone(text: str) -> None:
    assert word_filter(RUDE).find([text]) is None


@pytest.mark.parametrize("text", ["a$$", "@ss", "a.s.s", "asses", "a s s", "what an ass!", "ass-hat", "assss"])
def test_a_short_word_is_found_where_it_stands_by_itself(text: str) -> None:
    hit = word_filter(("ass",)).find([text])
    assert hit is not None
    assert hit.rule == "ass"


@pytest.mark.parametrize(
    ("rule", "text", "found"),
    [
        ("zomb*", "zombification", True),
        ("zomb*", "a ziggurat", False),
        ("*core", "gorecore", True),
        ("*core", "a corekit", False),
        ("hot dog", "a hot-dog stand", True),
        ("hot dog", "a hot   dog", True),
        ("hot dog", "a hotel for dogs", False),
        ("僵尸", "一个僵尸在雨中", True),
        ("зомби", "большой ЗОМБИ", True),
        ("зомби", "зомбировать", False),
    ],
)
def test_rules_may_be_open_at_an_end_have_several_words_or_other_letters(rule: str, text: str, found: bool) -> None:
    assert (word_filter((rule,)).find([text]) is not None) is found


def test_every_text_is_looked_at_and_the_rule_is_named() -> None:
    hit = word_filter(("blood", "gore")).find(["a quiet lake", "with g0re"])
    assert hit is not None
    assert (hit.rule, hit.passage) == ("gore", "g0re")


@pytest.mark.parametrize("text", ["", " ", "x", "***", "\u200b\u200b", "a" * (MAX_LENGTH + 1)])
def test_what_could_never_be_found_is_no_rule(text: str) -> None:
    with pytest.raises(InvalidRequest):
        check_word(text)


def test_a_full_list_takes_no_more_but_knows_what_it_has() -> None:
    words = tuple(sorted(f"word{number}" for number in range(MAX_RULES)))
    assert added(words, "word7") == words
    with pytest.raises(InvalidRequest):
        added(words, "another")


@given(st.text(max_size=300))
def test_any_text_can_be_folded_and_an_own_reading_is_among_the_readings(text: str) -> None:
    readings = fold(text)
    assert all(reading in fold(reading) for reading in readings)


@given(st.text(max_size=1000), st.text(min_size=1, max_size=60))
def test_any_text_can_be_held_against_any_rule(text: str, rule: str) -> None:
    try:
        word = check_word(rule)
    except InvalidRequest:
        return
    found = word_filter((word,)).find([text])
    assert found is None or found.rule == word


def test_a_long_prompt_against_a_full_list_is_no_way_to_stop_the_bot() -> None:
    words = tuple(f"{letter * 8}q{number}" for letter in "aeiost" for number in range(MAX_RULES // 6))
    hostile = [("a-" * 500), ("!" * 1000), ("s5$" * 333), ("i1|" * 333), (" ".join("a" * 500))]
    assert [word_filter(words).find([text]) for text in hostile] == [None] * len(hostile)
