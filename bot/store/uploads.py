"""References that providers hold for us: which picture is there under which address, and until when."""

from __future__ import annotations

from sqlalchemy import delete, select

from bot.store.database import Transaction
from bot.store.tables import uploads
from bot.store.upsert import upsert


class UploadStore:
    """The table of uploads to providers."""

    async def get(self, tx: Transaction, *, provider: str, sha256: str, now: float) -> str | None:
        """Where the picture is at the provider, when it is still good at `now`."""
        good = (uploads.c.provider == provider, uploads.c.sha256 == sha256, uploads.c.expires_at > now)
        return await tx.scalar(select(uploads.c.uri).where(*good))

    async def put(self, tx: Transaction, *, provider: str, sha256: str, uri: str, expires_at: float) -> None:
        """Remember an upload in place of an earlier one of the same picture."""
        await upsert(tx, uploads, {"provider": provider, "sha256": sha256, "uri": uri, "expires_at": expires_at})

    async def purge(self, tx: Transaction, *, now: float) -> int:
        """Forget uploads that are over; the number of them."""
        return (await tx.execute(delete(uploads).where(uploads.c.expires_at <= now))).rowcount
