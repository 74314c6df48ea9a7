"""Tags: which uploaded picture an `@word` of the prompt means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidRequest, UnusableImage
from bot.domain.references import (
    MAX_UPLOAD_BYTES,
    TAG,
    Reference,
    Upload,
    check_upload,
    mentioned_tags,
    stem_tag,
    tag_uploads,
    unknown_tags,
)

WORDS = st.text(st.sampled_from("@abiImMge_1230 <>é.`\n"), max_size=60)
NAMES = st.one_of(
    st.sampled_from(["image1.png", "image2.png", "image3.png", "IMAGE1.PNG", "model.png", "Model.jpg", "a b.webp"]),
    st.text(max_size=20),
)


def upload(filename: str, **changes: object) -> Upload:
    values = {"filename": filename, "url": f"https://cdn.example/{filename}", "size": 1000, **changes}
    return Upload(**values)  # pyright: ignore[reportArgumentType] - a test's own values


def tags(prompt: str, *filenames: str | None) -> list[str]:
    uploads = [None if name is None else upload(name) for name in filenames]
    return [reference.tag for reference in tag_uploads(prompt, uploads).references]


@pytest.mark.parametrize(
    ("prompt", "mentioned"),
    [
        ("@model wearing @cloth in a garden", ("model", "cloth")),
        ("@model, @model and (@model)!", ("model",)),
        ("@cat @CAT", ("cat", "CAT")),
        ("夕日の@model", ("model",)),
        ("@abcdefghijklmnop", ("abcdefghijklmnop",)),
        ("<@123456789012345678> and <@&42> and <@!42>", ()),
        ("@ab @1cat @_cat @abcdefghijklmnopq", ()),
        ("someone@example.com", ()),
        ("@@model", ()),
        ("@a-b", ()),
        ("@cat-like", ("cat",)),
    ],
)
def test_words_that_could_be_tags_are_found_in_order(prompt: str, mentioned: tuple[str, ...]) -> None:
    assert mentioned_tags(prompt) == mentioned


@pytest.mark.parametrize(
    ("filename", "tag"),
    [
        ("model.png", "model"),
        ("Model_2.JPEG", "Model_2"),
        ("ab.png", None),
        ("1cat.png", None),
        ("a-b.png", None),
        ("my cat.png", None),
        ("abcdefghijklmnopq.png", None),
        ("katze.final.png", None),
        ("naïve.png", None),
        ("", None),
    ],
)
def test_a_file_name_suggests_a_tag_when_its_stem_is_legal(filename: str, tag: str | None) -> None:
    assert stem_tag(filename) == tag


@pytest.mark.parametrize(
    ("prompt", "filenames", "expected"),
    [
        ("@model in a garden", ["model.png"], ["model"]),
        ("a garden", ["model.png"], ["image1"]),
        ("@MODEL in a garden", ["model.png"], ["MODEL"]),
        ("@model wearing @cloth", ["cloth.webp", "model.png", "other.jpg"], ["cloth", "model", "image3"]),
        ("@image2 in blue", [None, "whatever.png"], ["image2"]),
        ("@cat and @cat", ["cat.png", "cat.jpg"], ["cat", "image2"]),
        ("@image2 as a painting", ["image2.png", "foo.png"], ["image2", "image1"]),
        ("@image1 as a painting", ["foo.png", "image1.png"], ["image1", "image2"]),
    ],
)
def test_uploads_are_tagged(prompt: str, filenames: list[str | None], expected: list[str]) -> None:
    assert tags(prompt, *filenames) == expected


def test_words_that_name_no_picture_are_told() -> None:
    tagging = tag_uploads("@model with @hat and @everyone", [upload("model.png")])
    assert tagging.unknown == ("hat", "everyone")
    assert unknown_tags("no tags", tagging.references) == ()


def test_a_fourth_picture_is_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        tag_uploads("a cat", [upload(f"{n}.png") for n in range(4)])
    assert caught.value.key == "refused.references_many"
    assert caught.value.values == {"count": 4, "limit": 3}


@given(WORDS, st.lists(st.one_of(st.none(), NAMES.map(upload)), max_size=3))
def test_tags_are_legal_and_tell_all_pictures_apart(prompt: str, uploads: list[Upload | None]) -> None:
    tagging = tag_uploads(prompt, uploads)
    given_tags = [reference.tag for reference in tagging.references]
    assert len(given_tags) == sum(each is not None for each in uploads)
    assert all(TAG.fullmatch(tag) for tag in given_tags)
    assert len({tag.casefold() for tag in given_tags}) == len(given_tags)
    assert {*tagging.unknown}.isdisjoint(given_tags)
    assert all(f"@{word}" in prompt for word in tagging.unknown)


def test_words_that_could_be_no_tag_are_named_too() -> None:
    unknown = tag_uploads("@ab and @1cat, @a_word_too_long_for_tags, me@example <@123> @model", []).unknown
    assert unknown == ("ab", "1cat", "a_word_too_long_for_tags", "model")


@given(st.text())
def test_no_text_breaks_the_search_for_tags(text: str) -> None:
    assert all(TAG.fullmatch(tag) and f"@{tag}" in text for tag in mentioned_tags(text))


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "image/webp", "IMAGE/PNG; charset=x", None, ""])
def test_a_picture_of_a_usable_kind_passes(kind: str | None) -> None:
    check_upload(upload("cat.png", media_type=kind))
    assert stem_tag("cat.png") == "cat"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"size": 0}, "image.empty"),
        ({"size": MAX_UPLOAD_BYTES + 1}, "image.too_large_bytes"),
        ({"media_type": "image/heic"}, "image.unreadable"),
        ({"media_type": "image/gif"}, "image.unreadable"),
        ({"media_type": "image/svg+xml"}, "image.unreadable"),
        ({"media_type": "text/html; charset=utf-8"}, "image.unreadable"),
    ],
)
def test_what_size_and_type_already_tell_is_refused_at_once(changes: dict[str, object], key: str) -> None:
    with pytest.raises(UnusableImage) as caught:
        check_upload(upload("cat.png", **changes))
    assert caught.value.key == key
    assert caught.value.values["filename"] == "cat.png"


def test_the_largest_file_passes() -> None:
    check_upload(upload("cat.png", size=MAX_UPLOAD_BYTES))
    assert MAX_UPLOAD_BYTES == 16 * 2**20


def test_a_fetched_reference_keeps_its_tag_name_and_link() -> None:
    reference = Reference(tag="model", filename="model.png", source="https://cdn.example/model.png")
    assert not reference.ready
    fetched = reference.fetched(sha256="ab" * 32, media_type="image/png", width=8, height=9)
    assert fetched.ready
    assert (fetched.tag, fetched.filename, fetched.source) == ("model", "model.png", reference.source)
    assert (fetched.sha256, fetched.media_type, fetched.width, fetched.height) == ("ab" * 32, "image/png", 8, 9)
