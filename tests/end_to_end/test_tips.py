"""What is said beside a result about its references: tips once, margins where a service needs them."""

from __future__ import annotations

from pathlib import Path

from bot.playground.actors import Upload
from tests.corpus.files import encoded, photo
from tests.support.bench import text_of
from tests.support.studio import open_runway_studio, open_studio

SMALL = "Tip: a reference picture is small."
MARGINS = "A long or narrow reference picture got margins, to fit what the image service takes."


async def test_a_tip_comes_with_the_result_once_to_each_person(tmp_path: Path) -> None:
    picture = Upload("model.png", encoded(photo(200, 200), "PNG"), "image/png")
    async with open_studio(tmp_path) as bench:
        said: list[bool] = []
        for person in ("Mia", "Mia", "Noor"):
            answer = await bench.imagine("@model in a coat", by=person, image1=picture, ratio="1:1")
            assert SMALL not in bench.says(answer)
            said.append(SMALL in text_of(await bench.result_in_thread_of(answer)))
    assert said == [True, False, True]


async def test_margins_are_told_with_the_result(tmp_path: Path) -> None:
    picture = Upload("model.png", encoded(photo(1600, 520), "PNG"), "image/png")
    async with open_runway_studio(tmp_path) as (bench, _):
        answer = await bench.imagine("@model in a coat", image1=picture, ratio="1:1")
        assert MARGINS in text_of(await bench.result_in_thread_of(answer))
