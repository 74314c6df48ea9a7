"""References that providers hold for us: which picture is there under which address, and until when."""

from __future__ import annotations

from bot.store.database import Transaction


class UploadStore:
    """The table of uploads to providers."""

    async def get(self, tx: Transaction, *, provider: str, sha256: str, now: float) -> str | None:
        """Where the picture is at the provider, when it is still good at `now`."""
        raise NotImplementedError

    async def put(self, tx: Transaction, *, provider: str, sha256: str, uri: str, expires_at: float) -> None:
        """Remember an upload in place of an earlier one of the same picture."""
        raise NotImplementedError

    async def purge(self, tx: Transaction, *, now: float) -> int:
        """Forget uploads that are over; the number of them."""
        raise NotImplementedError
