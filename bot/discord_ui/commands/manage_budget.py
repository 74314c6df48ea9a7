"""`/manage budget`, `pause` and `resume`: what a server may spend, and whether it takes requests; moderators only."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk
from bot.discord_ui.manage_forms import form_button
from bot.discord_ui.wording import inline
from bot.domain.budget import ALERT_STEPS, BUDGET_WINDOWS, BudgetState
from bot.domain.job import Requester
from bot.domain.money import Money
from bot.domain.quota import Per
from bot.services.budgets import BudgetService, BudgetView
from bot.services.changes import check_moderator
from bot.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCards:
    """What is said about a server's money."""

    texts: Texts

    def view(self, view: BudgetView, *, changed: bool = False) -> Card:
        """For moderators: the numbers."""
        say = self.texts.say
        lines = [self._numbers(state) for state in view.states] or [say("budget.none")]
        title = say("budget.changed" if changed else "budget.title")
        change = form_button("budget", say("button.change"))
        return Card(paragraphs=(f"### {title}", "\n".join(lines), *self._pause(view)), rows=((change,),))

    def in_status(self, view: BudgetView, viewer: Requester) -> Iterator[str]:
        """For everyone: whether the server takes requests, and how much of its money is left, in words."""
        yield from self._pause(view)
        for state in view.states:
            if viewer.moderator:
                yield self._numbers(state)
            else:
                step = next((each for each in reversed(ALERT_STEPS) if state.percent >= each), 0)
                window = self.texts.say(f"window.{state.budget.per}")
                yield self.texts.say(f"budget.words_{step}", window=window, resets_at=state.window.end)

    def _numbers(self, state: BudgetState) -> str:
        return self.texts.say(
            "budget.state",
            spent=state.spent,
            amount=state.budget.amount,
            left=state.left,
            percent=state.percent,
            window=self.texts.say(f"window.{state.budget.per}"),
            resets_at=state.window.end,
        )

    def _pause(self, view: BudgetView) -> Iterator[str]:
        if view.paused:
            yield self.texts.say("budget.paused_because", reason=inline(view.paused))
        elif view.paused is not None:
            yield self.texts.say("budget.paused")


def manage_budget_commands(
    desk: Desk, budgets: BudgetService, cards: BudgetCards
) -> list[app_commands.Command[Any, ..., None] | app_commands.Group]:
    """Build the group and the two commands."""
    say = desk.texts.say
    group = app_commands.Group(name="budget", description=say("command.manage_budget.description"))
    for command in (_set(desk, budgets, cards), _remove(desk, budgets, cards), _show(desk, budgets, cards)):
        group.add_command(command)
    return [group, _pause(desk, budgets, cards), _resume(desk, budgets, cards)]


def _windows() -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=per.value, value=per.value) for per in BUDGET_WINDOWS]


def _set(desk: Desk, budgets: BudgetService, cards: BudgetCards) -> app_commands.Command[Any, ..., None]:
    say = desk.texts.say

    @app_commands.command(name="set", description=say("command.manage_budget.set"))
    @app_commands.describe(amount=say("command.manage_budget.amount"), per=say("command.manage_budget.per"))
    @app_commands.choices(per=_windows())
    async def set_budget(interaction: discord.Interaction[Any], amount: float, per: str) -> None:
        # Discord's numbers are floats; nobody means more digits than they wrote.
        money = Money.dollars(f"{amount:.6f}")
        view = await budgets.set(requester_of(interaction), money, Per(per))
        await desk.show(interaction, cards.view(view, changed=True))

    return set_budget


def _remove(desk: Desk, budgets: BudgetService, cards: BudgetCards) -> app_commands.Command[Any, ..., None]:
    say = desk.texts.say

    @app_commands.command(name="remove", description=say("command.manage_budget.remove"))
    @app_commands.describe(per=say("command.manage_budget.per"))
    @app_commands.choices(per=_windows())
    async def remove(interaction: discord.Interaction[Any], per: str) -> None:
        view = await budgets.remove(requester_of(interaction), Per(per))
        await desk.show(interaction, cards.view(view, changed=True))

    return remove


def _show(desk: Desk, budgets: BudgetService, cards: BudgetCards) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="show", description=desk.texts.say("command.manage_budget.show"))
    async def show(interaction: discord.Interaction[Any]) -> None:
        moderator = requester_of(interaction)
        check_moderator(moderator)
        await desk.show(interaction, cards.view(await budgets.view(moderator.guild_id)))

    return show


def _pause(desk: Desk, budgets: BudgetService, cards: BudgetCards) -> app_commands.Command[Any, ..., None]:
    say = desk.texts.say

    @app_commands.command(name="pause", description=say("command.manage_pause.description"))
    @app_commands.describe(reason=say("command.manage_pause.reason"))
    async def pause(interaction: discord.Interaction[Any], reason: str = "") -> None:
        view = await budgets.pause(requester_of(interaction), reason)
        await desk.show(interaction, cards.view(view, changed=True))

    return pause


def _resume(desk: Desk, budgets: BudgetService, cards: BudgetCards) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="resume", description=desk.texts.say("command.manage_resume.description"))
    async def resume(interaction: discord.Interaction[Any]) -> None:
        await budgets.resume(requester_of(interaction))
        await desk.show(interaction, Card(paragraphs=(desk.texts.say("budget.resumed"),)))

    return resume
