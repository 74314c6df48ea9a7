"""What cannot be used is answered with one clear sentence, and nothing is charged."""

from __future__ import annotations

import struct
import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import InvalidRequest
from bot.domain.references import Upload as DomainUpload
from bot.domain.references import tag_uploads
from bot.playground.actors import Upload
from tests.support.bench import Bench
from tests.support.png import small_png
from tests.support.studio import closed, entries, open_studio, press, quota_left, records, refused

MODEL = Upload("model.png", small_png(64, 64))


@asynccontextmanager
async def nothing_held(bench: Bench) -> AsyncGenerator[None]:
    """Neither the ledger nor `/quota` is touched by what happens here, and no request is kept."""
    before = await entries(bench.settings), await quota_left(bench), len(await records(bench.settings))
    yield
    assert (await entries(bench.settings), await quota_left(bench), len(await records(bench.settings))) == before


def bomb() -> bytes:
    """A small file with 169 million pixels in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 13_000, 13_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 + 13_000 // 8) * 13_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


WORDS: list[tuple[str, dict[str, Any], str]] = [
    ("😀" * 500 + "a", {}, "1001 of 1000"),
    ("   ", {}, "The prompt is empty"),
    ("\u200b \u2060", {}, "The prompt is empty"),
    ("--ar 16:9", {}, "The prompt is empty"),
    ("a cat", {"seed": -1}, "from 0 to 4294967295"),
    ("a cat", {"seed": 2**32}, "from 0 to 4294967295"),
    ("a cat --seed 4294967296", {}, "from 0 to 4294967295"),
    ("a cat --seed lucky", {}, "“lucky” is not a seed"),
    ("a cat --count 9", {}, "between 1 and 4"),
    ("a cat --count 0", {}, "between 1 and 4"),
    ("a cat --count two", {}, "“two” is not a number of pictures"),
    ("a cat --ar 5:4", {}, "I do not know the ratio “5:4”"),
    ("a cat --res 4k", {}, "I do not know the resolution “4k”"),
    ("a cat --size big", {}, "I cannot read “big” as a size"),
    ("a cat", {"size": "640:480"}, "640:480 is not a size that Gen-4 Image makes. The nearest one is"),
    ("a cat", {"size": "huge"}, "I cannot read “huge” as a size"),
    ("a cat", {"size": "1808:768", "ratio": "1:1"}, "Choose either a ratio or an exact size"),
    ("a cat --turbo", {}, "The turbo model needs at least one reference picture"),
    ("a cat", {"model": "gen4_image_turbo"}, "The turbo model needs at least one reference picture"),
]


@pytest.mark.parametrize(("prompt", "options", "words"), WORDS)
async def test_words_and_options_that_cannot_be_used_are_refused_at_once(
    bench: Bench, prompt: str, options: dict[str, Any], words: str
) -> None:
    async with nothing_held(bench):
        answer = await bench.imagine(prompt, **options)
        await refused(bench, answer, words)
    assert answer.latency_ms is not None
    assert answer.latency_ms < 1500


async def test_an_emoji_prompt_of_exactly_the_limit_is_taken(bench: Bench) -> None:
    answer = await bench.imagine("😀" * 500, ratio="1:1")
    await bench.result_in_thread_of(answer)


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (Upload("nothing.png", b""), "“nothing.png” is empty"),
        (Upload("huge.png", bytes(16 * 2**20 + 1)), "“huge.png” is too large: a reference may have up to 16 MiB"),
        (Upload("notes.txt", b"hello", "text/plain"), "“notes.txt” is not a picture I can read"),
        (Upload("film.mp4", b"\0\0\0\x18ftypmp42", "video/mp4"), "“film.mp4” is not a picture I can read"),
    ],
)
async def test_a_file_whose_size_or_type_tells_is_refused_at_once(bench: Bench, upload: Upload, words: str) -> None:
    bench.discord.world.guild.attachment_size_limit = 25 * 2**20
    async with nothing_held(bench):
        await refused(bench, await bench.imagine("@image1", image1=upload), words)


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (Upload("notes.png", b"just words", "image/png"), "“notes.png” is not a picture. Send a PNG"),
        (Upload("bomb.png", bomb(), "image/png"), "“bomb.png” is too large: 13000×13000 pixels"),
        (Upload("half.png", small_png(64, 64)[:60], "image/png"), "“half.png” is damaged"),
        (Upload("tiny.png", small_png(4, 4), "image/png"), "“tiny.png” is too small: 4×4 pixels"),
        (Upload("thin.png", small_png(900, 20), "image/png"), "“thin.png” is too narrow: 900×20 pixels"),
        (Upload("moving.png", b"GIF89a" + bytes(40), "image/png"), "“moving.png” is a GIF"),
    ],
)
async def test_a_file_that_turns_out_bad_turns_the_card_into_the_sentence(
    bench: Bench, upload: Upload, words: str
) -> None:
    answer = await bench.imagine("@image1", image1=upload, ratio="1:1")
    assert bench.says(answer).startswith("**Queued**")
    says = await closed(bench, answer, seconds=15)
    assert says.startswith("**No picture** · ")
    assert words in says
    assert "Your quota was returned; nothing was charged." in says
    assert await quota_left(bench) == (10, 10)
    assert bench.discord.world.threads() == []


async def test_a_bad_file_among_several_pictures_ends_them_all_with_one_sentence(bench: Bench) -> None:
    answer = await bench.imagine("@image1", image1=Upload("notes.png", b"words", "image/png"), count=4)
    says = await closed(bench, answer, seconds=15)
    assert says.count("“notes.png”") == 1
    assert await quota_left(bench) == (10, 10)


def test_a_fourth_reference_is_refused() -> None:
    files = [DomainUpload(filename=f"{number}.png", url="", size=10) for number in range(4)]
    with pytest.raises(InvalidRequest) as refusal:
        tag_uploads("a cat", files)
    assert (refusal.value.key, refusal.value.values["count"]) == ("refused.references_many", 4)


async def test_who_used_up_the_quota_is_told_when_it_starts_anew(tmp_path: Path) -> None:
    async with open_studio(tmp_path, quota={"default": {"amount": 2}}) as bench:
        answer = await bench.imagine("a cat", ratio="1:1")
        await refused(
            bench, await bench.imagine("a cat", count=2), "this takes 2 images, and you have 1 of 2 left today"
        )
        await closed(bench, answer)
        await closed(bench, await bench.imagine("a cat", ratio="1:1"))
        says = await refused(bench, await bench.imagine("a cat"), "this takes 1 image, and you have 0 of 2 left today")
        assert "It starts anew <t:" in says
        assert await quota_left(bench) == (0, 2)
        (result, _) = bench.results()
        await refused(bench, await press(bench, result, "Reroll"), "you have 0 of 2 left today")


async def test_who_has_too_many_in_the_line_is_told_to_wait(tmp_path: Path) -> None:
    sketch = {"seconds": 600.0, "poll_interval": 0.05}
    quota = {"default": {"at_once": 1, "queue": 1}}
    async with open_studio(tmp_path, quota=quota, providers={"sketch": sketch}) as bench:
        for _ in range(2):
            await bench.imagine("a cat", ratio="1:1")
        async with nothing_held(bench):
            await refused(bench, await bench.imagine("a cat"), "You already have 2 pictures in the line, and 2 is the")
        assert await quota_left(bench) == (8, 10)


async def test_who_comes_back_too_soon_is_told_when_to_come(tmp_path: Path) -> None:
    async with open_studio(tmp_path, quota={"default": {"cooldown": 600}}) as bench:
        answer = await bench.imagine("a cat", ratio="1:1")
        async with nothing_held(bench):
            await refused(bench, await bench.imagine("a dog"), "you can ask for the next picture <t:")
        await bench.result_in_thread_of(answer)
