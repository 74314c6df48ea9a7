"""Discord's JSON objects that draw on several parts of the server: channels, messages, attachments."""

from __future__ import annotations

from .cdn import Files
from .messages import Attachment, Json, Message, MessageFlag, MessageStore
from .payloads import iso, overwrite_json, user_json
from .permissions import in_channel
from .snowflakes import made_at
from .world import Channel, ChannelType, World

SNAPSHOT = (
    *("type", "content", "mentions", "mention_roles", "attachments"),
    *("embeds", "timestamp", "edited_timestamp", "flags", "components"),
)


class Renderer:
    """Makes the objects that need more than one part of the server: channels, messages, attachments."""

    def __init__(self, *, world: World, files: Files, messages: MessageStore) -> None:
        self._world = world
        self._files = files
        self._messages = messages

    def channel(self, channel: Channel, *, for_user: str | None = None) -> Json:
        """A channel object; with the permissions of a user when one is given, as interactions carry it."""
        body: Json = {
            "id": channel.id,
            "type": int(channel.type),
            "flags": channel.flags,
            "last_message_id": channel.last_message_id,
        }
        if channel.type is ChannelType.DM:
            others = [uid for uid in channel.recipient_ids if uid != self._world.bot.id]
            body["recipients"] = [user_json(self._world.users[uid]) for uid in others]
            return body
        body |= {
            "guild_id": self._world.guild.id,
            "name": channel.name,
            "parent_id": channel.parent_id,
            "rate_limit_per_user": channel.slowmode,
        }
        body |= self._thread_part(channel) if channel.is_thread else self._guild_part(channel)
        if for_user is not None:
            body["permissions"] = str(int(in_channel(self._world, for_user, channel)))
        return body

    def _guild_part(self, channel: Channel) -> Json:
        part: Json = {
            "position": channel.position,
            "topic": channel.topic,
            "nsfw": channel.age_restricted,
            "permission_overwrites": [overwrite_json(overwrite) for overwrite in channel.overwrites.values()],
        }
        if channel.type is ChannelType.FORUM:
            part |= {
                "available_tags": [
                    {"id": tag.id, "name": tag.name, "moderated": False, "emoji_id": None, "emoji_name": None}
                    for tag in channel.available_tags
                ],
                "default_reaction_emoji": None,
                "default_sort_order": None,
                "default_forum_layout": 0,
            }
        return part

    def _thread_part(self, channel: Channel) -> Json:
        facts = channel.thread
        assert facts is not None  # every thread is made with its facts
        part: Json = {
            "owner_id": facts.owner_id,
            "thread_metadata": {
                "archived": facts.archived,
                "archive_timestamp": iso(facts.archive_changed_at),
                "auto_archive_duration": facts.auto_archive_minutes,
                "locked": facts.locked,
                "create_timestamp": iso(facts.created_at),
            },
            "message_count": facts.message_count,
            "member_count": min(len(facts.member_ids), 50),
            "total_message_sent": facts.total_sent,
            "applied_tags": list(facts.applied_tags),
        }
        if channel.type is ChannelType.PRIVATE_THREAD:
            part["thread_metadata"]["invitable"] = facts.invitable
        if self._world.bot.id in facts.member_ids:
            part["member"] = self.thread_member(channel, self._world.bot.id)
        return part

    def thread_member(self, channel: Channel, user_id: str) -> Json:
        """A thread member object."""
        return {"id": channel.id, "user_id": user_id, "join_timestamp": iso(made_at(channel.id)), "flags": 0}

    def attachment(self, attachment: Attachment) -> Json:
        """An attachment object with a fresh link."""
        url = self._files.link(attachment)
        body: Json = {
            "id": attachment.id,
            "filename": attachment.filename,
            "size": len(attachment.data),
            "url": url,
            "proxy_url": url,
        }
        optional = {"content_type": attachment.content_type, "description": attachment.description}
        body |= {key: value for key, value in optional.items() if value is not None}
        if attachment.size is not None:
            body["width"], body["height"] = attachment.size
        if attachment.ephemeral:
            body["ephemeral"] = True
        if attachment.filename.startswith("SPOILER_"):
            body["flags"] = 1 << 3
        return body

    def message(self, message: Message, *, nested: bool = False) -> Json:
        """A message object; nested leaves out the message it refers to."""
        world = self._world
        mentioned = [world.users[uid] for uid in message.mentions.users if uid in world.users]
        body: Json = {
            "id": message.id,
            "type": int(message.type),
            "channel_id": message.channel_id,
            "content": message.content,
            "author": user_json(world.users[message.author_id]),
            "mentions": [user_json(user) for user in mentioned],
            "mention_roles": list(message.mentions.roles),
            "mention_everyone": message.mentions.everyone,
            "attachments": [self.attachment(attachment) for attachment in message.attachments],
            "embeds": [self._embed(embed) for embed in message.embeds],
            "components": [self._component(component) for component in message.components],
            "timestamp": iso(message.created_at),
            "edited_timestamp": iso(message.edited_at) if message.edited_at is not None else None,
            "flags": message.flags,
            "pinned": False,
            "tts": False,
        }
        if message.nonce is not None:
            body["nonce"] = message.nonce
        if message.position is not None:
            body["position"] = message.position
        if message.by_interaction:
            body["application_id"] = body["webhook_id"] = world.application.id
        elif message.author_id == world.bot.id:
            body["application_id"] = world.application.id
        if message.origin is not None:
            body |= self._origin(message)
        if message.refers_to is not None:
            body |= self._reference(message, nested=nested)
        if message.snapshots:
            body["message_snapshots"] = [{"message": self._snapshot(each)} for each in message.snapshots]
        thread = world.channels.get(message.id)
        if thread is not None and message.flags & MessageFlag.HAS_THREAD and not nested:
            body["thread"] = self.channel(thread)
        return body

    def _origin(self, message: Message) -> Json:
        origin = message.origin
        assert origin is not None  # the caller looked
        user = user_json(self._world.users[origin.user_id])
        body: Json = {"interaction_metadata": {**origin.metadata, "user": user}}
        if origin.name is not None:
            body["interaction"] = {"id": origin.interaction_id, "type": origin.type, "name": origin.name, "user": user}
        return body

    def _reference(self, message: Message, *, nested: bool) -> Json:
        assert message.refers_to is not None  # the caller looked
        channel_id, message_id = message.refers_to
        kind = 1 if message.snapshots else 0
        reference: Json = {"type": kind, "channel_id": channel_id, "message_id": message_id}
        if self._world.channels[message.channel_id].type is not ChannelType.DM:
            reference["guild_id"] = self._world.guild.id
        body: Json = {"message_reference": reference}
        if not nested and not message.snapshots:
            target = self._messages.get(message_id)
            body["referenced_message"] = self.message(target, nested=True) if target is not None else None
        return body

    def _snapshot(self, message: Message) -> Json:
        """The part of a message that a forward shows (Discord reference, "Message Snapshot Object")."""
        body = self.message(message, nested=True)
        return {key: body[key] for key in SNAPSHOT}

    def _embed(self, embed: Json) -> Json:
        body = {key: value for key, value in embed.items() if value is not None}
        for key in ("image", "thumbnail"):
            if key in body:
                body[key] = self._media(body[key])
        return body

    def _component(self, component: Json) -> Json:
        body = dict(component)
        if "components" in body:
            body["components"] = [self._component(child) for child in body["components"]]
        if "accessory" in body:
            body["accessory"] = self._component(body["accessory"])
        for key in ("media", "file"):
            if key in body:
                body[key] = self._media(body[key])
        if "items" in body:
            body["items"] = [{**item, "media": self._media(item["media"])} for item in body["items"]]
        return body

    def _media(self, media: Json) -> Json:
        """An unfurled media item: of one of our attachments, or of a picture elsewhere."""
        attachment = self._files.get(media.get("attachment_id", ""))
        if attachment is None:
            return {"url": media.get("url", ""), "proxy_url": media.get("url", ""), "id": media.get("id", "0")}
        link = self._files.link(attachment)
        url = media.get("url") or link
        body: Json = {"id": attachment.id, "url": url, "proxy_url": link, "attachment_id": attachment.id}
        width, height = attachment.size or (None, None)
        return body | {"width": width, "height": height, "content_type": attachment.content_type}
