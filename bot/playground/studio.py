"""The default world: a small art server with members, a moderator and channels of every kind."""

from __future__ import annotations

import time
from collections.abc import Callable

from .permissions import MEMBER_DEFAULT, Permission
from .world import ChannelType, Overwrite, Role, World

BOT_PERMISSIONS = (
    MEMBER_DEFAULT | Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS | Permission.CREATE_PRIVATE_THREADS
)
MODERATOR_PERMISSIONS = (
    MEMBER_DEFAULT
    | Permission.MANAGE_GUILD
    | Permission.MANAGE_CHANNELS
    | Permission.MANAGE_MESSAGES
    | Permission.MANAGE_THREADS
    | Permission.MENTION_EVERYONE
)
READ_ONLY = Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS | Permission.CREATE_PUBLIC_THREADS


def atelier_studio(*, clock: Callable[[], float] = time.time) -> World:
    """Mia and Noor (members), Sam (moderator); #studio, #showcase, #general, read-only #announcements, a forum."""
    world = World(clock=clock)
    everyone = world.guild.id
    world.roles[everyone] = Role(id=everyone, name="@everyone", permissions=int(MEMBER_DEFAULT))
    bot_role = world.add_role("Atelier", int(BOT_PERMISSIONS), bot_id=world.bot.id)
    world.moderator_role_id = world.add_role("Moderator", int(MODERATOR_PERMISSIONS), color=0xE67E22).id
    world.add_bot(bot_role)
    owner = world.add_person("Olu", color="#9b59b6", moderator=True)
    world.guild.owner_id = owner.id
    world.add_channel("studio", topic="Make pictures here.")
    world.add_channel("showcase", topic="The best of the studio.")
    world.add_channel("general", topic="Everything else.")
    world.add_channel("announcements", overwrites=(Overwrite(id=everyone, deny=int(READ_ONLY)),))
    world.add_channel("ideas", type=ChannelType.FORUM, tags=("sketch", "finished"))
    world.add_person("Mia", color="#e91e63")
    world.add_person("Noor", color="#1abc9c")
    world.add_person("Sam", color="#e67e22", moderator=True)
    return world
