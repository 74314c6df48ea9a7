"""Budgets and the pause of a server, as its moderators set them and its people see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.audit import Change
from bot.domain.budget import BUDGET_WINDOWS, BudgetState
from bot.domain.errors import InvalidRequest
from bot.domain.guild import GuildSettings
from bot.domain.job import Requester
from bot.domain.money import Money
from bot.domain.quota import Per
from bot.domain.text import clean_text
from bot.services.changes import Changes, Table, check_moderator
from bot.services.limits import Limits
from bot.store.database import Database, Transaction
from bot.store.guilds import GuildStore

LARGEST_BUDGET = Money.dollars(1_000_000)
MAX_REASON = 300
"""Characters of a reason; more is cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetView:
    """How a server stands: its budgets, and the reason of its pause (`None` while it is not paused)."""

    states: tuple[BudgetState, ...]
    paused: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetService:
    """Every change asks for the moderator's right anew and is written down.

    `set`, `remove`, `pause` and `resume` raise `NotAllowed` when no moderator of this server asks.
    """

    database: Database
    guilds: GuildStore
    changes: Changes
    limits: Limits

    async def view(self, guild_id: int) -> BudgetView:
        """How the server stands now."""
        return await self.database.read(lambda tx: self._view(tx, guild_id))

    async def set(self, moderator: Requester, amount: Money, per: Per) -> BudgetView:
        """Put a budget in force; it counts what this window has cost already.

        Raises:
            InvalidRequest: no amount of money that can be a budget.
        """
        return await self.set_all(moderator, {per: amount})

    async def remove(self, moderator: Requester, per: Per) -> BudgetView:
        """Let the server spend without this budget."""
        return await self.set_all(moderator, {per: None})

    async def pause(self, moderator: Requester, reason: str) -> BudgetView:
        """Accept no requests any more; what is under way is finished."""
        reason = clean_text(reason)[:MAX_REASON]
        return await self._switch(moderator, Change.PAUSE, paused=True, reason=reason)

    async def resume(self, moderator: Requester) -> BudgetView:
        """Accept requests again."""
        return await self._switch(moderator, Change.RESUME, paused=False, reason="")

    async def set_all(self, moderator: Requester, amounts: Mapping[Per, Money | None]) -> BudgetView:
        """Put budgets in force, or none for `None`, in one change.

        Raises:
            InvalidRequest: no amount of money that can be a budget.
        """
        check_moderator(moderator)
        for per, amount in amounts.items():
            if per not in BUDGET_WINDOWS or not Money(0) <= (amount or Money(0)) <= LARGEST_BUDGET:
                raise InvalidRequest("refused.budget_amount")
        columns = {f"budget_{per}": None if amount is None else amount.micros for per, amount in amounts.items()}

        async def write(tx: Transaction) -> BudgetView:
            before = await self.guilds.get(tx, moderator.guild_id)
            after = replace(before, **columns)
            if after != before:
                shown = _amounts(before), _amounts(after)
                await self.changes.keep(tx, moderator, Change.BUDGET, after, before=shown[0], now=shown[1])
            return await self._view(tx, moderator.guild_id)

        return await self.database.write(write, lock=moderator.guild_id)

    async def _switch(self, moderator: Requester, change: Change, *, paused: bool, reason: str) -> BudgetView:
        check_moderator(moderator)

        async def write(tx: Transaction) -> BudgetView:
            before = await self.guilds.get(tx, moderator.guild_id)
            after = replace(before, paused=paused, pause_reason=reason)
            if after != before:
                shown = _pause(before), _pause(after)
                await self.changes.keep(tx, moderator, change, after, before=shown[0], now=shown[1])
            return await self._view(tx, moderator.guild_id)

        return await self.database.write(write, lock=moderator.guild_id)

    async def _view(self, tx: Transaction, guild_id: int) -> BudgetView:
        settings = await self.guilds.get(tx, guild_id)
        spending = await self.limits.spending(tx, guild_id, settings)
        return BudgetView(states=spending.server, paused=settings.pause_reason if settings.paused else None)


def _amounts(settings: GuildSettings) -> Table:
    return {budget.per: str(budget.amount) for budget in settings.budgets}


def _pause(settings: GuildSettings) -> Table:
    return {"paused": settings.paused, "reason": settings.pause_reason}
