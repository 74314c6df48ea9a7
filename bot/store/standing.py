"""Whether the storage can be written: while it cannot, new requests are refused at once and nothing is charged."""

from __future__ import annotations

import asyncio
import logging

from bot.domain.errors import StorageUnavailable, Trouble

FULL = f"storage.{Trouble.FULL}"

log = logging.getLogger(__name__)


class Standing:
    """What the last attempts to write showed. `trouble` is the sentence for people, `None` when all is well."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self.troubled = asyncio.Event()

    def failed(self, error: StorageUnavailable) -> None:
        """A write failed: from now on the storage is only read."""
        if self.trouble is None:
            log.error("the storage cannot be written, new requests are refused until it can be: %s", error.detail)
        self.trouble = error.key
        self.troubled.set()

    def wrote(self) -> None:
        """A write went well. On a full disk small ones may, so that this proves nothing about the next."""
        if self.trouble != FULL:
            self.mended()

    def mended(self) -> None:
        """There is room again, and nobody else in the way."""
        if self.trouble is not None:
            log.warning("the storage can be written again")
        self.trouble = None
        self.troubled.clear()

    def require(self) -> None:
        """Let nobody begin what could not be kept, and nothing be paid for.

        Raises:
            StorageUnavailable: the storage is only read at the moment.
        """
        if self.trouble is not None:
            raise StorageUnavailable(self.trouble, detail="the storage is only read at the moment")
