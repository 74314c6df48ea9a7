"""Permissions: their bits, and what a member may do in a channel (roles, then overwrites)."""

from __future__ import annotations

from enum import IntFlag

from .world import Channel, ChannelType, Member, World


class Permission(IntFlag):
    """The bits this server enforces or reports (Discord reference, "Permissions")."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50


ALL = Permission((1 << 53) - 1)

MEMBER_DEFAULT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)

# What a bot holds in a direct message, where there are no roles to compute from.
DIRECT_MESSAGE = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.MENTION_EVERYONE
)


def in_guild(world: World, member: Member) -> Permission:
    """A member's permissions in the guild as a whole."""
    if member.user.id == world.guild.owner_id:
        return ALL
    bits = world.roles[world.guild.id].permissions
    for role_id in member.role_ids:
        bits |= world.roles[role_id].permissions
    return ALL if bits & Permission.ADMINISTRATOR else Permission(bits)


def in_channel(world: World, user_id: str, channel: Channel) -> Permission:
    """What a user may do in a channel; a thread takes its parent's overwrites."""
    if channel.type is ChannelType.DM:
        return DIRECT_MESSAGE if user_id in channel.recipient_ids else Permission(0)
    member = world.members.get(user_id)
    if member is None:
        return Permission(0)
    base = in_guild(world, member)
    if base & Permission.ADMINISTRATOR:
        return ALL
    place = world.channels.get(channel.parent_id or "", channel) if channel.is_thread else channel
    bits = _overwritten(world, member, place, int(base))
    return Permission(bits) if bits & Permission.VIEW_CHANNEL else Permission(0)


def _overwritten(world: World, member: Member, channel: Channel, bits: int) -> int:
    """Apply overwrites in Discord's order: everyone, then all roles together, then the member."""
    everyone = channel.overwrites.get(world.guild.id)
    if everyone is not None:
        bits = bits & ~everyone.deny | everyone.allow
    allow = deny = 0
    for role_id in member.role_ids:
        overwrite = channel.overwrites.get(role_id)
        if overwrite is not None:
            allow |= overwrite.allow
            deny |= overwrite.deny
    bits = bits & ~deny | allow
    own = channel.overwrites.get(member.user.id)
    return bits & ~own.deny | own.allow if own is not None else bits
