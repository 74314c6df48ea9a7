"""`/status`: how each image service is, what it costs and who waits there; only the person sees the answer."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.commands.manage_budget import BudgetCards
from bot.discord_ui.desk import Desk
from bot.discord_ui.wording import Wording
from bot.domain.capabilities import ProviderFacts
from bot.domain.money import FREE
from bot.domain.shapes import Model, Resolution
from bot.services.budgets import BudgetService
from bot.services.providers import ProviderChoice, ProviderRow, ProviderService
from bot.texts import Texts

CHOICE_LIMIT = 100
"""Characters of a choice's name that Discord takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderCards:
    """What is said about image services."""

    texts: Texts
    wording: Wording

    def status(self, rows: list[ProviderRow], server: Iterable[str] = ()) -> Card:
        """How the server stands, and a paragraph for each service; how it is stands there in words."""
        title = f"### {self.texts.say('status.title')}"
        services = [self._row(row) for row in rows] or [self.texts.say("refused.no_provider")]
        lines = list(server)
        of_server = (f"### {self.texts.say('status.server')}", "\n".join(lines)) if lines else ()
        return Card(paragraphs=(*of_server, title, *services))

    def _row(self, row: ProviderRow) -> str:
        say = self.texts.say
        how = say(f"status.{row.condition}") if row.enabled else say("status.off")
        line = say("status.line", running=row.running, waiting=row.waiting, time=self.wording.time(row.usual))
        lines = [f"**{row.facts.title}** · {how}", line, self.prices(row.facts)]
        if row.balance is not None:
            lines.append(say("status.balance", balance=row.balance))
        return "\n".join(lines)

    def prices(self, facts: ProviderFacts) -> str:
        """`$0.05 at 720p · $0.08 at 1080p · $0.02 turbo`, as far as it is offered."""
        return " · ".join(self._prices(facts))

    def _prices(self, facts: ProviderFacts) -> Iterator[str]:
        every = [price for model in facts.models.values() for price in model.prices.values()]
        if every and max(every) == FREE:
            yield self.texts.say("status.free")
            return
        if plain := facts.models.get(Model.GEN4_IMAGE):
            for resolution in Resolution:
                if (price := plain.prices.get(resolution)) is not None:
                    yield self.texts.say("status.price", price=price, resolution=resolution)
        turbo = facts.models.get(Model.GEN4_IMAGE_TURBO)
        if turbo is not None and turbo.prices:
            yield self.texts.say("status.price_turbo", price=min(turbo.prices.values()))

    def choices(self, offered: list[ProviderFacts], typed: str) -> list[app_commands.Choice[str]]:
        """Services whose name contains what was typed, each with its prices."""
        wanted = typed.strip().casefold()
        return [
            app_commands.Choice(name=f"{facts.title} · {self.prices(facts)}"[:CHOICE_LIMIT], value=facts.name)
            for facts in offered
            if wanted in facts.name.casefold() or wanted in facts.title.casefold()
        ]

    def choice(self, choice: ProviderChoice, *, changed: bool) -> Card:
        """What a server chose, for its moderators."""
        say = self.texts.say
        lines = [
            say("manage_provider.order", names=" → ".join(choice.order)),
            say("manage_provider.own" if choice.own_order else "manage_provider.operators"),
        ]
        if choice.off:
            lines.append(say("manage_provider.off", names=", ".join(choice.off)))
        title = say("manage_provider.changed" if changed else "manage_provider.title")
        return Card(paragraphs=(f"### {title}", "\n".join(lines)))


def status_command(
    desk: Desk, providers: ProviderService, cards: ProviderCards, budgets: BudgetService, money: BudgetCards
) -> app_commands.Command[Any, ..., None]:
    """Build `/status`."""

    @app_commands.command(name="status", description=desk.texts.say("command.status.description"))
    async def status(interaction: discord.Interaction[Any]) -> None:
        viewer = requester_of(interaction)
        rows, budget = await providers.status(viewer), await budgets.view(viewer.guild_id)
        await desk.show(interaction, cards.status(rows, money.in_status(budget, viewer)))

    return status
