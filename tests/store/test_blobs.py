"""Pictures are kept whole under the hash of their bytes, and nothing else is ever given back."""

from __future__ import annotations

import asyncio
import errno
import os
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest

from bot.domain.errors import ConfigError, NotFound, StorageUnavailable
from bot.store.blobs import open_blobs

PICTURE = b"\x89PNG a picture"
NAME = sha256(PICTURE).hexdigest()


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


async def test_bytes_come_back_by_their_hash(tmp_path: Path) -> None:
    blobs = open_blobs(f"file:{tmp_path}/pictures")
    assert await blobs.exists(NAME) is False
    assert await blobs.put(PICTURE) == NAME
    assert await blobs.put(PICTURE) == NAME
    assert await blobs.get(NAME) == PICTURE
    assert await blobs.exists(NAME) is True
    assert files(tmp_path) == [tmp_path / "pictures" / NAME[:2] / NAME[2:4] / NAME]


async def test_deleted_bytes_are_not_found(tmp_path: Path) -> None:
    blobs = open_blobs(f"file:{tmp_path}")
    await blobs.put(PICTURE)
    await blobs.delete(NAME)
    await blobs.delete(NAME)
    assert await blobs.exists(NAME) is False
    with pytest.raises(NotFound):
        await blobs.get(NAME)


async def test_damaged_bytes_are_not_given_back_and_are_mended_by_the_next_put(tmp_path: Path) -> None:
    blobs = open_blobs(f"file:{tmp_path}")
    await blobs.put(PICTURE)
    files(tmp_path)[0].write_bytes(PICTURE[:-1])
    with pytest.raises(NotFound):
        await blobs.get(NAME)
    await blobs.put(PICTURE)
    assert await blobs.get(NAME) == PICTURE


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, NAME.upper(), NAME + "\n", f"../{NAME}"])
async def test_what_is_no_hash_is_not_found(tmp_path: Path, name: str) -> None:
    blobs = open_blobs(f"file:{tmp_path}")
    for use in (blobs.get, blobs.exists, blobs.delete):
        with pytest.raises(NotFound):
            await use(name)


async def test_many_at_once_keep_one_whole_file(tmp_path: Path) -> None:
    blobs = open_blobs(f"file:{tmp_path}")
    big = os.urandom(200_000)
    names = await asyncio.gather(*(blobs.put(big) for _ in range(16)))
    assert len(set(names)) == 1
    assert [file.name for file in files(tmp_path)] == [names[0]]
    assert await blobs.get(names[0]) == big


async def test_a_full_disk_leaves_nothing_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    blobs = open_blobs(f"file:{tmp_path}")
    (tmp_path / NAME[:2] / NAME[2:4]).mkdir(parents=True)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StorageUnavailable):
            await blobs.put(PICTURE)
    assert files(tmp_path) == []
    assert await blobs.put(PICTURE) == NAME


@pytest.mark.parametrize("prefix", ["file:", "file://"])
async def test_a_file_url_names_a_folder_that_is_made(tmp_path: Path, prefix: str) -> None:
    open_blobs(f"{prefix}{tmp_path}/with%20space/b")
    assert (tmp_path / "with space/b").is_dir()


@pytest.mark.parametrize("url", ["s3://bucket", "pictures", "file:", ""])
def test_other_places_are_a_fault_of_the_settings(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_blobs(url)
    assert caught.value.key == "config.storage_scheme"


def test_a_folder_that_cannot_be_made_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError) as caught:
        open_blobs(f"file:{tmp_path}/file/blobs")
    assert caught.value.key == "config.storage_folder"
