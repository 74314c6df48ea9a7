"""`python -m bot` in processes of its own: pictures, the database's upkeep, and how the program ends."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from tests.support.png import small_png

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
SETTINGS = """
[playground]
port = 0
open_browser = false
[http]
port = 0
[providers.sketch]
seconds = 0.3
poll_interval = 0.05
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a call said, and its exit status."""

    status: int
    out: str
    err: str


@asynccontextmanager
async def started(
    folder: Path, *arguments: str, settings: str = SETTINGS
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """The program in a folder of its own."""
    (folder / "config.toml").write_text(settings)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def call(folder: Path, *arguments: str, settings: str = SETTINGS) -> Ended:
    """Run the program to its end."""
    async with started(folder, *arguments, settings=settings) as process, asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())


async def read_until(stream: asyncio.StreamReader | None, words: str) -> str:
    """Lines up to the one with these words."""
    assert stream is not None
    lines: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while words not in "".join(lines[-1:]):
            line = (await stream.readline()).decode()
            assert line, "".join(lines)
            lines.append(line)
    return "".join(lines)


def size_of(file: Path) -> tuple[int, int]:
    """Width and height of a picture file."""
    with Image.open(io.BytesIO(file.read_bytes())) as image:
        image.load()
        return image.size


async def test_imagine_writes_the_picture_and_says_where_it_is_and_what_it_cost(tmp_path: Path) -> None:
    ended = await call(tmp_path, "imagine", "a lighthouse at dusk", "--ratio", "21:9", "--seed", "7", "--out", "a.png")
    assert (ended.status, ended.err) == (0, "")
    assert size_of(tmp_path / "a.png") == (1680, 720)
    lines = ended.out.splitlines()
    assert lines[0] == "no provider key is set: the built-in sketch painter draws this picture"
    assert lines[-1] == "a.png  1680×720  seed 7  $0.00  sketch"
    assert any(re.fullmatch(r"\d+ %", line) for line in lines)


async def test_imagine_takes_references_and_makes_several_pictures(tmp_path: Path) -> None:
    (tmp_path / "model.png").write_bytes(small_png(64, 64))
    ended = await call(
        tmp_path,
        *("imagine", "@model in a red coat --turbo", "--reference", "model.png"),
        *("--count", "2", "--ratio", "1:1", "--seed", "7", "--out", "cat.png"),
    )
    assert (ended.status, ended.err) == (0, "")
    assert [size_of(tmp_path / name) for name in ("cat-1.png", "cat-2.png")] == [(720, 720), (720, 720)]
    assert (tmp_path / "cat-1.png").read_bytes() != (tmp_path / "cat-2.png").read_bytes()
    assert ended.out.splitlines()[-2:] == [
        "cat-1.png  720×720  seed 7  $0.00  sketch",
        "cat-2.png  720×720  seed 8  $0.00  sketch",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a cat", "--reference", *["model.png"] * 4], "4 reference pictures are too many: at most 3"),
        (["a cat", "--ratio", "5:4"], "5:4"),
        (["a cat", "--seed", "-1"], "-1 is not a whole number from 0 to 4294967295"),
        (["a cat", "--count", "9"], "9 is not a whole number from 1 to 4"),
        (["a cat", "--reference", "nowhere.png"], "there is no file nowhere.png"),
        (["@notes", "--reference", "notes.png"], "“notes.png” is not a picture"),
        ([" "], "The prompt is empty"),
        (["a cat", "--model", "gen4_image_turbo"], "needs at least one reference picture"),
        (["a cat", "--provider", "nobody"], "invalid choice: 'nobody'"),
    ],
)
async def test_what_imagine_cannot_use_is_said_in_a_sentence_with_status_2(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "model.png").write_bytes(small_png(64, 64))
    (tmp_path / "notes.png").write_bytes(b"just words")
    ended = await call(tmp_path, "imagine", *arguments)
    assert ended.status == 2
    assert words in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "picture.png").exists()


async def test_a_saved_reference_is_named_in_prompts_until_it_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(small_png(64, 64))
    (tmp_path / "Mascot.png").write_bytes(small_png(64, 64))
    saved = await call(tmp_path, "reference", "save", "Mascot", "photo.png")
    assert (saved.status, saved.out, saved.err) == (0, "Saved as @Mascot.\n", "")
    assert (await call(tmp_path, "reference", "list")).out == "@Mascot  64×64\n"
    common = ("--ratio", "1:1", "--seed", "7")
    assert (await call(tmp_path, "imagine", "@mascot waves --turbo", *common, "--out", "name.png")).status == 0
    by_path = ("--reference", "Mascot.png", "--out", "path.png")
    assert (await call(tmp_path, "imagine", "@mascot waves --turbo", *common, *by_path)).status == 0
    assert (tmp_path / "name.png").read_bytes() == (tmp_path / "path.png").read_bytes()
    assert (await call(tmp_path, "reference", "rename", "mascot", "fox")).out == "Saved as @fox.\n"
    assert (await call(tmp_path, "reference", "show", "fox", "--out", "fox.png")).status == 0
    assert size_of(tmp_path / "fox.png") == (64, 64)
    assert (await call(tmp_path, "reference", "delete", "fox")).out == "@fox and its picture are deleted.\n"
    copy = (tmp_path / "fox.png").read_bytes()
    kept = [path.read_bytes() for path in (tmp_path / "data" / "blobs-command-line").rglob("*") if path.is_file()]
    assert kept
    assert copy not in kept
    gone = await call(tmp_path, "imagine", "@fox waves --turbo")
    assert (gone.status, "needs at least one reference picture" in gone.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["reference"], "required"),
        (["reference", "save", "ab", "model.png"], "“ab” cannot be a name"),
        (["reference", "save", "image1", "model.png"], "already means something else"),
        (["reference", "save", "mascot", "nowhere.png"], "there is no file nowhere.png"),
        (["reference", "delete", "mascot"], "no saved reference called “mascot”"),
        (["imagine", "a cat", "--reference", "@mascot"], "named in the prompt, as @mascot"),
    ],
)
async def test_what_cannot_be_done_with_saved_references_ends_with_status_2(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "model.png").write_bytes(small_png(64, 64))
    ended = await call(tmp_path, *arguments)
    assert ended.status == 2
    assert words in ended.err
    assert "Traceback" not in ended.err


async def test_the_database_is_made_and_its_sums_are_right(tmp_path: Path) -> None:
    made = await call(tmp_path, "db", "upgrade")
    assert (made.status, made.out.startswith("Applied: ")) == (0, True)
    again = await call(tmp_path, "db", "upgrade")
    assert (again.status, again.out) == (0, "The database is up to date.\n")
    verified = await call(tmp_path, "db", "verify")
    assert verified.status == 0
    assert verified.out.splitlines()[-1] == "The database is whole. Every sum of the ledger is right."


async def test_a_sum_that_is_wrong_is_found_and_named(tmp_path: Path) -> None:
    assert (await call(tmp_path, "imagine", "a cat", "--ratio", "1:1")).status == 0
    (tmp_path / "data" / "atelier-command-line.db").rename(tmp_path / "data" / "atelier.db")
    assert (await call(tmp_path, "db", "verify")).status == 0
    copied = "job_id, guild_id, user_id, source, images, amount, units, held_at, at, subject_kind, subject_id"
    with closing(sqlite3.connect(tmp_path / "data" / "atelier.db")) as database:
        database.execute(f"INSERT INTO ledger (kind, {copied}) SELECT 'release', {copied} FROM ledger WHERE id = 1")  # noqa: S608
        database.commit()
    ended = await call(tmp_path, "db", "verify")
    assert ended.status == 1
    assert "WRONG: job 1 (succeeded) ended, but its hold is not all charged or released" in ended.out
    assert ended.out.splitlines()[-1] == "The database is not right."


async def test_the_playground_says_its_address_and_ends_with_0_when_it_is_told_to_stop(tmp_path: Path) -> None:
    async with started(tmp_path, "playground") as process:
        said = await read_until(process.stdout, "Atelier is online")
        assert re.search(r"The playground is at {2}http://127\.0\.0\.1:\d+/", said)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            status = await process.wait()
        assert status == 0
        assert time.monotonic() - begun < 10


async def test_a_second_bot_on_the_same_database_is_refused_with_78(tmp_path: Path) -> None:
    async with started(tmp_path, "playground") as process:
        await read_until(process.stdout, "Atelier is online")
        second = await call(tmp_path, "playground")
        assert second.status == 78
        assert "Another process already uses" in second.err
        assert "Traceback" not in second.err
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def test_wrong_settings_end_with_78_and_the_name_that_was_meant(tmp_path: Path) -> None:
    ended = await call(tmp_path, "config", settings="[quota.defualt]\namount = 5\n")
    assert ended.status == 78
    assert "quota.default" in ended.err
    assert "Traceback" not in ended.err
