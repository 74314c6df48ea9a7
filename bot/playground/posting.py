"""Making, changing and removing messages, and telling the gateway and the page about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .cdn import Files, safe_filename
from .changes import Change, Changes, ChangeType
from .components import as_kept
from .drafts import Draft, check_whole
from .errors import known
from .loose import Json, an_object
from .mentions import find_mentions, text_of
from .messages import Attachment, Message, MessageFlag, MessageStore, MessageType, Origin
from .payloads import member_json
from .permissions import Permission, in_channel
from .rendering import Renderer
from .sessions import Intent, Sessions
from .unfurling import picture_embeds
from .world import Channel, ChannelType, World

HIDDEN: Json = {"content": "", "embeds": [], "attachments": [], "components": [], "message_snapshots": []}


def redacted(message: Json) -> Json:
    """A message object without what the Message Content intent is needed for."""
    return message | {key: empty for key, empty in HIDDEN.items() if key in message}


class Posting:
    """The one place where messages change."""

    def __init__(
        self,
        *,
        world: World,
        messages: MessageStore,
        files: Files,
        sessions: Sessions,
        changes: Changes,
        renderer: Renderer,
        clock: Callable[[], float],
    ) -> None:
        self._world = world
        self._messages = messages
        self._files = files
        self._sessions = sessions
        self._changes = changes
        self._renderer = renderer
        self._clock = clock

    def post(
        self,
        draft: Draft,
        *,
        channel: Channel,
        author_id: str,
        type: MessageType = MessageType.DEFAULT,
        visible_to: str | None = None,
        origin: Origin | None = None,
        refers_to: tuple[str, str] | None = None,
        extra_flags: int = 0,
        message_id: str | None = None,
        snapshots: tuple[Message, ...] = (),
    ) -> Message:
        """Make a message from a draft; `message_id` is given for the first message of a forum post."""
        v2 = bool(draft.flags & MessageFlag.COMPONENTS_V2)
        check_whole(draft, content=draft.content, embeds=draft.embeds, v2=v2, names=_names(draft, []))
        is_filled = snapshots or draft.content or draft.embeds or draft.new_files or draft.components
        if not (is_filled or extra_flags & MessageFlag.LOADING):
            raise known(50006)
        message = Message(
            id=message_id or self._world.snowflakes.next(),
            channel_id=channel.id,
            author_id=author_id,
            type=type,
            content=draft.content,
            created_at=self._clock(),
            flags=draft.flags | extra_flags,
            embeds=draft.embeds,
            nonce=draft.nonce,
            refers_to=refers_to,
            origin=origin,
            visible_to=visible_to,
            by_interaction=origin is not None,
            snapshots=snapshots,
        )
        self._attach(message, draft)
        self._keep_parts(message, draft)
        self._place(message, channel)
        return message

    def unfurl(self, message: Message) -> None:
        """Show the pictures that a person's message links to; Discord does so a moment after it was sent."""
        embeds = picture_embeds(message.content, self._files)
        if embeds and not message.flags & MessageFlag.SUPPRESS_EMBEDS:
            message.embeds = embeds
            self.announce(message, ChangeType.MESSAGE_UPDATE)

    def place_notice(self, message: Message, channel: Channel) -> None:
        """Put in a message that the server itself makes, such as a thread's first one."""
        self._place(message, channel)

    def edit(self, message: Message, draft: Draft) -> None:
        """Change a message as a draft asks; what the draft does not name stays."""
        kept = [each for each in message.attachments if draft.kept is None or each.id in draft.kept]
        content = draft.content if "content" in draft.given else message.content
        embeds = draft.embeds if "embeds" in draft.given else message.embeds
        v2 = message.is_v2 or bool(draft.flags & MessageFlag.COMPONENTS_V2)
        check_whole(draft, content=content, embeds=embeds, v2=v2, names=_names(draft, kept))
        components = draft.components if "components" in draft.given else message.components
        if not (content or embeds or kept or draft.new_files or components):
            raise known(50006)
        was_loading = bool(message.flags & MessageFlag.LOADING)
        for gone in message.attachments:
            if gone not in kept:
                self._files.remove(gone)
        message.attachments = kept
        for attachment in kept:
            attachment.description = draft.descriptions.get(attachment.id, attachment.description)
        message.content, message.embeds = content, embeds
        message.flags = (message.flags & ~self._dropped(draft)) | draft.flags
        message.edited_at = None if was_loading else self._clock()
        self._attach(message, draft)
        self._keep_parts(message, draft)
        self.announce(message, ChangeType.MESSAGE_UPDATE)

    def _dropped(self, draft: Draft) -> int:
        """The flags an edit takes away; version 2 is for ever."""
        cleared = MessageFlag.SUPPRESS_EMBEDS if "flags" in draft.given else 0
        return int(MessageFlag.LOADING | cleared)

    def delete(self, message: Message) -> None:
        """Remove a message and its files."""
        self._messages.remove(message)
        for attachment in message.attachments:
            self._files.remove(attachment)
        channel = self._world.channels[message.channel_id]
        if channel.thread is not None:
            channel.thread.message_count = max(0, channel.thread.message_count - 1)
        if not message.is_ephemeral:
            data: Json = {"id": message.id, "channel_id": channel.id}
            self._dispatch("MESSAGE_DELETE", channel, data | self._guild_part(channel))
        self._changes.announce(
            Change(
                type=ChangeType.MESSAGE_DELETE,
                channel_id=channel.id,
                message_id=message.id,
                visible_to=message.visible_to,
            )
        )

    def announce(self, message: Message, change: ChangeType) -> None:
        """Tell the gateway and the page that a message is new or changed."""
        channel = self._world.channels[message.channel_id]
        if not message.is_ephemeral:
            event = "MESSAGE_CREATE" if change is ChangeType.MESSAGE_CREATE else "MESSAGE_UPDATE"
            data = self._renderer.message(message) | self._guild_part(channel)
            author = self._world.members.get(message.author_id)
            if channel.type is not ChannelType.DM and author is not None:
                data["member"] = member_json(author, with_user=False)
            hidden = None if self.is_readable(message) else redacted(data)
            self._dispatch(event, channel, data, redacted=hidden)
        self._changes.announce(
            Change(type=change, channel_id=channel.id, message_id=message.id, visible_to=message.visible_to)
        )

    def is_readable(self, message: Message) -> bool:
        """Whether an application without Message Content still gets the contents.

        Discord reference, "Message Content Intent": own messages, direct messages, messages that mention the bot
        or reply to it.
        """
        bot_id = self._world.bot.id
        if message.author_id == bot_id or bot_id in message.mentions.users:
            return True
        if self._world.channels[message.channel_id].type is ChannelType.DM:
            return True
        replied = self._messages.get(message.refers_to[1]) if message.refers_to is not None else None
        return replied is not None and replied.author_id == bot_id

    def _attach(self, message: Message, draft: Draft) -> None:
        for new in draft.new_files:
            attachment = self._files.add(
                channel_id=message.channel_id,
                filename=new.filename,
                data=new.file.data,
                content_type=new.file.content_type,
                description=new.description,
                ephemeral=message.is_ephemeral,
            )
            message.attachments.append(attachment)

    def _keep_parts(self, message: Message, draft: Draft) -> None:
        by_name = {attachment.filename: attachment for attachment in message.attachments}
        if "components" in draft.given:
            message.components = as_kept(draft.components, media=lambda url: self._media(url, by_name))
        message.embeds = [self._embed(embed, by_name) for embed in message.embeds]
        channel = self._world.channels[message.channel_id]
        rights = in_channel(self._world, message.author_id, channel)
        replied = (
            self._messages.get(message.refers_to[1])
            if message.type is MessageType.REPLY and message.refers_to
            else None
        )
        by_hand = replied is not None and message.origin is None
        message.mentions = find_mentions(
            text_of(message.content, message.components),
            world=self._world,
            allowed=draft.allowed_mentions,
            may_ping_everyone=bool(rights & Permission.MENTION_EVERYONE),
            replied_to=replied.author_id if by_hand and replied is not None else None,
        )

    def _media(self, url: str, by_name: dict[str, Attachment]) -> Json:
        """What to keep of a media url: the attachment it names, or the address elsewhere."""
        if url.startswith("attachment://"):
            return {"attachment_id": by_name[safe_filename(url.removeprefix("attachment://"))].id}
        attachment = self._files.of_link(url)
        if attachment is not None:
            return {"attachment_id": attachment.id}
        return {"url": url, "id": self._world.snowflakes.next()}

    def _embed(self, embed: Json, by_name: dict[str, Attachment]) -> Json:
        kept: dict[str, Any] = {"type": "rich", **embed}
        for key in ("image", "thumbnail"):
            url = str((an_object(embed.get(key)) or {}).get("url", ""))
            if url.startswith("attachment://"):
                attachment = by_name.get(safe_filename(url.removeprefix("attachment://")))
                kept[key] = {"attachment_id": attachment.id} if attachment is not None else None
        return kept

    def _place(self, message: Message, channel: Channel) -> None:
        facts = channel.thread
        if facts is not None:
            message.position = facts.total_sent
            is_opening = message.id == channel.id or message.type is MessageType.THREAD_STARTER
            facts.total_sent += 0 if is_opening else 1
            facts.message_count += 0 if is_opening else 1
            if message.author_id not in facts.member_ids:
                facts.member_ids.append(message.author_id)
        self._messages.add(message)
        if not message.is_ephemeral:
            channel.last_message_id = message.id
        self.announce(message, ChangeType.MESSAGE_CREATE)

    def _guild_part(self, channel: Channel) -> Json:
        return {} if channel.type is ChannelType.DM else {"guild_id": self._world.guild.id}

    def _dispatch(self, event: str, channel: Channel, data: Json, *, redacted: Json | None = None) -> None:
        in_guild = channel.type is not ChannelType.DM
        intent = Intent.GUILD_MESSAGES if in_guild else Intent.DIRECT_MESSAGES
        self._sessions.dispatch(event, data, intent=intent, in_guild=in_guild, redacted=redacted)


def _names(draft: Draft, kept: list[Attachment]) -> frozenset[str]:
    """The names attachment:// may use: as sent, and as Discord writes them."""
    names = {attachment.filename for attachment in kept}
    for new in draft.new_files:
        names |= {new.filename, safe_filename(new.filename)}
    return frozenset(names)
