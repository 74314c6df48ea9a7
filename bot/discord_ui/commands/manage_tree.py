"""The command group `/manage`: names, options and choices; what they do is in `manage`."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import role_ids_of
from bot.discord_ui.commands.manage import Manage, subject_of
from bot.domain.job import NO_GUILD, Requester
from bot.domain.quota import Per, Unit
from bot.texts import Texts

Person = discord.User


def manage_group(manage: Manage) -> app_commands.Group:
    """Build the group. Discord's permission is only a hint there, so every command asks for the right again."""
    texts = manage.desk.texts
    group = app_commands.Group(
        name="manage",
        description=texts.say("command.manage.description"),
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )
    quota = app_commands.Group(name="quota", description=texts.say("command.manage.quota"), parent=group)
    changes = (_set(manage, texts), _grant(manage, texts), _reset(manage, texts))
    for command in (_show(manage, texts), *changes, _list(manage, texts), _export(manage, texts)):
        quota.add_command(command)
    return group


def _described(texts: Texts, *names: str) -> dict[str, str]:
    return {name: texts.say(f"command.manage.{name}") for name in names}


def _show(manage: Manage, texts: Texts) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="show", description=texts.say("command.manage.show"))
    @app_commands.describe(**_described(texts, "user", "role"))
    async def show(
        interaction: discord.Interaction[Any], user: Person | None = None, role: discord.Role | None = None
    ) -> None:
        person = None
        if user is not None:
            # An option that names a member of the server resolves to a Member, whose roles decide the rule.
            person = Requester(
                user_id=user.id,
                guild_id=interaction.guild_id or NO_GUILD,
                role_ids=role_ids_of(user),
            )
        await manage.show(interaction, subject_of(user, role), person)

    return show


def _set(manage: Manage, texts: Texts) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="set", description=texts.say("command.manage.set"))
    @app_commands.describe(**_described(texts, "amount", "unit", "per", "user", "role", "cooldown", "at_once"))
    @app_commands.choices(
        unit=[app_commands.Choice(name=unit.value, value=unit.value) for unit in Unit],
        per=[app_commands.Choice(name=per.value, value=per.value) for per in Per],
    )
    async def set_rule(
        interaction: discord.Interaction[Any],
        amount: int,
        unit: str,
        per: str,
        user: Person | None = None,
        role: discord.Role | None = None,
        cooldown: int | None = None,
        at_once: int | None = None,
    ) -> None:
        rule = manage.quotas.drafted(
            subject_of(user, role),
            amount=amount,
            unit=Unit(unit),
            per=Per(per),
            cooldown=cooldown,
            at_once=at_once,
        )
        await manage.set(interaction, rule)

    return set_rule


def _grant(manage: Manage, texts: Texts) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="grant", description=texts.say("command.manage.grant"))
    @app_commands.describe(**_described(texts, "amount", "user", "role"))
    async def grant(
        interaction: discord.Interaction[Any],
        amount: int,
        user: Person | None = None,
        role: discord.Role | None = None,
    ) -> None:
        await manage.grant(interaction, subject_of(user, role), amount)

    return grant


def _reset(manage: Manage, texts: Texts) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="reset", description=texts.say("command.manage.reset"))
    @app_commands.describe(**_described(texts, "user", "role"))
    async def reset(
        interaction: discord.Interaction[Any], user: Person | None = None, role: discord.Role | None = None
    ) -> None:
        await manage.reset(interaction, subject_of(user, role))

    return reset


def _list(manage: Manage, texts: Texts) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="list", description=texts.say("command.manage.list"))
    async def list_rules(interaction: discord.Interaction[Any]) -> None:
        await manage.list(interaction)

    return list_rules


def _export(manage: Manage, texts: Texts) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="export", description=texts.say("command.manage.export"))
    async def export(interaction: discord.Interaction[Any]) -> None:
        await manage.export(interaction)

    return export
