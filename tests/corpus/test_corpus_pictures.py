"""Every hostile or odd file becomes a clean picture or one sentence, in the process that is there for it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator

import pytest

from bot.domain.errors import UnusableImage
from bot.imaging import probe
from bot.imaging.decoder import Decoder
from bot.texts import load_texts
from tests.corpus.files import FILES, PICTURE, TRACES, Odd

SAY = load_texts().say


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    decoder = Decoder()
    yield decoder
    asyncio.run(decoder.aclose())


@pytest.mark.parametrize("odd", FILES, ids=lambda odd: odd.name)
async def test_a_file_becomes_a_picture_or_a_sentence(decoder: Decoder, odd: Odd) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(odd.content)
        file.flush()
        try:
            picture = await decoder.clean(file, filename=odd.name)
        except UnusableImage as error:
            sentence = SAY(error.key, **error.values)
            assert sentence.startswith(f"“{odd.name}” ")
            assert odd.words is not None, sentence
            assert odd.words in sentence
            return
    assert odd.words is PICTURE
    whole = probe(picture.content)
    assert (whole.width, whole.height) == (picture.width, picture.height)
    assert not [trace for trace in TRACES if trace in picture.content]
    assert odd.note in " ".join(SAY(note) for note in picture.notes)
    assert picture.content[:4] in {b"\x89PNG", b"\xff\xd8\xff\xe0"}
