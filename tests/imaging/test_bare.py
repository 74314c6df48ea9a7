"""Files that hold nothing but a picture are told from those that carry more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.imaging.bare import is_bare
from bot.imaging.headers import format_of
from bot.imaging.values import Format
from tests.corpus.files import encoded, laden, photo

PLAIN: list[tuple[str, dict[str, Any]]] = [
    ("PNG", {}),
    ("PNG", {"optimize": True}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True, "quality": 95}),
    ("JPEG", {"dpi": (72, 72)}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
]
KINDS = ["PNG", "JPEG", "WEBP"]


def bare(content: bytes) -> bool:
    """Whether a whole file is bare."""
    kind = format_of(content)
    assert kind is not None
    return is_bare(content, kind)


@pytest.mark.parametrize(("kind", "options"), PLAIN)
def test_a_picture_without_metadata_is_bare(kind: str, options: dict[str, Any]) -> None:
    assert bare(encoded(photo(), kind, **options))


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_with_metadata_is_not(kind: str) -> None:
    assert not bare(laden(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_one_single_kind_of_metadata_is_enough(kind: str) -> None:
    for options in ({"icc_profile": b"p" * 128}, {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"}):
        assert not bare(encoded(photo(), kind, **options))
    assert not bare(encoded(photo(), "JPEG", comment=b"home"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("more", [b"\0", b"PK\x03\x04 and more", b"\xff\xd9"])
def test_anything_after_the_end_is_more_than_a_picture(kind: str, more: bytes) -> None:
    assert not bare(encoded(photo(), kind) + more)


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_file_is_not_bare(kind: str) -> None:
    content = encoded(photo(), kind)
    assert not any(bare(content[:length]) for length in range(20, len(content) - 1, 997))


@given(st.binary(max_size=400), st.sampled_from(list(Format)))
def test_no_bytes_break_it(content: bytes, kind: Format) -> None:
    assert is_bare(content, kind) in {True, False}
