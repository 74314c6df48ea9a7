"""Reading from an interaction who asks and where, and whether the bot may post there at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord

from bot.domain.errors import NotAllowed
from bot.domain.job import NO_GUILD, Place, PlaceKind, Requester
from bot.services.callers import Caller

_ALWAYS = ("view_channel", "attach_files")
_IN_CHANNEL = ("send_messages",)
_IN_THREAD = ("send_messages_in_threads",)
_TO_OPEN_THREAD = ("send_messages", "create_public_threads", "send_messages_in_threads")


def requester_of(interaction: discord.Interaction[Any]) -> Requester:
    """Who asks. Rights count only where the bot itself is a member of the server.

    Through a user install an administrator of a foreign server could otherwise pass for a moderator here.
    """
    user = interaction.user
    if interaction.guild_id is None or not interaction.is_guild_integration():
        return Requester(user_id=user.id)
    return Requester(
        user_id=user.id,
        guild_id=interaction.guild_id or NO_GUILD,
        role_ids=role_ids_of(user),
        moderator=interaction.permissions.manage_guild or interaction.permissions.administrator,
    )


def role_ids_of(user: discord.User | discord.Member) -> tuple[int, ...]:
    """The roles of a member as Discord sent them, without everyone's.

    `Member.roles` knows only those of a server that the gateway has told of: right after a start there may be none.
    """
    if not isinstance(user, discord.Member):
        return ()
    ids = user._roles  # pyright: ignore[reportPrivateUsage] - discord.py 2.7.1 gives the plain ids nowhere else
    return tuple(role_id for role_id in ids if role_id != user.guild.id)


def place_of(interaction: discord.Interaction[Any]) -> Place:
    """Where the answer will stand."""
    direct = interaction.guild_id is None or not interaction.is_guild_integration()
    return place_in(interaction.channel, interaction.channel_id or 0, direct=direct)


def caller_of(interaction: discord.Interaction[Any]) -> Caller:
    """Everything the services need to know of an interaction."""
    channel = interaction.channel
    place = replace(place_of(interaction), file_limit=interaction.filesize_limit)
    if place.kind is PlaceKind.THREAD:
        place = replace(place, parent_id=getattr(interaction.channel, "parent_id", None))
    return Caller(
        requester=requester_of(interaction),
        place=place,
        interaction_id=interaction.id,
        interaction_token=interaction.token,
        message_id=interaction.message.id if interaction.message else None,
        above_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        age_restricted=is_age_restricted(channel),
    )


def caller_by_message(message: discord.Message, channel: object, permissions: discord.Permissions) -> Caller:
    """Everything the services need to know of a message in this channel; `permissions` are its author's there.

    A message makes one request: its id stands where an interaction's would.
    """
    return Caller(
        requester=Requester(
            user_id=message.author.id,
            guild_id=NO_GUILD if message.guild is None else message.guild.id,
            role_ids=role_ids_of(message.author),
            moderator=permissions.manage_guild or permissions.administrator,
        ),
        place=place_in(channel, message.channel.id, direct=message.guild is None),
        interaction_id=message.id,
        above_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        age_restricted=is_age_restricted(channel),
    )


def is_age_restricted(channel: object) -> bool:
    """Whether only adults may see what is posted there; a thread is like the channel above it."""
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    return bool(getattr(channel, "nsfw", False))


def place_in(channel: object, channel_id: int, *, direct: bool) -> Place:
    """Where an answer in this channel will stand. Only text channels of a server can open threads."""
    if direct:
        return Place(kind=PlaceKind.DIRECT, channel_id=channel_id)
    if isinstance(channel, discord.Thread):
        return Place(kind=PlaceKind.THREAD, channel_id=channel_id)
    return Place(kind=PlaceKind.CHANNEL, channel_id=channel_id, in_place=not isinstance(channel, discord.TextChannel))


def check_bot_permissions(have: discord.Permissions, place: Place) -> None:
    """Whether the bot may post the result there, before anything is held; `have` are its permissions.

    Raises:
        NotAllowed: permissions are missing; `missing` are their names as in `discord.Permissions`.
    """
    if place.kind is PlaceKind.DIRECT:
        return
    if place.kind is PlaceKind.THREAD:
        needed = _ALWAYS + _IN_THREAD
    else:
        needed = _ALWAYS + (_IN_CHANNEL if place.in_place else _TO_OPEN_THREAD)
    missing = [name for name in needed if not getattr(have, name)]
    if missing and not have.administrator:
        raise NotAllowed("refused.bot_permission", missing=" ".join(missing), count=len(missing))
