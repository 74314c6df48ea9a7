"""Pictures by the hash of their bytes, in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


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
        raise NotImplementedError

    async def get(self, sha256: str) -> bytes:
        raise NotImplementedError

    async def delete(self, sha256: str) -> None:
        raise NotImplementedError

    async def exists(self, sha256: str) -> bool:
        raise NotImplementedError


def open_blobs(url: str) -> Blobs:
    """The place that a `file:` URL names; the folder is created.

    Raises:
        ConfigError: another scheme (`config.storage_scheme`).
    """
    raise NotImplementedError
