"""Money that may be spent at all: a server's pause and budgets, and the operator's cap over all servers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.budget import Budget, BudgetState
from bot.domain.errors import NotAllowed, QuotaExceeded
from bot.domain.guild import GuildSettings
from bot.domain.money import FREE, Money
from bot.domain.quota import window_at
from bot.domain.server_log import LogKind
from bot.services.choices import zone_of
from bot.services.ports import Clock
from bot.services.server_log import ServerLog
from bot.store.database import Transaction
from bot.store.spending import spent_since
from bot.store.tables import EVERYWHERE

log = logging.getLogger(__name__)

_SERVER, _CAP = 4, 5
"""Advisory locks under which requests are held against a server's budgets and the cap one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Every budget that a request counts against, the server's first."""

    server: tuple[BudgetState, ...] = ()
    cap: tuple[BudgetState, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Checked in the transaction that holds, so that what is under way may all succeed without passing a limit.

    `cap` are the operator's budgets, in UTC. Losses of the operator count there, not for servers.
    """

    cap: Sequence[Budget]
    server_log: ServerLog
    clock: Clock

    def check_open(self, settings: GuildSettings) -> None:
        """Whether the server takes requests at all.

        Raises:
            NotAllowed: its moderators have paused it.
        """
        if settings.paused:
            key = "refused.paused_because" if settings.pause_reason else "refused.paused"
            raise NotAllowed(key, value=settings.pause_reason)

    async def take_turns(self, tx: Transaction, guild_id: int, settings: GuildSettings, cost: Money) -> None:
        """Let nobody else's hold come between reading what is spent and the end of this transaction."""
        if cost > FREE and settings.budgets:
            await tx.lock(_SERVER, guild_id % 2**31)
        if cost > FREE and self.cap:
            await tx.lock(_CAP)

    def check(self, spending: Spending, cost: Money) -> None:
        """Whether so much more may be held.

        Raises:
            QuotaExceeded: a budget of the server (`refused.budget`) or the operator's cap does not reach.
        """
        for key, states in (("refused.budget", spending.server), ("refused.cap", spending.cap)):
            for state in states:
                if not state.allows(cost):
                    raise QuotaExceeded(key, per=state.budget.per, resets_at=state.window.end)

    async def spending(self, tx: Transaction, guild_id: int, settings: GuildSettings) -> Spending:
        """How the server's budgets and the cap stand."""
        now = self.clock()
        server = [(guild_id, each, window_at(each.per, now, zone_of(settings))) for each in settings.budgets]
        cap = [(EVERYWHERE, each, window_at(each.per, now)) for each in self.cap]
        sums = await spent_since(tx, [(whose, window.start) for whose, _, window in (*server, *cap)])
        states = tuple(
            BudgetState(budget=budget, window=window, spent=spent)
            for (_, budget, window), spent in zip((*server, *cap), sums, strict=True)
        )
        return Spending(server=states[: len(server)], cap=states[len(server) :])

    async def held(
        self, tx: Transaction, guild_id: int, settings: GuildSettings, before: Spending, cost: Money
    ) -> None:
        """Tell of the alert steps that a hold has reached: the server in its log channel, the operator in the log."""
        for state in before.server:
            step = state.step(cost)
            if step is not None:
                await self.tell(tx, guild_id, settings, state.after(cost), step)
        for state in before.cap:
            step = state.step(cost)
            if step is not None:
                spent = state.after(cost).spent
                log.warning("%s %% of budget.per_%s is used: %s", step, state.budget.per, spent)

    async def refused(self, tx: Transaction, guild_id: int, error: QuotaExceeded) -> None:
        """A request was refused for want of budget: tell the server so, once in each window."""
        settings = await self.server_log.guilds.get(tx, guild_id)
        for state in (await self.spending(tx, guild_id, settings)).server:
            if state.budget.per == error.values["per"]:
                await self.tell(tx, guild_id, settings, state, 100)

    async def tell(
        self, tx: Transaction, guild_id: int, settings: GuildSettings, state: BudgetState, step: int
    ) -> None:
        """Tell the log channel of a step, once for each window and amount."""
        budget, window = state.budget, state.window
        await self.server_log.note(
            tx,
            guild_id=guild_id,
            kind=LogKind.BUDGET,
            settings=settings,
            values={
                "percent": step,
                "per": budget.per,
                "spent": str(state.spent),
                "amount": str(budget.amount),
                "resets_at": window.end,
            },
            mark=f"budget:{budget.per}:{window.start:.0f}:{budget.amount.micros}:{step}",
        )
