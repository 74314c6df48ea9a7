"""The command group `/reference`: names, options and choices; what they do is in `bot.discord_ui.library`."""
# pyright: reportUnknownVariableType=false
# The command decorator leaves the type of a group or cog that is not there unknown (discord.py 2.7.1).

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of
from bot.discord_ui.commands.imagine import MOST_CHOICES, upload_of
from bot.discord_ui.library import LibraryDesk
from bot.domain.library import Scope
from bot.domain.references import Upload
from bot.texts import Texts

Complete = Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]


def reference_group(library: LibraryDesk) -> app_commands.Group:
    """Build the group. Direct messages know one's own library only."""
    texts = library.desk.texts
    group = app_commands.Group(name="reference", description=texts.say("command.reference.description"))
    complete = _completion(library)
    for command in (
        _save(library, texts),
        _list(library, texts),
        _show(library, texts, complete),
        _rename(library, texts, complete),
        _delete(library, texts, complete),
    ):
        group.add_command(command)
    return group


def _described(texts: Texts, *names: str) -> dict[str, str]:
    return {name: texts.say(f"command.reference.{name}") for name in names}


def _scopes(texts: Texts) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=texts.say(f"library.scope_{scope}"), value=scope.value) for scope in Scope]


def _scope(typed: str | None) -> Scope | None:
    return Scope(typed) if typed in set(Scope) else None


def _completion(library: LibraryDesk) -> Complete:
    async def names(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        scope = _scope(getattr(interaction.namespace, "scope", None))
        found = await library.library.suggest(requester_of(interaction), current, scope, limit=MOST_CHOICES)
        return library.cards.choices(found)

    return names


def _save(library: LibraryDesk, texts: Texts) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="save", description=texts.say("command.reference.save"))
    @app_commands.describe(**_described(texts, "name", "image"), scope=texts.say("command.reference.save_scope"))
    @app_commands.choices(scope=_scopes(texts))
    async def save(
        interaction: discord.Interaction[Any], name: str, image: discord.Attachment, scope: str | None = None
    ) -> None:
        upload: Upload | None = upload_of(image)
        assert upload is not None
        await library.save(interaction, name, upload, _scope(scope) or Scope.ME)

    return save


def _list(library: LibraryDesk, texts: Texts) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="list", description=texts.say("command.reference.list"))
    @app_commands.describe(**_described(texts, "scope"))
    @app_commands.choices(scope=_scopes(texts))
    async def show_list(interaction: discord.Interaction[Any], scope: str | None = None) -> None:
        await library.list(interaction, _scope(scope))

    return show_list


def _show(library: LibraryDesk, texts: Texts, complete: Complete) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="show", description=texts.say("command.reference.show"))
    @app_commands.describe(**_described(texts, "name", "scope"))
    @app_commands.choices(scope=_scopes(texts))
    async def show(interaction: discord.Interaction[Any], name: str, scope: str | None = None) -> None:
        await library.show(interaction, name, _scope(scope))

    show.autocomplete("name")(complete)
    return show


def _rename(library: LibraryDesk, texts: Texts, complete: Complete) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="rename", description=texts.say("command.reference.rename"))
    @app_commands.describe(**_described(texts, "name", "new_name", "scope"))
    @app_commands.choices(scope=_scopes(texts))
    async def rename(interaction: discord.Interaction[Any], name: str, new_name: str, scope: str | None = None) -> None:
        await library.rename(interaction, name, new_name, _scope(scope))

    rename.autocomplete("name")(complete)
    return rename


def _delete(library: LibraryDesk, texts: Texts, complete: Complete) -> app_commands.Command[Any, ..., None]:
    @app_commands.command(name="delete", description=texts.say("command.reference.delete"))
    @app_commands.describe(**_described(texts, "name", "scope"))
    @app_commands.choices(scope=_scopes(texts))
    async def delete(interaction: discord.Interaction[Any], name: str, scope: str | None = None) -> None:
        await library.delete(interaction, name, _scope(scope))

    delete.autocomplete("name")(complete)
    return delete
