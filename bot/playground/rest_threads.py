"""REST: starting threads and forum posts, and who is in a thread."""

from __future__ import annotations

from .api import Call, Reply, Route
from .core import Core
from .drafts import ON_CREATE, read_draft
from .errors import ApiError, FormErrors, known
from .loose import Json
from .payloads import iso
from .permissions import Permission
from .shapes import shaped
from .threads import read_wish
from .world import Channel, ChannelType


class ThreadRoutes:
    """Threads."""

    def __init__(self, *, core: Core) -> None:
        self._core = core

    def routes(self) -> list[Route]:
        """The operations served here."""
        one = "/channels/{channel_id}"
        return [
            Route("POST", f"{one}/messages/{{message_id}}/threads", self.from_message),
            Route("POST", f"{one}/threads", self.start),
            Route("GET", f"{one}/threads/archived/public", self.archived),
            Route("GET", "/guilds/{guild_id}/threads/active", self.active),
            Route("GET", f"{one}/thread-members", self.members),
            Route("PUT", f"{one}/thread-members/@me", self.join),
            Route("DELETE", f"{one}/thread-members/@me", self.leave),
            Route("PUT", f"{one}/thread-members/{{user_id}}", self.add),
        ]

    def from_message(self, call: Call) -> Reply:
        parent = self._core.access.channel(call.params["channel_id"])
        if parent.type is not ChannelType.TEXT:
            raise known(50024)
        self._core.access.require(parent, Permission.CREATE_PUBLIC_THREADS, Permission.READ_MESSAGE_HISTORY)
        message = self._core.messages.get(call.params["message_id"])
        if message is None or message.channel_id != parent.id or message.is_ephemeral:
            raise known(10008)
        wish = read_wish(shaped(call.form.payload))
        thread = self._core.threads.from_message(wish, parent=parent, message=message)
        return Reply(201, self._core.renderer.channel(thread))

    def start(self, call: Call) -> Reply:
        parent = self._core.access.channel(call.params["channel_id"])
        body = shaped(call.form.payload)
        if parent.type is ChannelType.FORUM:
            return self._post(parent, call, body)
        if parent.type is not ChannelType.TEXT:
            raise known(50024)
        wish = read_wish(body)
        needed = Permission.CREATE_PRIVATE_THREADS if wish.private else Permission.CREATE_PUBLIC_THREADS
        self._core.access.require(parent, needed)
        return Reply(201, self._core.renderer.channel(self._core.threads.alone(wish, parent=parent)))

    def _post(self, forum: Channel, call: Call, body: Json) -> Reply:
        """A forum post: the thread and its first message, which share an id."""
        self._core.access.require(forum, Permission.SEND_MESSAGES)
        wish = read_wish(body)
        if "message" not in body:
            errors = FormErrors()
            errors.required(("message",))
            errors.raise_if_any()
        limit = self._core.world.guild.attachment_size_limit
        draft = read_draft(call.form, allowed_flags=ON_CREATE, file_limit=limit, body=body["message"])
        self._core.access.require_contents(forum, draft)
        thread = self._core.threads.open_post(wish, forum=forum)
        try:
            message = self._core.posting.post(
                draft, channel=thread, author_id=self._core.world.bot.id, message_id=thread.id
            )
        except ApiError:
            del self._core.world.channels[thread.id]
            raise
        self._core.threads.announce_post(thread)
        answer = self._core.renderer.channel(thread)
        return Reply(201, answer | {"message": self._core.renderer.message(message)})

    def archived(self, call: Call) -> Reply:
        parent = self._core.access.channel(call.params["channel_id"])
        found = [thread for thread in self._core.world.threads() if thread.parent_id == parent.id]
        return self._listing([thread for thread in found if thread.thread and thread.thread.archived])

    def active(self, call: Call) -> Reply:
        if call.params["guild_id"] != self._core.world.guild.id:
            raise known(10004)
        threads = self._core.world.threads()
        return self._listing([thread for thread in threads if thread.thread and not thread.thread.archived])

    def _listing(self, threads: list[Channel]) -> Reply:
        render = self._core.renderer
        bot_id = self._core.world.bot.id
        joined = [thread for thread in threads if thread.thread and bot_id in thread.thread.member_ids]
        return Reply(
            200,
            {
                "threads": [render.channel(thread) for thread in threads],
                "members": [render.thread_member(thread, bot_id) for thread in joined],
                "has_more": False,
            },
        )

    def members(self, call: Call) -> Reply:
        thread = self._thread(call)
        facts = thread.thread
        ids = facts.member_ids if facts is not None else []
        now = iso(self._core.clock())
        listed = [{"id": thread.id, "user_id": user_id, "join_timestamp": now, "flags": 0} for user_id in ids]
        return Reply(200, listed)

    def join(self, call: Call) -> Reply:
        self._add(self._thread(call), self._core.world.bot.id)
        return Reply(204)

    def leave(self, call: Call) -> Reply:
        facts = self._thread(call).thread
        if facts is not None and self._core.world.bot.id in facts.member_ids:
            facts.member_ids.remove(self._core.world.bot.id)
        return Reply(204)

    def add(self, call: Call) -> Reply:
        thread = self._thread(call)
        self._core.access.require(thread, Permission.SEND_MESSAGES_IN_THREADS)
        if call.params["user_id"] not in self._core.world.members:
            raise known(10013)
        self._add(thread, call.params["user_id"])
        return Reply(204)

    def _add(self, thread: Channel, user_id: str) -> None:
        facts = thread.thread
        if facts is not None and facts.archived:
            raise known(50083)
        if facts is not None and user_id not in facts.member_ids:
            facts.member_ids.append(user_id)

    def _thread(self, call: Call) -> Channel:
        channel = self._core.access.channel(call.params["channel_id"])
        if not channel.is_thread:
            raise known(50024)
        return channel
