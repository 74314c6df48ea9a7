"""Messages as this server keeps them, and the store that finds them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

from .loose import Json


class MessageType(IntEnum):
    """Kinds of message this server makes (Discord reference, "Message Types")."""

    DEFAULT = 0
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU_COMMAND = 23


class MessageFlag(IntFlag):
    """Message flags (Discord reference, "Message Flags")."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


@dataclass(slots=True, kw_only=True)
class Attachment:
    """A stored file; its link is made anew each time it is shown."""

    id: str
    channel_id: str
    filename: str
    data: bytes
    content_type: str | None
    size: tuple[int, int] | None
    description: str | None = None
    ephemeral: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """Whom a message pings."""

    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    everyone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The interaction a message answers, as others may see it."""

    interaction_id: str
    type: int
    user_id: str
    name: str | None  # the command's name, for commands
    metadata: Json  # Discord's interaction_metadata without the user


@dataclass(slots=True, kw_only=True)
class Message:
    """One message."""

    id: str
    channel_id: str
    author_id: str
    type: MessageType
    content: str
    created_at: float
    edited_at: float | None = None
    flags: int = 0
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    mentions: Mentions = field(default_factory=Mentions)
    nonce: str | int | None = None
    refers_to: tuple[str, str] | None = None  # channel id, message id
    origin: Origin | None = None
    visible_to: str | None = None  # the only person who sees it, when ephemeral
    by_interaction: bool = False  # sent through an interaction's token
    position: int | None = None  # place in a thread
    snapshots: tuple[Message, ...] = ()  # what a forward shows: copies of messages as they were

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return self.visible_to is not None

    @property
    def is_v2(self) -> bool:
        """Whether its components are version 2."""
        return bool(self.flags & MessageFlag.COMPONENTS_V2)


class MessageStore:
    """All messages, by id and in order within their channel."""

    def __init__(self) -> None:
        self._by_id: dict[str, Message] = {}
        self._order: dict[str, list[int]] = {}

    def add(self, message: Message) -> None:
        """Keep a new message."""
        self._by_id[message.id] = message
        order = self._order.setdefault(message.channel_id, [])
        order.insert(bisect_left(order, int(message.id)), int(message.id))

    def get(self, message_id: str) -> Message | None:
        """A message by id, whoever may see it."""
        return self._by_id.get(message_id)

    def remove(self, message: Message) -> None:
        """Forget a message."""
        del self._by_id[message.id]
        self._order[message.channel_id].remove(int(message.id))

    def forget_channel(self, channel_id: str) -> None:
        """Forget everything said in a channel."""
        for message_id in self._order.pop(channel_id, []):
            del self._by_id[str(message_id)]

    def in_channel(self, channel_id: str) -> list[Message]:
        """Everything in a channel, oldest first."""
        return [self._by_id[str(message_id)] for message_id in self._order.get(channel_id, [])]

    def public(self, channel_id: str) -> list[Message]:
        """What everybody sees in a channel, oldest first."""
        return [message for message in self.in_channel(channel_id) if not message.is_ephemeral]

    def page(
        self, channel_id: str, *, limit: int, before: int | None, after: int | None, around: int | None
    ) -> list[Message]:
        """One page of a channel as GET messages answers it: newest first."""
        shown = self.public(channel_id)
        ids = [int(message.id) for message in shown]
        if around is not None:
            middle = bisect_left(ids, around)
            start = max(0, middle - limit // 2)
            chosen = shown[start : start + limit]
        elif after is not None:
            start = bisect_right(ids, after)
            chosen = shown[start : start + limit]
        else:
            end = bisect_left(ids, before) if before is not None else len(shown)
            chosen = shown[max(0, end - limit) : end]
        return chosen[::-1]


def walk(components: Iterable[Json]) -> Iterable[Json]:
    """Every component of a tree, parents first."""
    for component in components:
        yield component
        yield from walk(component.get("components") or ())
        for key in ("accessory", "component"):
            if component.get(key) is not None:
                yield from walk((component[key],))
