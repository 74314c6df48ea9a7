"""`/manage usage`: a chart and a table of what the server made and spent; moderators only."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card, CardFile, CardPicture
from bot.discord_ui.desk import Desk
from bot.domain.chart import Chart, Column, Row
from bot.domain.money import FREE
from bot.domain.usage import Amount, Report
from bot.services.usage import UsageService, UsageView, usage_table

DAYS = 30
PEOPLE = 8
"""People with a bar of their own; the file holds everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCards:
    """What the report looks like."""

    desk: Desk
    usage: UsageService

    async def card(self, view: UsageView, days: int) -> Card:
        """The chart, and the same in words and as a file: people are numbered in the picture and named beside it."""
        say, report = self.desk.texts.say, view.report
        title = say("usage.title", count=days)
        if not report.lines:
            return Card(paragraphs=(f"### {title}", say("usage.nothing")))
        content = await self.usage.draw(self.chart(view, title))
        people = [
            say("usage.person", place=place, user_id=user_id, amount=self.amount(amount))
            for place, (user_id, amount) in enumerate(report.people[:PEOPLE], 1)
        ]
        if len(report.people) > PEOPLE:
            people.append(say("queue.more", count=len(report.people) - PEOPLE))
        services = [f"{name}: {self.amount(amount)}" for name, amount in report.providers]
        return Card(
            paragraphs=(
                f"### {title}",
                f"{self.total(report)}\n" + "\n".join(services),
                "\n".join(people),
                f"-# {say('usage.note', timezone=view.zone.key)}",
            ),
            pictures=(CardPicture(filename="usage.png", content=content, alt=self.alt(report, title)),),
            files=(CardFile(filename="usage.csv", content=usage_table(report)),),
        )

    def chart(self, view: UsageView, title: str) -> Chart:
        """The picture's values: money where any was spent, otherwise pictures."""
        say, report = self.desk.texts.say, view.report
        paid = report.total.spent > FREE
        names = [name for name, _ in report.providers]

        def height(amount: Amount) -> int:
            return amount.spent.micros if paid else amount.pictures

        top = max((day.total for day in report.days), key=height)
        return Chart(
            title=title,
            subtitle=self.total(report),
            top=say("usage.top", amount=str(top.spent) if paid else self.pictures(top)),
            columns=tuple(
                Column(
                    label=f"{day.day.day}.{day.day.month}.",
                    values=tuple(height(day.providers.get(name, Amount())) for name in names),
                )
                for day in report.days
            ),
            parts=tuple(
                Row(label=name, value=height(amount), text=self.amount(amount)) for name, amount in report.providers
            ),
            rows_title=say("usage.people"),
            rows=tuple(
                Row(label=str(place), value=height(amount), text=self.amount(amount))
                for place, (_, amount) in enumerate(report.people[:PEOPLE], 1)
            ),
        )

    def alt(self, report: Report, title: str) -> str:
        """The chart in words, for those who do not see it."""
        best = max(report.days, key=lambda day: (day.total.spent.micros, day.total.pictures))
        return self.desk.texts.say(
            "usage.alt", title=title, total=self.total(report), day=best.day.isoformat(), amount=self.amount(best.total)
        )

    def total(self, report: Report) -> str:
        """Everything in a line."""
        people = self.desk.texts.say("usage.by_people", count=len(report.people))
        return f"{self.amount(report.total)} · {people}"

    def amount(self, amount: Amount) -> str:
        """Pictures and money."""
        return f"{self.pictures(amount)} · {amount.spent}"

    def pictures(self, amount: Amount) -> str:
        """How many pictures."""
        return self.desk.texts.say("usage.pictures", count=amount.pictures)


def manage_usage_command(desk: Desk, usage: UsageService) -> app_commands.Command[Any, ..., None]:
    """Build the command."""
    say = desk.texts.say
    cards = UsageCards(desk=desk, usage=usage)

    @app_commands.command(name="usage", description=say("command.usage.description"))
    @app_commands.describe(days=say("command.usage.days"))
    async def show(interaction: discord.Interaction[Any], days: int = DAYS) -> None:
        view = await usage.report(requester_of(interaction), days=days)
        await desk.show(interaction, await cards.card(view, days))

    return show
