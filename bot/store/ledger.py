"""The ledger: append-only entries whose sums are the quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.job import Job, RequestRecord
from bot.domain.ledger import EntryKind
from bot.domain.money import Money
from bot.domain.quota import Source, Subject, Usage, Window
from bot.store.database import Transaction


class Ledger:
    """Holds, charges, releases, losses, grants and resets."""

    async def hold(
        self, tx: Transaction, record: RequestRecord, sources: Sequence[Source], *, units_per_job: int, at: float
    ) -> None:
        """Reserve one picture for each job of the request, the n-th from the n-th source.

        `units_per_job` is what one picture takes from a grant, in units of the rule.
        """
        raise NotImplementedError

    async def settle(self, tx: Transaction, job: Job, *, charged: Money | None, at: float) -> None:
        """Keep what the picture cost and give the rest back; `None` gives everything back.

        What the provider took beyond the hold is the operator's loss. Repeating it changes nothing.
        """
        raise NotImplementedError

    async def lose(self, tx: Transaction, job: Job, *, cost: Money, at: float) -> None:
        """Give everything back to the person and book the cost to the operator. Repeating it changes nothing."""
        raise NotImplementedError

    async def grant(
        self, tx: Transaction, *, guild_id: int, subject: Subject, units: int, actor_id: int, at: float
    ) -> None:
        """Give extra units, kept until used. A role's or everyone's grant is for each of its people."""
        raise NotImplementedError

    async def reset(self, tx: Transaction, *, guild_id: int, subject: Subject, actor_id: int, at: float) -> None:
        """Let the subject's windows count from now on."""
        raise NotImplementedError

    async def usage(
        self, tx: Transaction, *, guild_id: int, user_id: int, role_ids: Sequence[int], window: Window
    ) -> Usage:
        """What the person used in the window, has left of grants and has unfinished in this server."""
        raise NotImplementedError

    async def verify(self, tx: Transaction) -> list[str]:
        """One line for each broken rule of the books; empty when all is right."""
        raise NotImplementedError

    async def totals(self, tx: Transaction) -> Mapping[EntryKind, tuple[int, Money]]:
        """Pictures and money by kind of entry, over everything; kinds without entries are zero."""
        raise NotImplementedError
