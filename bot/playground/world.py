"""Who and what exists: one guild, its roles, channels and people, the application, direct messages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from .snowflakes import Snowflakes


class ChannelType(IntEnum):
    """Kinds of channel this server knows (Discord reference, "Channel Types")."""

    TEXT = 0
    DM = 1
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


THREAD_TYPES = frozenset({ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD})


class Standing(StrEnum):
    """A person's standing in the guild."""

    MEMBER = "member"
    MODERATOR = "moderator"


@dataclass(slots=True, kw_only=True)
class User:
    """An account, of a person or of the bot."""

    id: str
    name: str
    display_name: str
    color: str = "#5865f2"
    bot: bool = False
    avatar: str | None = None  # the hash of the profile picture


@dataclass(slots=True, kw_only=True)
class Role:
    """A role with its permission bits."""

    id: str
    name: str
    permissions: int
    position: int = 0
    color: int = 0
    bot_id: str | None = None


@dataclass(slots=True, kw_only=True)
class Member:
    """A user in the guild."""

    user: User
    role_ids: list[str]
    joined_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overwrite:
    """Bits allowed and denied to one role or member in one channel."""

    id: str
    for_member: bool = False
    allow: int = 0
    deny: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ForumTag:
    """A tag of a forum."""

    id: str
    name: str


@dataclass(slots=True, kw_only=True)
class ThreadFacts:
    """What only threads have."""

    owner_id: str
    created_at: float
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    auto_archive_minutes: int = 4320
    archive_changed_at: float = 0.0
    message_count: int = 0
    total_sent: int = 0
    member_ids: list[str] = field(default_factory=list[str])
    applied_tags: list[str] = field(default_factory=list[str])


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel of the guild, a thread, or a direct message."""

    id: str
    type: ChannelType
    name: str = ""
    topic: str | None = None
    parent_id: str | None = None
    position: int = 0
    flags: int = 0
    slowmode: int = 0
    age_restricted: bool = False
    overwrites: dict[str, Overwrite] = field(default_factory=dict[str, Overwrite])
    recipient_ids: list[str] = field(default_factory=list[str])
    available_tags: list[ForumTag] = field(default_factory=list[ForumTag])
    last_message_id: str | None = None
    thread: ThreadFacts | None = None

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread."""
        return self.type in THREAD_TYPES


@dataclass(slots=True, kw_only=True)
class Guild:
    """The one guild; the id of its everyone role is its own id."""

    id: str
    name: str
    owner_id: str
    # Bytes a member may attach; 10 MiB is the default without boosts (Discord reference, "Uploading Files").
    attachment_size_limit: int = 10 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Application:
    """The application and what its developer switched on in the portal."""

    id: str
    name: str
    # Privileged intents granted in the portal: none unless a test says so (Discord reference, "Gateway Intents").
    message_content: bool = False
    guild_members: bool = False
    presence: bool = False


class World:
    """Everything that exists, by id."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.snowflakes = Snowflakes(clock=clock)
        self.users: dict[str, User] = {}
        self.members: dict[str, Member] = {}
        self.roles: dict[str, Role] = {}
        self.channels: dict[str, Channel] = {}
        self.moderator_role_id = ""
        bot_id = self.snowflakes.next()
        self.application = Application(id=bot_id, name="Atelier")
        self.bot = User(id=bot_id, name="atelier", display_name="Atelier", bot=True)
        self.guild = Guild(id=self.snowflakes.next(), name="Atelier Studio", owner_id="")
        self._dms: dict[str, str] = {}

    @property
    def people(self) -> list[User]:
        """The people who take part, in order of arrival: neither the bot nor the guild's absent owner."""
        present = (member.user for member in self.members.values() if not member.user.bot)
        return [user for user in present if user.id != self.guild.owner_id]

    def find_user(self, name_or_id: str) -> User:
        """A user by id or display name. LookupError when there is none."""
        if name_or_id in self.users:
            return self.users[name_or_id]
        for user in self.users.values():
            if name_or_id in (user.display_name, user.name):
                return user
        raise LookupError(f"nobody here is called {name_or_id!r}")

    def find_channel(self, name_or_id: str) -> Channel:
        """A channel by id or name ("#studio" or "studio"); the newest of that name. LookupError when none."""
        if name_or_id in self.channels:
            return self.channels[name_or_id]
        name = name_or_id.removeprefix("#")
        for channel in reversed(self.channels.values()):
            if channel.name == name and channel.type is not ChannelType.DM:
                return channel
        raise LookupError(f"there is no channel {name_or_id!r}")

    def standing(self, user_id: str) -> Standing:
        """Whether a person is a member or a moderator."""
        member = self.members.get(user_id)
        moderates = member is not None and self.moderator_role_id in member.role_ids
        return Standing.MODERATOR if moderates else Standing.MEMBER

    def add_role(self, name: str, permissions: int, *, color: int = 0, bot_id: str | None = None) -> Role:
        """Add a role above the others."""
        role_id = self.snowflakes.next()
        position = len(self.roles)
        role = Role(id=role_id, name=name, permissions=int(permissions), position=position, color=color, bot_id=bot_id)
        self.roles[role_id] = role
        return role

    def add_person(self, name: str, *, moderator: bool = False, color: str = "#5865f2") -> User:
        """Add a person to the guild, with a direct message channel to the bot."""
        user_id = self.snowflakes.next()
        avatar = f"{int(user_id):032x}"
        user = User(id=user_id, name=name.lower(), display_name=name, color=color, avatar=avatar)
        roles = [self.moderator_role_id] if moderator else []
        self._join(user, roles)
        self.dm_with(user.id)
        return user

    def add_bot(self, role: Role) -> None:
        """Let the bot join with its managed role."""
        self._join(self.bot, [role.id])

    def _join(self, user: User, role_ids: list[str]) -> None:
        self.users[user.id] = user
        self.members[user.id] = Member(user=user, role_ids=role_ids, joined_at=self.clock())

    def remove_person(self, user_id: str) -> None:
        """Let a person leave the guild; the account and its direct messages stay."""
        del self.members[user_id]

    def add_channel(
        self,
        name: str,
        *,
        type: ChannelType = ChannelType.TEXT,
        topic: str | None = None,
        overwrites: tuple[Overwrite, ...] = (),
        tags: tuple[str, ...] = (),
    ) -> Channel:
        """Add a channel to the guild."""
        channel = Channel(
            id=self.snowflakes.next(),
            type=type,
            name=name,
            topic=topic,
            position=len(self.channels),
            overwrites={overwrite.id: overwrite for overwrite in overwrites},
            available_tags=[ForumTag(id=self.snowflakes.next(), name=tag) for tag in tags],
        )
        self.channels[channel.id] = channel
        return channel

    def dm_with(self, user_id: str) -> Channel:
        """The direct message channel between the bot and a user; made when there is none."""
        known = self._dms.get(user_id)
        if known is not None:
            return self.channels[known]
        recipients = [user_id, self.bot.id]
        channel = Channel(id=self.snowflakes.next(), type=ChannelType.DM, recipient_ids=recipients)
        self.channels[channel.id] = channel
        self._dms[user_id] = channel.id
        return channel

    def threads(self) -> list[Channel]:
        """All threads, oldest first."""
        return [channel for channel in self.channels.values() if channel.is_thread]
