"""`/manage audit`: who changed what, and when; moderators only."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.cards import Card, CardFile
from bot.discord_ui.desk import Desk
from bot.discord_ui.log_channels import LogCards
from bot.domain.audit import AuditEntry
from bot.services.trail import Trail


def manage_audit_command(desk: Desk, trail: Trail) -> app_commands.Command[Any, ..., None]:
    """Build the command."""
    say = desk.texts.say
    changes = LogCards(texts=desk.texts, wording=desk.wording)

    def line(entry: AuditEntry) -> str:
        return f"{changes.change(entry)} · <t:{entry.created_at:.0f}:R>"

    @app_commands.command(name="audit", description=say("command.audit.description"))
    @app_commands.describe(user=say("command.audit.user"), export=say("command.audit.export"))
    async def audit(
        interaction: discord.Interaction[Any], user: discord.User | None = None, export: bool = False
    ) -> None:
        moderator = requester_of(interaction)
        actor_id = user.id if user else None
        entries = await trail.latest(moderator, actor_id=actor_id)
        if not entries:
            await desk.show(interaction, Card(paragraphs=(say("audit.nothing"),)))
            return
        files: tuple[CardFile, ...] = ()
        if export:
            files = (CardFile(filename="audit.csv", content=await trail.export(moderator, actor_id=actor_id)),)
        title = f"### {say('audit.title')}"
        await desk.show(interaction, Card(paragraphs=(title, *map(line, entries)), files=files))

    return audit
