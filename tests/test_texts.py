"""Every sentence that the code names is in the catalogue, and is filled in with what the code gives it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bot.domain.errors import UnusableImage
from bot.domain.references import MAX_UPLOAD_BYTES
from bot.imaging import clean
from bot.texts import load_texts
from tests.support.png import small_png

SOURCES = Path(__file__).parent.parent / "bot"
KEY = re.compile(r"(?:image|provider|refused|job|config|storage|delivery|error|charge|card|button)\.[a-z0-9_]+")
NO_KEYS = {"config.toml"}


def named_in_code() -> set[str]:
    nodes = [node for path in SOURCES.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    texts = (node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in parts)
    return {text for text in texts if isinstance(text, str) and KEY.fullmatch(text)} - NO_KEYS


def test_every_sentence_named_in_the_code_is_in_the_catalogue() -> None:
    named = named_in_code()
    assert len(named) > 60
    assert sorted(key for key in named if not load_texts().has(key)) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"just words", "is not a picture"),
        (b"GIF89a" + bytes(20), "is a GIF"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\0\0\0\x18ftypheic", "is a HEIC"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG"),
        (small_png(8, 8), "too small: 8×8"),
        (small_png(1000, 20), "too narrow: 1000×20"),
        (small_png(9000, 20), "9000×20 pixels"),
        (small_png(64, 64)[:50], "damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_name_and_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(UnusableImage) as refused:
        clean(content, filename="mascot.png")
    sentence = load_texts().say(refused.value.key, **refused.value.values)
    assert "“mascot.png”" in sentence
    assert words in sentence


def test_the_sentence_on_large_files_names_the_limit_in_force() -> None:
    sentence = load_texts().say("image.too_large_bytes", filename="a.png", limit=MAX_UPLOAD_BYTES)
    assert f"{MAX_UPLOAD_BYTES // 2**20} MiB" in sentence
