"""What `/reference` and its buttons do; only the person sees the answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord_ui.callers import requester_of
from bot.discord_ui.desk import Desk
from bot.discord_ui.library_cards import LibraryCards
from bot.domain.errors import InvalidRequest
from bot.domain.job import DEFAULT_FILE_LIMIT
from bot.domain.library import SavedReference, Scope
from bot.domain.references import Upload, check_upload
from bot.services.library import LibraryService

_CHOSEN = re.compile(rf"(?P<scope>{'|'.join(Scope)}):(?P<name>.*)", re.DOTALL)
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryDesk:
    """Reads what was typed, calls the service and shows what came of it."""

    desk: Desk
    library: LibraryService
    cards: LibraryCards

    async def save(self, interaction: discord.Interaction[Any], name: str, upload: Upload, scope: Scope) -> None:
        """Keep a file under a name. What can be told at once is; fetching the file may take longer than Discord waits.

        Raises:
            Refused: the name, the file or the right is not what it has to be.
        """
        requester = requester_of(interaction)
        check_upload(upload)
        await self.library.check(requester, scope, name)
        await interaction.response.defer(ephemeral=True, thinking=True)
        kept = await self.library.save_upload(requester, scope, name, upload)
        await self.desk.show(interaction, self.cards.kept(kept))

    async def list(self, interaction: discord.Interaction[Any], scope: Scope | None, number: int = 1) -> None:
        """Show one page; after a button in place of the one that was there."""
        page = await self.library.page(requester_of(interaction), scope, number)
        await self.desk.show_or_replace(interaction, self.cards.page(page, scope))

    async def show(self, interaction: discord.Interaction[Any], name: str, scope: Scope | None) -> None:
        """Show one reference as it is used."""
        saved = await self.found(interaction, name, scope)
        await self.desk.show(interaction, self.cards.one(await self.library.show(saved, limit=DEFAULT_FILE_LIMIT)))

    async def rename(
        self, interaction: discord.Interaction[Any], name: str, new_name: str, scope: Scope | None
    ) -> None:
        """Give a reference another name."""
        saved = await self.found(interaction, name, scope)
        named = await self.library.rename(requester_of(interaction), saved, new_name)
        await self.desk.show(interaction, self.cards.renamed(saved, named))

    async def delete(self, interaction: discord.Interaction[Any], name: str, scope: Scope | None) -> None:
        """Delete one's own reference at once; a server's after asking, as everyone there loses it."""
        saved = await self.found(interaction, name, scope)
        if saved.library.scope is Scope.SERVER:
            await self.library.by_id(requester_of(interaction), saved.id)
            await self.desk.show(interaction, self.cards.question(saved))
            return
        await self._delete(interaction, saved)

    async def confirmed(self, interaction: discord.Interaction[Any], rest: str) -> None:
        """Confirm was pressed: the right is asked for again, the reference stands in the button.

        Raises:
            InvalidRequest: the button says nothing that can be carried out.
        """
        if not rest.isdecimal() or int(rest) > LARGEST_ID:
            raise InvalidRequest("refused.confirm_stale")
        await self._delete(interaction, await self.library.by_id(requester_of(interaction), int(rest)))

    async def _delete(self, interaction: discord.Interaction[Any], saved: SavedReference) -> None:
        await self.library.delete(requester_of(interaction), saved)
        await self.desk.show_or_replace(interaction, self.cards.deleted(saved))

    async def found(self, interaction: discord.Interaction[Any], name: str, scope: Scope | None) -> SavedReference:
        """What was typed or chosen; a choice says whose it is, unless the option `scope` does.

        Raises:
            NotFound: there is nothing of this name.
        """
        if (chosen := _CHOSEN.fullmatch(name)) is not None:
            name, scope = chosen["name"], scope or Scope(chosen["scope"])
        return await self.library.find(requester_of(interaction), name, scope)
