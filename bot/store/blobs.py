"""Pictures by the hash of their bytes, in a folder."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol
from urllib.request import url2pathname

from bot.domain.errors import ConfigError, NotFound
from bot.store.failures import storage_failure

log = logging.getLogger(__name__)

_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)


def name_of(content: bytes) -> str:
    """What the bytes are called in the store."""
    return sha256(content).hexdigest()


class Blobs(Protocol):
    """Where pictures are kept, named by the SHA-256 of their bytes."""

    async def put(self, content: bytes) -> str:
        """Keep the bytes durably; their name.

        Raises:
            StorageUnavailable: there is no room, or the place cannot be written.
        """
        ...

    async def get(self, sha256: str) -> bytes:
        """The bytes, checked against their name.

        Raises:
            NotFound: they are not kept (any more), or are damaged.
        """
        ...

    async def delete(self, sha256: str) -> None:
        """Forget the bytes, if they are kept."""
        ...

    async def exists(self, sha256: str) -> bool:
        """Whether the bytes are kept."""
        ...


class FolderBlobs:
    """Blobs as files of two-level folders, each written whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, content: bytes) -> str:
        """Keep the bytes durably; their name."""
        name = name_of(content)
        with _disk_errors():
            await asyncio.to_thread(_write, self._file(name), content)
        return name

    async def get(self, sha256: str) -> bytes:
        """The bytes, checked against their name."""
        with _disk_errors():
            return await asyncio.to_thread(_read, self._file(sha256))

    async def delete(self, sha256: str) -> None:
        """Forget the bytes, if they are kept."""
        file = self._file(sha256)
        with _disk_errors():
            await asyncio.to_thread(file.unlink, missing_ok=True)

    async def exists(self, sha256: str) -> bool:
        """Whether the bytes are kept."""
        with _disk_errors():
            return await asyncio.to_thread(self._file(sha256).is_file)

    def _file(self, name: str) -> Path:
        # The name becomes part of a path, so it is nothing but a hash.
        if not _NAME.fullmatch(name):
            raise NotFound(detail="not the name of a blob")
        return self._root / name[:2] / name[2:4] / name


def open_blobs(url: str) -> Blobs:
    """The place that a `file:` URL names; the folder is created.

    Raises:
        ConfigError: another scheme (`config.storage_scheme`), or the folder cannot be made (`config.storage_folder`).
    """
    root = blob_folder(url)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError("config.storage_folder", path=str(root), detail=str(error)) from error
    return FolderBlobs(root)


def blob_folder(url: str) -> Path:
    """The folder of this machine that file:data, file:/data or file:///data names.

    Raises:
        ConfigError: another scheme (`config.storage_scheme`).
    """
    scheme, _, rest = url.partition(":")
    if scheme != "file" or not rest:
        raise ConfigError("config.storage_scheme", scheme=scheme)
    return Path(url2pathname(rest.removeprefix("//")))


def _read(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(detail=f"blob {file.name}") from error
    if sha256(content).hexdigest() != file.name:
        log.error("blob %s is damaged", file.name)
        raise NotFound(detail=f"blob {file.name} is damaged")
    return content


def _write(file: Path, content: bytes) -> None:
    if _is_whole(file):
        return
    for folder in reversed([file.parent, file.parent.parent]):
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            _sync_folder(folder.parent)
    with NamedTemporaryFile(dir=file.parent, prefix=".", suffix=".part", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            os.replace(part.name, file)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    _sync_folder(file.parent)


def _is_whole(file: Path) -> bool:
    try:
        return sha256(file.read_bytes()).hexdigest() == file.name
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a file's own fsync does not keep its name (fsync(2))."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _disk_errors() -> Generator[None, None, None]:
    try:
        yield
    except OSError as error:
        failure = storage_failure(error)
        assert failure is not None
        raise failure from error
