"""The permissions that the bot needs in a server, and the link that invites it with them."""

from __future__ import annotations

import discord

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    attach_files=True,
    read_message_history=True,
)


def invite_link(application_id: int) -> str:
    """The page on which somebody with *Manage Server* adds the bot, with its commands and permissions."""
    return discord.utils.oauth_url(application_id, permissions=NEEDED, scopes=("bot", "applications.commands"))


def missing_permissions(granted: int) -> list[str]:
    """Which of the needed ones a server does not give, by their names; an administrator has all."""
    have = discord.Permissions(granted)
    if have.administrator:
        return []
    return [name for name, needed in NEEDED if needed and not getattr(have, name)]
