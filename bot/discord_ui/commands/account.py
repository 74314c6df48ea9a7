"""`/quota` and `/queue`: what somebody may still make, and what is going on; only they see the answer."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card
from bot.discord_ui.desk import Desk
from bot.discord_ui.wording import Wording, ordinal
from bot.domain.job import NO_GUILD, Requester
from bot.domain.quota import Subject, SubjectKind
from bot.services.queue import QueueRow, QueueService
from bot.services.quotas import QuotaService, QuotaView
from bot.texts import Texts

ROWS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCards:
    """The screens of `/quota` and `/queue`."""

    texts: Texts
    wording: Wording

    def quota(self, view: QuotaView, *, of: Subject | None = None) -> Card:
        """One's own quota, or somebody else's for moderators."""
        say, allowance = self.texts.say, view.allowance
        rule = allowance.rule
        title = say("quota.title") if of is None else say("quota.title_of", subject=self.wording.subject(of))
        lines = [
            say(
                "quota.left" if of is None else "quota.left_of",
                left=allowance.left,
                amount=rule.amount,
                window=say(f"window.{rule.per}"),
                unit=self.wording.unit(rule.unit, 2),
            ),
            say("quota.resets", resets_at=allowance.window.end),
            *([say("quota.granted", granted=allowance.usage.granted)] if allowance.usage.granted else []),
            self.rule(view),
            self._running(view.unfinished) if of is None else "",
        ]
        return Card(paragraphs=(f"### {title}", "\n".join(line for line in lines if line)))

    def rule(self, view: QuotaView) -> str:
        """The rule in words, and whose it is."""
        say, rule = self.texts.say, view.allowance.rule
        source = view.rule_of
        kind = "default" if source is None else source.kind.value
        subject = self.wording.subject(source) if source and source.kind is not SubjectKind.EVERYONE else ""
        return " ".join(
            part
            for part in (
                say(
                    "quota.rule",
                    amount=rule.amount,
                    unit=self.wording.unit(rule.unit, rule.amount),
                    per=say(f"per.{rule.per}"),
                    at_once=rule.at_once,
                    queue=rule.queue,
                ),
                say("quota.cooldown", cooldown=rule.cooldown) if rule.cooldown else "",
                say(f"quota.source.{kind}", subject=subject),
            )
            if part
        )

    def _running(self, unfinished: int) -> str:
        if not unfinished:
            return self.texts.say("quota.nothing_runs")
        return self.texts.say("quota.running", count=unfinished)

    def queue(self, rows: list[QueueRow], viewer: Requester) -> Card:
        """The line; people of other servers stay unnamed."""
        title = f"### {self.texts.say('queue.title')}"
        if not rows:
            return Card(paragraphs=(title, self.texts.say("queue.empty")))
        lines = [self._row(row, viewer) for row in rows[:ROWS]]
        if len(rows) > ROWS:
            lines.append(self.texts.say("queue.more", count=len(rows) - ROWS))
        return Card(paragraphs=(title, "\n".join(lines)))

    def _row(self, row: QueueRow, viewer: Requester) -> str:
        standing = row.standing
        known = row.user_id == viewer.user_id or row.guild_id == viewer.guild_id != NO_GUILD
        key = "running" if standing.position == 0 else "waiting"
        if not known:
            key = "private_running" if key == "running" else "private"
        return self.texts.say(
            f"queue.{key}",
            user_id=row.user_id,
            place=ordinal(standing.position),
            percent=round(100 * (standing.progress or 0)),
            time=self.wording.time(standing.wait),
        )


def quota_command(desk: Desk, quotas: QuotaService, cards: AccountCards) -> app_commands.Command[Any, ..., None]:
    """Build `/quota`."""

    @app_commands.command(name="quota", description=desk.texts.say("command.quota.description"))
    async def quota(interaction: discord.Interaction[Any]) -> None:
        view = await quotas.show(requester_of(interaction))
        await desk.show(interaction, cards.quota(view))

    return quota


def queue_command(desk: Desk, queue: QueueService, cards: AccountCards) -> app_commands.Command[Any, ..., None]:
    """Build `/queue`."""

    @app_commands.command(name="queue", description=desk.texts.say("command.queue.description"))
    async def show_queue(interaction: discord.Interaction[Any]) -> None:
        rows = await queue.rows()
        await desk.show(interaction, cards.queue(rows, requester_of(interaction)))

    return show_queue
