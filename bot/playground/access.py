"""Refusing what the application may not do in a channel, with the code Discord uses."""

from __future__ import annotations

from .drafts import Draft
from .errors import known
from .permissions import Permission, in_channel
from .world import Channel, ChannelType, World


class Access:
    """The bot's rights, asked for one by one."""

    def __init__(self, *, world: World) -> None:
        self._world = world

    def channel(self, channel_id: str) -> Channel:
        """A channel the bot may see, or 10003 / 50001."""
        channel = self._world.channels.get(channel_id)
        if channel is None:
            raise known(10003)
        self.require(channel, Permission.VIEW_CHANNEL)
        return channel

    def require(self, channel: Channel, *needed: Permission) -> None:
        """Refuse unless the bot holds every permission in the channel."""
        held = in_channel(self._world, self._world.bot.id, channel)
        if not held & Permission.VIEW_CHANNEL:
            raise known(50001)
        for permission in needed:
            if not held & permission:
                raise known(50013)

    def holds(self, channel: Channel, permission: Permission) -> bool:
        """Whether the bot holds a permission in the channel."""
        return bool(in_channel(self._world, self._world.bot.id, channel) & permission)

    def require_send(self, channel: Channel, draft: Draft) -> None:
        """Refuse a message the bot may not send there."""
        if channel.type is ChannelType.FORUM:
            raise known(50008)
        if channel.is_thread:
            self.require(channel, Permission.SEND_MESSAGES_IN_THREADS)
            self.require_unlocked(channel)
        else:
            self.require(channel, Permission.SEND_MESSAGES)
        self.require_contents(channel, draft)
        if draft.reference is not None and not self.holds(channel, Permission.READ_MESSAGE_HISTORY):
            raise known(160002)
        recipient = next((uid for uid in channel.recipient_ids if uid != self._world.bot.id), None)
        if channel.type is ChannelType.DM and recipient not in self._world.members:
            raise known(50007)

    def require_contents(self, channel: Channel, draft: Draft) -> None:
        """Refuse files and embeds the bot may not attach there."""
        if draft.new_files:
            self.require(channel, Permission.ATTACH_FILES)
        if draft.embeds:
            self.require(channel, Permission.EMBED_LINKS)

    def require_unlocked(self, channel: Channel) -> None:
        """Refuse to write into a locked thread."""
        facts = channel.thread
        if facts is not None and facts.locked and not self.holds(channel, Permission.MANAGE_THREADS):
            raise known(160005)
