"""Names of saved references, and which of them a prompt brings in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidRequest
from bot.domain.library import (
    RESERVED,
    Library,
    SavedPicture,
    SavedReference,
    Scope,
    bring_in,
    check_name,
    fold,
    suggest_name,
    unnamed,
)
from bot.domain.references import TAG, Reference
from bot.domain.request import ImageRequest

PICTURE = SavedPicture(sha256="ab" * 32, preview="cd" * 32, media_type="image/jpeg", width=8, height=9)
TAGS = st.from_regex(TAG, fullmatch=True)
WORDS = st.one_of(
    TAGS, st.sampled_from(["image1", "IMAGE3", "here", "mascot", "Mascot"]), st.text(st.characters(), max_size=20)
)


def saved(name: str, scope: Scope = Scope.ME) -> SavedReference:
    library = Library(scope=scope, id=1)
    return SavedReference(id=1, library=library, name=name, picture=PICTURE, saved_by=1, saved_at=0.0)


def request(prompt: str, *tags: str) -> ImageRequest:
    return ImageRequest(prompt=prompt, seed=1, references=tuple(Reference(tag=tag) for tag in tags))


@given(WORDS)
def test_a_name_is_a_tag_that_means_nothing_else_or_is_refused(typed: str) -> None:
    plain = typed.strip().removeprefix("@")
    if TAG.fullmatch(plain) and fold(plain) not in RESERVED:
        assert check_name(typed) == plain
        return
    with pytest.raises(InvalidRequest) as caught:
        check_name(typed)
    assert caught.value.key == f"refused.reference_{'reserved' if fold(plain) in RESERVED else 'name'}"


@pytest.mark.parametrize(("typed", "name"), [("mascot", "mascot"), (" @Mascot_2 ", "Mascot_2"), ("abc", "abc")])
def test_a_name_is_kept_as_it_was_typed(typed: str, name: str) -> None:
    assert check_name(typed) == name


@pytest.mark.parametrize("typed", ["", "ab", "1cat", "a-b", "my cat", "naïve", "abcdefghijklmnopq", "@@cat", "cat\n1"])
def test_what_is_no_tag_is_no_name(typed: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check_name(typed)
    assert caught.value.key == "refused.reference_name"


@given(st.text(st.sampled_from("a lighthouse@TheWith_1é.\n"), max_size=60), st.sets(TAGS.map(fold), max_size=5))
def test_a_suggested_name_can_be_saved(prompt: str, taken: set[str]) -> None:
    name = suggest_name(prompt, taken)
    assert check_name(name) == name
    assert name not in taken


@pytest.mark.parametrize(
    ("prompt", "taken", "name"),
    [
        ("A lighthouse at dusk", set[str](), "lighthouse"),
        ("a lighthouse at dusk", {"lighthouse"}, "dusk"),
        ("a lighthouse", {"lighthouse", "lighthouse2"}, "lighthouse3"),
        ("an abcdefghijklmnop", {"abcdefghijklmnop"}, "abcdefghijklmno2"),
        ("@image1 in the style of @image2", set[str](), "picture"),
        ("猫", {"picture"}, "picture2"),
        ("extraordinarilylongword fox", set[str](), "fox"),
    ],
)
def test_a_suggested_name_says_what_the_picture_shows(prompt: str, taken: set[str], name: str) -> None:
    assert suggest_name(prompt, taken) == name


def test_a_prompt_brings_in_the_references_it_names_spelled_as_there() -> None:
    made = bring_in(request("@MASCOT on a @hill, @nobody"), [saved("mascot"), saved("Hill")])
    assert [(each.tag, each.filename, each.sha256) for each in made.references] == [
        ("MASCOT", "@mascot", PICTURE.sha256),
        ("hill", "@Hill", PICTURE.sha256),
    ]
    assert made.references[0].ready
    assert bring_in(made, [saved("mascot"), saved("Hill")]) == made


def test_ones_own_comes_before_the_servers_whatever_the_order() -> None:
    own, servers = saved("mascot"), saved("mascot", Scope.SERVER)
    servers = replace(servers, picture=replace(PICTURE, sha256="ef" * 32))
    for found in ([own, servers], [servers, own]):
        assert bring_in(request("@mascot"), found).references[0].sha256 == PICTURE.sha256
    assert bring_in(request("@mascot"), [servers]).references[0].sha256 == "ef" * 32


def test_the_tags_of_attached_pictures_come_before_saved_names() -> None:
    assert unnamed(request("@mascot and @HILL", "mascot")) == ("hill",)
    made = bring_in(request("@mascot and @hill", "mascot"), [saved("mascot"), saved("hill")])
    assert [(each.tag, each.ready) for each in made.references] == [("mascot", False), ("hill", True)]


@pytest.mark.parametrize(("tags", "count"), [((), 4), (("image1", "image2"), 6)])
def test_more_than_three_references_in_all_are_refused(tags: tuple[str, ...], count: int) -> None:
    names = ["cat", "dog", "fox", "owl"]
    with pytest.raises(InvalidRequest) as caught:
        bring_in(request("@cat @dog @fox @owl", *tags), [saved(name) for name in names])
    assert (caught.value.key, caught.value.values) == ("refused.references_many", {"count": count, "limit": 3})


def test_three_in_all_are_not_too_many() -> None:
    made = bring_in(request("@cat @dog @owl", "image1"), [saved("cat"), saved("dog")])
    assert [each.tag for each in made.references] == ["image1", "cat", "dog"]
