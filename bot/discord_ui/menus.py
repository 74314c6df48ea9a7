"""The menus of messages and people: use a picture as a reference, look at its details, show a quota."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.discord_ui.callers import requester_of, role_ids_of
from bot.discord_ui.cards import Card
from bot.discord_ui.commands.account import AccountCards
from bot.discord_ui.desk import Desk
from bot.discord_ui.details import DetailCards, request_in
from bot.discord_ui.form_requests import FormRequests
from bot.discord_ui.pictures import avatar_of, pictures_of
from bot.domain.errors import InvalidRequest, NotFound
from bot.domain.job import Requester
from bot.domain.quota import Subject, SubjectKind
from bot.services.lookup import Lookup
from bot.services.opinions import Opinions
from bot.services.quotas import QuotaService, check_moderator

Person = discord.User | discord.Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Menus:
    """What each entry of a menu does."""

    desk: Desk
    form_requests: FormRequests
    lookup: Lookup
    opinions: Opinions
    quotas: QuotaService
    accounts: AccountCards
    details: DetailCards

    async def use_as_reference(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        """Ask what to make of a message's pictures.

        Raises:
            AtelierError: there is none, or the request could not be posted here.
        """
        pictures = pictures_of(message)
        if not pictures:
            raise InvalidRequest("refused.no_pictures")
        await self.form_requests.ask(interaction, pictures, title=self.desk.texts.say("menu.use_as_reference"))

    async def use_avatar(self, interaction: discord.Interaction[Any], user: Person) -> None:
        """Ask what to make of somebody's profile picture.

        Raises:
            AtelierError: they have none, or the request could not be posted here.
        """
        avatar = avatar_of(user)
        if avatar is None:
            raise InvalidRequest("refused.no_avatar", user_id=user.id)
        await self.form_requests.ask(interaction, (avatar,), title=self.desk.texts.say("menu.use_avatar"))

    async def image_details(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        """Show what is known about a message's pictures: our own request's details, or what Discord tells.

        Raises:
            AtelierError: there is no picture.
        """
        await self.desk.show(interaction, await self._details(interaction, message))

    async def _details(self, interaction: discord.Interaction[Any], message: discord.Message) -> Card:
        request_id = request_in(message) if message.author.id == interaction.application_id else None
        if request_id is not None:
            try:
                record = await self.lookup.behind(request_id, message.id, requester_of(interaction))
                seen = await self.opinions.of(record, interaction.user.id)
                return self.details.of_request(record, seen.votes)
            except NotFound:
                pass  # made by a bot that had another database: only what Discord tells is known
        pictures = pictures_of(message)
        if not pictures:
            raise InvalidRequest("refused.no_pictures")
        return self.details.of_pictures(pictures)

    async def show_quota(self, interaction: discord.Interaction[Any], user: Person) -> None:
        """Show somebody's quota: one's own to everyone, another's to moderators.

        Raises:
            NotAllowed: it is another's, and the person is no moderator.
        """
        requester = requester_of(interaction)
        if user.id == requester.user_id:
            await self.desk.show(interaction, self.accounts.quota(await self.quotas.show(requester)))
            return
        check_moderator(requester)
        other = Requester(user_id=user.id, guild_id=requester.guild_id, role_ids=role_ids_of(user))
        subject = Subject(kind=SubjectKind.USER, id=user.id)
        await self.desk.show(interaction, self.accounts.quota(await self.quotas.show(other), of=subject))


def menu_commands(menus: Menus) -> list[app_commands.ContextMenu]:
    """Build the entries."""
    say = menus.desk.texts.say

    async def use_as_reference(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await menus.use_as_reference(interaction, message)

    async def image_details(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await menus.image_details(interaction, message)

    async def use_avatar(interaction: discord.Interaction[Any], user: discord.User | discord.Member) -> None:
        await menus.use_avatar(interaction, user)

    async def show_quota(interaction: discord.Interaction[Any], user: discord.User | discord.Member) -> None:
        await menus.show_quota(interaction, user)

    return [
        app_commands.ContextMenu(name=say("menu.use_as_reference"), callback=use_as_reference),
        app_commands.ContextMenu(name=say("menu.image_details"), callback=image_details),
        app_commands.ContextMenu(name=say("menu.use_avatar"), callback=use_avatar),
        app_commands.ContextMenu(name=say("menu.show_quota"), callback=show_quota),
    ]
