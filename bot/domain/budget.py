"""Budgets: money that a server or the operator spends at most in a calendar window; what is held counts as spent."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.money import FREE, Money
from bot.domain.quota import Per, Window

ALERT_STEPS = (50, 80, 100)
"""Per cent of a budget at which its server is told."""

BUDGET_WINDOWS = (Per.DAY, Per.MONTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """An amount of money for each window."""

    amount: Money
    per: Per


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetState:
    """A budget with what is spent of it, open holds included, in the window that lies around now."""

    budget: Budget
    window: Window
    spent: Money = FREE

    @property
    def left(self) -> Money:
        """What may still be spent."""
        return max(FREE, self.budget.amount - self.spent)

    @property
    def percent(self) -> int:
        """The part that is spent, rounded down; 100 for a budget of nothing."""
        amount = self.budget.amount.micros
        return self.spent.micros * 100 // amount if amount else 100

    def allows(self, cost: Money) -> bool:
        """Whether so much more may be spent. What costs nothing is always allowed."""
        return cost == FREE or self.spent + cost <= self.budget.amount

    def after(self, cost: Money) -> BudgetState:
        """The state once so much more is held."""
        return BudgetState(budget=self.budget, window=self.window, spent=self.spent + cost)

    def step(self, cost: Money) -> int | None:
        """The highest alert step that a cost takes the budget to; `None` when it stays on the step it is on."""
        before, after = self.percent, self.after(cost).percent
        return max((step for step in ALERT_STEPS if before < step <= after), default=None)
