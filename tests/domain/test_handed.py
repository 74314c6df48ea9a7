"""Words and pictures that come by message or form: mentions taken out, files once, tags as they were typed."""

from __future__ import annotations

import pytest

from bot.domain.errors import InvalidRequest
from bot.domain.handed import NOTE_FIRST_THREE, chosen, each_once, first_three, with_tags, without_mention
from bot.domain.references import Reference, Upload

BOT = 123456789012345678
UPLOADS = [Upload(filename=f"p{n}.png", url=f"https://cdn.example/{n}/p.png?ex={n}", size=1) for n in range(5)]
PAIR = (Reference(tag="image1"), Reference(tag="image2"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"<@{BOT}> a cat", "a cat"),
        (f"<@!{BOT}>: a cat", "a cat"),
        (f"<@{BOT}>, <@{BOT}> a cat", "a cat"),
        (f"a cat <@{BOT}> in a hat", "a cat in a hat"),
        (f"a cat\n<@{BOT}>", "a cat"),
        (f"a hat for <@987654321098765432> <@{BOT}>", "a hat for <@987654321098765432>"),
        (f"<@{BOT}>", ""),
        ("a cat", "a cat"),
    ],
)
def test_only_the_mention_of_the_bot_is_taken_out(text: str, words: str) -> None:
    assert without_mention(text, BOT) == words


def test_a_file_whose_link_was_signed_anew_counts_once() -> None:
    again = Upload(filename="p0.png", url="https://cdn.example/0/p.png?ex=99", size=1)
    assert each_once([UPLOADS[0], again, UPLOADS[1]]) == (UPLOADS[0], UPLOADS[1])


def test_the_first_three_are_used_and_it_is_noted() -> None:
    assert first_three(UPLOADS[:3]) == (tuple(UPLOADS[:3]), ())
    assert first_three(UPLOADS) == (tuple(UPLOADS[:3]), (NOTE_FIRST_THREE,))


def test_chosen_pictures_keep_their_order() -> None:
    assert chosen(UPLOADS, ["4", "1"]) == (UPLOADS[1], UPLOADS[4])


@pytest.mark.parametrize("places", [["5"], ["-1"], ["x"], ["1", "1"], ["0", "1", "2", "3"]])
def test_places_that_cannot_be_are_refused(places: list[str]) -> None:
    with pytest.raises(InvalidRequest):
        chosen(UPLOADS, places)


def test_typed_tags_name_the_pictures_in_order() -> None:
    assert [each.tag for each in with_tags(PAIR, "@cat, hat")] == ["cat", "hat"]
    assert [each.tag for each in with_tags(PAIR, "cat")] == ["cat", "image2"]
    assert with_tags(PAIR, " ") == PAIR


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("a", "refused.tag"),
        ("cat Cat", "refused.tag_twice"),
        ("image2", "refused.tag_twice"),
        ("a b c", "refused.tags_many"),
    ],
)
def test_tags_that_cannot_be_used_are_refused(typed: str, key: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        with_tags(PAIR, typed)
    assert caught.value.key == key
