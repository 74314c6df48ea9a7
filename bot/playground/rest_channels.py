"""REST: channels, and messages sent with the bot token."""

from __future__ import annotations

from collections.abc import Mapping

from .api import Call, Reply, Route
from .core import Core
from .drafts import ON_CREATE, ON_EDIT, Draft, read_draft
from .errors import ApiError, FormErrors, form_error, known
from .loose import Json
from .messages import Message, MessageFlag, MessageType
from .permissions import Permission
from .posting import redacted
from .shapes import shaped
from .world import Channel, ChannelType

# How long Discord remembers a nonce ("a few minutes"; three have been observed).
NONCE_SECONDS = 180.0
PAGE = 50


class ChannelRoutes:
    """Channels and their messages."""

    def __init__(self, *, core: Core) -> None:
        self._core = core
        self._nonces: dict[str, tuple[float, str]] = {}

    def routes(self) -> list[Route]:
        """The operations served here."""
        one = "/channels/{channel_id}"
        message = f"{one}/messages/{{message_id}}"
        return [
            Route("GET", one, self.get),
            Route("PATCH", one, self.change),
            Route("DELETE", one, self.remove),
            Route("POST", f"{one}/typing", self.typing),
            Route("GET", f"{one}/messages", self.list),
            Route("POST", f"{one}/messages", self.create),
            Route("GET", message, self.get_message),
            Route("PATCH", message, self.edit_message),
            Route("DELETE", message, self.delete_message),
        ]

    def get(self, call: Call) -> Reply:
        channel = self._core.access.channel(call.params["channel_id"])
        return Reply(200, self._core.renderer.channel(channel))

    def change(self, call: Call) -> Reply:
        channel = self._core.access.channel(call.params["channel_id"])
        body = shaped(call.form.payload)
        if channel.type is ChannelType.DM:
            raise known(50003)
        name = body.get("name")
        if name is not None:
            errors = FormErrors()
            errors.length(("name",), str(name), 1, 100)
            errors.raise_if_any()
        if not channel.is_thread:
            self._core.access.require(channel, Permission.MANAGE_CHANNELS)
            channel.name = name or channel.name
            channel.topic = body.get("topic", channel.topic)
            return Reply(200, self._core.renderer.channel(channel))
        self._change_thread(channel, body)
        return Reply(200, self._core.renderer.channel(channel))

    def _change_thread(self, thread: Channel, body: Json) -> None:
        facts = thread.thread
        assert facts is not None  # the caller looked
        own = facts.owner_id == self._core.world.bot.id
        only_waking = set(body) <= {"archived"} and body.get("archived") is False
        if facts.locked or not (own or only_waking) or "locked" in body:
            self._core.access.require(thread, Permission.MANAGE_THREADS)
        if facts.archived and body.get("archived") is not False and set(body) - {"archived", "locked"}:
            raise known(50083)
        thread.name = body.get("name") or thread.name
        thread.slowmode = body.get("rate_limit_per_user") or thread.slowmode
        facts.auto_archive_minutes = body.get("auto_archive_duration") or facts.auto_archive_minutes
        if body.get("applied_tags") is not None:
            facts.applied_tags = [str(tag) for tag in body["applied_tags"]]
        self._core.threads.change(thread, archived=body.get("archived"), locked=body.get("locked"))

    def remove(self, call: Call) -> Reply:
        channel = self._core.access.channel(call.params["channel_id"])
        body = self._core.renderer.channel(channel)
        if channel.type is not ChannelType.DM:
            needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
            self._core.access.require(channel, needed)
            self._core.threads.remove(channel)
        return Reply(200, body)

    def typing(self, call: Call) -> Reply:
        channel = self._core.access.channel(call.params["channel_id"])
        needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        self._core.access.require(channel, needed)
        self._core.announce_typing(channel)
        return Reply(204)

    def list(self, call: Call) -> Reply:
        channel = self._core.access.channel(call.params["channel_id"])
        if not self._core.access.holds(channel, Permission.READ_MESSAGE_HISTORY):
            return Reply(200, [])
        limit = _integer(call.query, "limit", PAGE)
        if not 1 <= limit <= 100:
            raise form_error(("limit",), "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        given = {key: _snowflake(call.query, key) for key in ("before", "after", "around")}
        page = self._core.messages.page(channel.id, limit=limit, **given)
        return Reply(200, [self._shown(message) for message in page])

    def create(self, call: Call) -> Reply:
        channel = self._core.access.channel(call.params["channel_id"])
        draft = self._read(call, ON_CREATE)
        self._core.access.require_send(channel, draft)
        repeated = self._repeated(draft)
        if repeated is not None:
            return Reply(200, self._core.renderer.message(repeated))
        refers_to = self._replied(channel, draft)
        self._core.threads.wake(channel)
        message = self._core.posting.post(
            draft,
            channel=channel,
            author_id=self._core.world.bot.id,
            type=MessageType.REPLY if refers_to is not None else MessageType.DEFAULT,
            refers_to=refers_to,
        )
        if draft.nonce is not None:
            self._nonces[str(draft.nonce)] = (self._core.clock(), message.id)
        return Reply(200, self._core.renderer.message(message))

    def get_message(self, call: Call) -> Reply:
        channel, message = self._find(call)
        self._core.access.require(channel, Permission.READ_MESSAGE_HISTORY)
        return Reply(200, self._shown(message))

    def edit_message(self, call: Call) -> Reply:
        channel, message = self._find(call)
        if message.author_id != self._core.world.bot.id:
            raise known(50005)
        if message.type in (MessageType.THREAD_STARTER, MessageType.THREAD_CREATED):
            raise known(50021)
        if channel.thread is not None and channel.thread.archived:
            raise known(50083)
        draft = self._read(call, ON_EDIT)
        self._core.access.require_contents(channel, draft)
        self._core.posting.edit(message, draft)
        return Reply(200, self._core.renderer.message(message))

    def delete_message(self, call: Call) -> Reply:
        channel, message = self._find(call)
        if message.type is MessageType.THREAD_STARTER:
            raise known(50021)
        if message.author_id != self._core.world.bot.id:
            self._core.access.require(channel, Permission.MANAGE_MESSAGES)
        self._core.posting.delete(message)
        return Reply(204)

    def _read(self, call: Call, allowed: MessageFlag) -> Draft:
        limit = self._core.world.guild.attachment_size_limit
        return read_draft(call.form, allowed_flags=allowed, file_limit=limit)

    def _find(self, call: Call) -> tuple[Channel, Message]:
        channel = self._core.access.channel(call.params["channel_id"])
        message = self._core.messages.get(call.params["message_id"])
        if message is None or message.channel_id != channel.id or message.is_ephemeral:
            raise known(10008)
        return channel, message

    def _shown(self, message: Message) -> Json:
        body = self._core.renderer.message(message)
        may_read = self._core.world.application.message_content or self._core.posting.is_readable(message)
        return body if may_read else redacted(body)

    def _repeated(self, draft: Draft) -> Message | None:
        """The message an enforced nonce already stands for."""
        if draft.nonce is None or not draft.enforce_nonce:
            return None
        made, message_id = self._nonces.get(str(draft.nonce), (0.0, ""))
        if self._core.clock() - made > NONCE_SECONDS:
            return None
        return self._core.messages.get(message_id)

    def _replied(self, channel: Channel, draft: Draft) -> tuple[str, str] | None:
        if draft.reference is None:
            return None
        target = self._core.messages.get(draft.reference.message_id)
        if target is not None and target.channel_id == channel.id and not target.is_ephemeral:
            return channel.id, target.id
        if draft.reference.must_exist:
            raise form_error(("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        return None


def _integer(query: Mapping[str, str], key: str, default: int) -> int:
    text = query.get(key, str(default))
    if not text.isascii() or not text.isdigit():
        raise form_error((key,), "NUMBER_TYPE_COERCE", f'Value "{text}" is not int.')
    return int(text)


def _snowflake(query: Mapping[str, str], key: str) -> int | None:
    text = query.get(key)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise _not_snowflake(key, text)
    return int(text)


def _not_snowflake(key: str, text: str) -> ApiError:
    return form_error((key,), "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')
