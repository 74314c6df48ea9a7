"""What the page shows a person: state, messages with local notes, and the stream of changes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from .changes import Change, ChangeType
from .core import Core
from .interactions import TOKEN_SECONDS, Interaction, InteractionType, may_use
from .loose import Json
from .messages import Message, MessageFlag, MessageType
from .payloads import iso, user_json
from .permissions import Permission, in_channel
from .world import Channel, ChannelType

FAILED_COMMAND = "The application did not respond"


class Views:
    """The server as one person sees it."""

    def __init__(self, *, core: Core) -> None:
        self._core = core
        self._dismissed: set[str] = set()

    def state(self, user_id: str) -> Json:
        """Who is here, which channels and commands this person has."""
        core, world = self._core, self._core.world
        me = world.users[user_id]
        return {
            "me": me.id,
            "people": [
                {
                    "id": user.id,
                    "name": user.display_name,
                    "role": str(world.standing(user.id)),
                    "color": user.color,
                    "avatar": f"/avatars/{user.id}/{user.avatar}.png" if user.avatar else None,
                }
                for user in world.people
            ],
            "bot": {"id": world.bot.id, "name": world.bot.display_name},
            "guild": {"id": world.guild.id, "name": world.guild.name},
            "channels": [self.channel(channel, user_id) for channel in self.visible_channels(user_id)],
            "commands": self._commands(user_id),
            "online": core.sessions.online,
        }

    def channel(self, channel: Channel, user_id: str) -> Json:
        """A channel in the page's list."""
        dm_with = next((uid for uid in channel.recipient_ids if uid != user_id), None)
        name = self._core.world.users[dm_with].display_name if dm_with is not None else channel.name
        return {
            "id": channel.id,
            "name": name,
            "type": int(channel.type),
            "parent_id": channel.parent_id,
            "last_message_id": channel.last_message_id,
            "archived": channel.thread is not None and channel.thread.archived,
            "unread": False,
            "dm_with": dm_with,
            "can_send": self._can_send(channel, user_id),
        }

    def _can_send(self, channel: Channel, user_id: str) -> bool:
        needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        rights = in_channel(self._core.world, user_id, channel)
        return channel.type is not ChannelType.FORUM and bool(rights & needed)

    def visible_channels(self, user_id: str) -> list[Channel]:
        """The channels a person may see, direct messages with the bot among them."""
        world = self._core.world
        seen = [channel for channel in world.channels.values() if self._may_see(channel, user_id)]
        return seen

    def _may_see(self, channel: Channel, user_id: str) -> bool:
        if not in_channel(self._core.world, user_id, channel) & Permission.VIEW_CHANNEL:
            return False
        facts = channel.thread
        is_private = channel.type is ChannelType.PRIVATE_THREAD
        return not is_private or (facts is not None and user_id in facts.member_ids)

    def _commands(self, user_id: str) -> list[Json]:
        """Every command this person may use anywhere; contexts tell the page where."""
        core = self._core
        places = self.visible_channels(user_id)
        return [
            command
            for command in core.commands.usable()
            if any(may_use(core.world, user_id, place, command) for place in places)
        ]

    def messages(self, channel: Channel, user_id: str | None) -> list[Json]:
        """The messages of a channel for one person, oldest first; for nobody in particular: the public ones."""
        kept = self._core.messages.in_channel(channel.id)
        shown = [self.message(each, user_id) for each in kept if self._is_shown(each, user_id)]
        notes = [self._failed_command(each) for each in self._failed(channel, user_id)]
        return sorted(shown + notes, key=lambda message: int(message["id"])) if notes else shown

    def _is_shown(self, message: Message, user_id: str | None) -> bool:
        return message.id not in self._dismissed and message.visible_to in (None, user_id)

    def message(self, message: Message, user_id: str | None) -> Json:
        """One message with what only the page needs."""
        body = self._core.renderer.message(message)
        body["ephemeral"] = message.is_ephemeral
        body["local"] = {"loading": self._loading(message), "failed": self._failure(message, user_id)}
        origin = message.origin
        if origin is None:
            body["interaction"] = None
        else:
            user = self._core.world.users[origin.user_id]
            command = f"/{origin.name}" if origin.name is not None else None
            if message.type is MessageType.CONTEXT_MENU_COMMAND:
                command = origin.name
            body["interaction"] = {"command": command, "user": {"id": user.id, "name": user.display_name}}
        return body

    def _is_dead(self, message: Message) -> bool:
        return self._core.clock() - message.created_at > TOKEN_SECONDS

    def _loading(self, message: Message) -> str | None:
        is_loading = bool(message.flags & MessageFlag.LOADING) and not self._is_dead(message)
        return f"{self._core.world.bot.display_name} is thinking…" if is_loading else None

    def _failure(self, message: Message, user_id: str | None) -> str | None:
        """Why the last thing this person did with the message failed, or that its answer never came."""
        if message.flags & MessageFlag.LOADING and self._is_dead(message):
            return FAILED_COMMAND
        last = self._core.interactions.last_use(user_id, message.id) if user_id is not None else None
        return last.error if last is not None else None

    def _failed(self, channel: Channel, user_id: str | None) -> list[Interaction]:
        """Commands of this person that were not answered."""
        return [
            interaction
            for interaction in self._core.interactions.failed
            if interaction.type is InteractionType.COMMAND
            and interaction.channel_id == channel.id
            and interaction.user_id == user_id
            and interaction.id not in self._dismissed
        ]

    def _failed_command(self, interaction: Interaction) -> Json:
        """The note Discord's client shows in place of an answer that never came."""
        world = self._core.world
        user = world.users[interaction.user_id]
        return {
            "id": interaction.id,
            "type": int(MessageType.CHAT_INPUT_COMMAND),
            "channel_id": interaction.channel_id,
            "content": "",
            "author": user_json(world.bot),
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": False,
            "attachments": [],
            "embeds": [],
            "components": [],
            "timestamp": iso(interaction.created_at),
            "edited_timestamp": None,
            "flags": int(MessageFlag.EPHEMERAL),
            "pinned": False,
            "tts": False,
            "ephemeral": True,
            "local": {"loading": None, "failed": interaction.error},
            "interaction": {
                "command": f"/{interaction.name}" if interaction.name is not None else None,
                "user": {"id": user.id, "name": user.display_name},
            },
        }

    def dismiss(self, user_id: str, message_id: str) -> None:
        """Take an ephemeral message out of a person's sight. LookupError when there is none."""
        message = self._core.messages.get(message_id)
        failed = self._core.interactions.find(message_id)
        is_own = message is not None and message.visible_to == user_id
        if not is_own and (failed is None or failed.user_id != user_id):
            raise LookupError(f"there is no ephemeral message {message_id!r}")
        self._dismissed.add(message_id)
        channel_id = message.channel_id if message is not None else failed.channel_id if failed is not None else None
        change = Change(
            type=ChangeType.MESSAGE_DELETE, channel_id=channel_id, message_id=message_id, visible_to=user_id
        )
        self._core.changes.announce(change)

    @asynccontextmanager
    async def subscribe(self, user_id: str) -> AsyncGenerator[AsyncIterator[Json]]:
        """The changes this person may see, as the page's socket sends them."""
        with self._core.changes.listen() as changes:
            yield self._events(changes, user_id)

    async def _events(self, changes: AsyncIterator[Change], user_id: str) -> AsyncIterator[Json]:
        async for change in changes:
            event = self._event(change, user_id)
            if event is not None:
                yield event

    def _event(self, change: Change, user_id: str) -> Json | None:
        """A change as an event for one person; None when it is not theirs to see."""
        if change.visible_to not in (None, user_id):
            return None
        channel = self._core.world.channels.get(change.channel_id or "")
        if channel is not None and not self._may_see(channel, user_id):
            return None
        event: Json = {"type": str(change.type), "channel_id": change.channel_id}
        match change.type:
            case ChangeType.COMMANDS:
                return event
            case ChangeType.ONLINE:
                return event | {"online": self._core.sessions.online}
            case ChangeType.MESSAGE_DELETE:
                return event | {"message_id": change.message_id}
            case ChangeType.THREAD_CREATE | ChangeType.CHANNEL_UPDATE:
                return event | {"channel": self.channel(channel, user_id) if channel is not None else None}
            case ChangeType.TYPING:
                return event | {"user": {"id": self._core.world.bot.id, "name": self._core.world.bot.display_name}}
            case ChangeType.INTERACTION:
                return self._interaction_event(event, change, user_id)
            case ChangeType.MESSAGE_CREATE | ChangeType.MESSAGE_UPDATE:
                message = self._core.messages.get(change.message_id or "")
                return event | {"message": self.message(message, user_id)} if message is not None else None

    def _interaction_event(self, event: Json, change: Change, user_id: str) -> Json | None:
        """A finished interaction: the message whose component was used, or the note of a failed command."""
        channel = self._core.world.channels.get(change.channel_id or "")
        source = self._core.messages.get(change.message_id or "")
        if source is not None:
            return event | {"type": "message_update", "message": self.message(source, user_id)}
        failed = self._failed(channel, user_id) if channel is not None else []
        if not failed:
            return None
        return event | {"type": "message_create", "message": self._failed_command(failed[-1])}
