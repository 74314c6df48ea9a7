"""Starting and changing threads, and telling the gateway and the page about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .changes import Change, Changes, ChangeType
from .errors import FormErrors, known
from .loose import Json, a_list, an_integer
from .messages import Message, MessageFlag, MessageStore, MessageType
from .posting import Posting
from .rendering import Renderer
from .sessions import Intent, Sessions
from .shapes import shaped
from .world import Channel, ChannelType, ThreadFacts, World

ARCHIVE_MINUTES = [60, 1440, 4320, 10080]
# A guild's limit of active threads (Discord answers 160006 beyond it).
MAX_ACTIVE = 1000
# A forum's flag that posts need a tag (Discord reference, "Channel Flags").
REQUIRE_TAG = 1 << 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadWish:
    """What a request asks a new thread to be."""

    name: str
    auto_archive_minutes: int
    slowmode: int
    private: bool
    invitable: bool
    tags: tuple[str, ...]


def read_wish(payload: Json) -> ThreadWish:
    """Read and check the body of a request for a thread."""
    errors = FormErrors()
    shaped(payload)
    name = payload.get("name")
    if not isinstance(name, str):
        errors.required(("name",))
        name = ""
    else:
        errors.length(("name",), name, 1, 100)
    minutes = payload.get("auto_archive_duration")
    if minutes is not None and minutes not in ARCHIVE_MINUTES:
        errors.choices(("auto_archive_duration",), ARCHIVE_MINUTES)
    slowmode = an_integer(payload.get("rate_limit_per_user")) or 0
    if not 0 <= slowmode <= 21600:
        message = "int value should be less than or equal to 21600."
        errors.add(("rate_limit_per_user",), "NUMBER_TYPE_MAX", message)
    errors.raise_if_any()
    return ThreadWish(
        name=name,
        auto_archive_minutes=minutes or 4320,
        slowmode=slowmode,
        private=payload.get("type", ChannelType.PRIVATE_THREAD) == ChannelType.PRIVATE_THREAD,
        invitable=payload.get("invitable") is not False,
        tags=tuple(str(tag) for tag in a_list(payload.get("applied_tags")) or ()),
    )


class Threads:
    """The one place where threads begin and change."""

    def __init__(
        self,
        *,
        world: World,
        messages: MessageStore,
        posting: Posting,
        sessions: Sessions,
        changes: Changes,
        renderer: Renderer,
        clock: Callable[[], float],
    ) -> None:
        self._world = world
        self._messages = messages
        self._posting = posting
        self._sessions = sessions
        self._changes = changes
        self._renderer = renderer
        self._clock = clock

    def from_message(self, wish: ThreadWish, *, parent: Channel, message: Message) -> Channel:
        """A public thread under a message; it takes the message's id."""
        if message.id in self._world.channels:
            raise known(160004)
        thread = self._open(wish, parent=parent, thread_id=message.id, type=ChannelType.PUBLIC_THREAD)
        message.flags |= MessageFlag.HAS_THREAD
        self._tell("THREAD_CREATE", thread, newly=True)
        self._posting.announce(message, ChangeType.MESSAGE_UPDATE)
        notice = Message(
            id=self._world.snowflakes.next(),
            channel_id=thread.id,
            author_id=self._world.bot.id,
            type=MessageType.THREAD_STARTER,
            content="",
            created_at=self._clock(),
            refers_to=(parent.id, message.id),
        )
        self._posting.place_notice(notice, thread)
        return thread

    def alone(self, wish: ThreadWish, *, parent: Channel) -> Channel:
        """A thread without a message; the parent gets a notice when it is public."""
        kind = ChannelType.PRIVATE_THREAD if wish.private else ChannelType.PUBLIC_THREAD
        thread = self._open(wish, parent=parent, thread_id=self._world.snowflakes.next(), type=kind)
        self._tell("THREAD_CREATE", thread, newly=True)
        if not wish.private:
            notice = Message(
                id=self._world.snowflakes.next(),
                channel_id=parent.id,
                author_id=self._world.bot.id,
                type=MessageType.THREAD_CREATED,
                content=thread.name,
                created_at=self._clock(),
                refers_to=(thread.id, thread.id),
            )
            self._posting.place_notice(notice, parent)
        return thread

    def open_post(self, wish: ThreadWish, *, forum: Channel) -> Channel:
        """The thread of a forum post; its first message is posted by the caller."""
        known_tags = {tag.id for tag in forum.available_tags}
        errors = FormErrors()
        for index, tag in enumerate(wish.tags):
            if tag not in known_tags:
                errors.add(("applied_tags", index), "BASE_TYPE_CHOICES", "Unknown tag")
        errors.raise_if_any()
        if forum.flags & REQUIRE_TAG and not wish.tags:
            raise known(40067)
        thread_id = self._world.snowflakes.next()
        return self._open(wish, parent=forum, thread_id=thread_id, type=ChannelType.PUBLIC_THREAD)

    def announce_post(self, thread: Channel) -> None:
        """Tell everyone about a forum post once its first message is there."""
        self._tell("THREAD_CREATE", thread, newly=True)

    def _open(self, wish: ThreadWish, *, parent: Channel, thread_id: str, type: ChannelType) -> Channel:
        active = [thread for thread in self._world.threads() if thread.thread and not thread.thread.archived]
        if len(active) >= MAX_ACTIVE:
            raise known(160006)
        now = self._clock()
        facts = ThreadFacts(
            owner_id=self._world.bot.id,
            created_at=now,
            archive_changed_at=now,
            auto_archive_minutes=wish.auto_archive_minutes,
            invitable=wish.invitable,
            member_ids=[self._world.bot.id],
            applied_tags=list(wish.tags),
        )
        thread = Channel(
            id=thread_id, type=type, name=wish.name, parent_id=parent.id, slowmode=wish.slowmode, thread=facts
        )
        self._world.channels[thread.id] = thread
        return thread

    def change(self, thread: Channel, *, archived: bool | None = None, locked: bool | None = None) -> None:
        """Archive or lock a thread, or undo it."""
        facts = thread.thread
        assert facts is not None  # only called for threads
        if archived is not None and archived != facts.archived:
            facts.archived = archived
            facts.archive_changed_at = self._clock()
        if locked is not None:
            facts.locked = locked
        self.announce(thread)

    def wake(self, channel: Channel) -> None:
        """Un-archive a thread because somebody writes into it."""
        if channel.thread is not None and channel.thread.archived:
            self.change(channel, archived=False)

    def announce(self, thread: Channel) -> None:
        """Tell everyone that a thread changed."""
        self._tell("THREAD_UPDATE", thread)

    def remove(self, channel: Channel) -> None:
        """Delete a thread or channel with everything in it."""
        self._messages.forget_channel(channel.id)
        del self._world.channels[channel.id]
        body: Json = {"id": channel.id, "guild_id": self._world.guild.id, "type": int(channel.type)}
        event = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        data = body | {"parent_id": channel.parent_id} if channel.is_thread else self._renderer.channel(channel)
        self._sessions.dispatch(event, data, intent=Intent.GUILDS)
        self._changes.announce(Change(type=ChangeType.CHANNEL_UPDATE, channel_id=channel.id))

    def _tell(self, event: str, thread: Channel, *, newly: bool = False) -> None:
        data = self._renderer.channel(thread) | ({"newly_created": True} if newly else {})
        self._sessions.dispatch(event, data, intent=Intent.GUILDS)
        change = ChangeType.THREAD_CREATE if newly else ChangeType.CHANNEL_UPDATE
        self._changes.announce(Change(type=change, channel_id=thread.id))
