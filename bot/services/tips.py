"""Advice on references: one tip where it helps, once to each person about the same pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.job import RequestRecord
from bot.domain.looks import tip_for
from bot.domain.references import Reference
from bot.store.copies import CopyStore
from bot.store.database import Transaction
from bot.store.requests import RequestStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Tips:
    """Never a refusal: a sentence beside the picture."""

    copies: CopyStore
    requests: RequestStore

    async def of(self, tx: Transaction, record: RequestRecord, references: Sequence[Reference]) -> tuple[str, ...]:
        """The key of the tip for these references, unless the person has heard it about one of them before."""
        sha256s = [reference.sha256 for reference in references if reference.sha256 is not None]
        known = await self.copies.looks(tx, sha256s)
        tip = tip_for([known[sha256] for sha256 in sha256s if sha256 in known])
        if tip is None or await self.requests.was_told(tx, tip, user_id=record.requester.user_id, sha256s=sha256s):
            return ()
        return (tip,)
