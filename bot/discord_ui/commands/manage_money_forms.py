"""Change, below a quota or the budgets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import discord

from bot.discord_ui.callers import requester_of
from bot.discord_ui.commands.manage import Manage, subject_in
from bot.discord_ui.commands.manage_budget import BudgetCards
from bot.discord_ui.desk import Desk
from bot.discord_ui.forms import ChoiceField, Filled, FormField, Option, TextField
from bot.domain.budget import BUDGET_WINDOWS
from bot.domain.errors import InvalidRequest
from bot.domain.job import Requester
from bot.domain.money import Money
from bot.domain.quota import Per, Unit
from bot.services.budgets import BudgetService

NUMBER_LIMIT = 7
DOLLARS = re.compile(r"\$?\s*(\d{1,7}(?:\.\d{1,6})?)")
DOLLARS_LIMIT = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaForm:
    """A rule with all its numbers; a rule for many people asks first, as the command does."""

    manage: Manage

    @property
    def title(self) -> str:
        """What it is about."""
        return self.manage.desk.texts.say("quota.form")

    async def fields(self, moderator: Requester, rest: str) -> Sequence[FormField]:
        """The rule that is in force.

        Raises:
            InvalidRequest: the button names nobody.
        """
        rule = await self.manage.quotas.rule(moderator.guild_id, subject_in(rest))
        return [
            self._number("amount", rule.amount),
            self._choice("unit", Unit, rule.unit),
            self._choice("per", Per, rule.per),
            self._number("at_once", rule.at_once),
            self._number("cooldown", rule.cooldown),
        ]

    async def sent(self, interaction: discord.Interaction[Any], rest: str, filled: Filled) -> None:
        """As `/manage quota set`."""
        unit, per = (next(iter(filled.choices.get(name, ())), "") for name in ("unit", "per"))
        if unit not in set(Unit) or per not in set(Per):
            raise InvalidRequest("refused.form_gone")
        rule = self.manage.quotas.drafted(
            subject_in(rest),
            amount=_whole(filled.texts, "amount", "refused.rule_amount"),
            unit=Unit(unit),
            per=Per(per),
            cooldown=_whole(filled.texts, "cooldown", "refused.rule_cooldown"),
            at_once=_whole(filled.texts, "at_once", "refused.rule_at_once"),
        )
        await self.manage.set(interaction, rule)

    def _number(self, name: str, value: int) -> TextField:
        return TextField(id=name, label=self._said(name), value=str(value), required=True, limit=NUMBER_LIMIT)

    def _choice(self, name: str, kind: type[StrEnum], present: StrEnum) -> ChoiceField:
        options = [
            Option(value=each.value, label=self._said(f"{name}_{each}"), chosen=each is present) for each in kind
        ]
        return ChoiceField(id=name, label=self._said(name), options=options)

    def _said(self, what: str) -> str:
        return self.manage.desk.texts.say(f"quota.form_{what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetForm:
    """Both budgets; an empty field means none."""

    desk: Desk
    budgets: BudgetService
    cards: BudgetCards

    @property
    def title(self) -> str:
        """What it is about."""
        return self.desk.texts.say("budget.form")

    async def fields(self, moderator: Requester, rest: str) -> Sequence[FormField]:
        """The amounts that are in force."""
        del rest
        say = self.desk.texts.say
        view = await self.budgets.view(moderator.guild_id)
        amounts = {state.budget.per: str(state.budget.amount).removeprefix("$") for state in view.states}
        return [
            TextField(
                id=per,
                label=say(f"budget.form_{per}"),
                note=say("budget.form_note"),
                value=amounts.get(per, ""),
                limit=DOLLARS_LIMIT,
            )
            for per in BUDGET_WINDOWS
        ]

    async def sent(self, interaction: discord.Interaction[Any], rest: str, filled: Filled) -> None:
        """As `/manage budget set` and `remove`; what stays the same is not noted."""
        del rest
        moderator = requester_of(interaction)
        amounts = {per: _dollars(filled.texts.get(per, "")) for per in BUDGET_WINDOWS}
        view = await self.budgets.set_all(moderator, amounts)
        await self.desk.show_or_replace(interaction, self.cards.view(view, changed=True))


def _whole(texts: Mapping[str, str], name: str, refusal: str) -> int:
    text = texts.get(name, "").strip()
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise InvalidRequest(refusal)
    return int(text)


def _dollars(text: str) -> Money | None:
    """The amount that somebody typed; `None` for an empty field."""
    if not text.strip():
        return None
    match = DOLLARS.fullmatch(text.strip())
    if match is None:
        raise InvalidRequest("refused.budget_amount")
    return Money.dollars(match[1])
