"""The parts of the local Discord, put together."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable

from .access import Access
from .avatars import Avatars
from .cdn import Files
from .changes import Change, Changes, ChangeType
from .commands import CommandBook
from .faults import Faults
from .interactions import InteractionBook
from .messages import MessageStore
from .posting import Posting
from .rendering import Renderer
from .sessions import Sessions
from .threads import Threads
from .world import Channel, World


class Core:
    """Everything behind the sockets; the parts know each other through their constructors only."""

    def __init__(self, *, world: World, clock: Callable[[], float], token: str | None = None) -> None:
        self.world = world
        self.clock = clock
        self.token = token or bot_token(world.application.id)
        self.base = ""  # the server's address, known once it listens
        self.messages = MessageStore()
        self.files = Files(snowflakes=world.snowflakes, clock=clock)
        self.avatars = Avatars(world=world)
        self.changes = Changes()
        self.sessions = Sessions(world=world)
        self.faults = Faults(sessions=self.sessions)
        self.access = Access(world=world)
        self.renderer = Renderer(world=world, files=self.files, messages=self.messages)
        self.commands = CommandBook(
            application_id=world.application.id, snowflakes=world.snowflakes, changes=self.changes
        )
        self.posting = Posting(
            world=world,
            messages=self.messages,
            files=self.files,
            sessions=self.sessions,
            changes=self.changes,
            renderer=self.renderer,
            clock=clock,
        )
        self.threads = Threads(
            world=world,
            messages=self.messages,
            posting=self.posting,
            sessions=self.sessions,
            changes=self.changes,
            renderer=self.renderer,
            clock=clock,
        )
        self.interactions = InteractionBook(
            world=world, sessions=self.sessions, changes=self.changes, renderer=self.renderer, clock=clock
        )

    def reset_token(self) -> None:
        """Make the old token worthless."""
        self.token = bot_token(self.world.application.id)

    def announce_typing(self, channel: Channel) -> None:
        """Tell the page that the bot is typing."""
        self.changes.announce(Change(type=ChangeType.TYPING, channel_id=channel.id))

    def listen_at(self, base: str) -> None:
        """Learn the address that links and the gateway are reached at."""
        self.base = self.files.base = base


def bot_token(application_id: str) -> str:
    """A token of the shape Discord gives out: the application's id, a time and a signature."""
    owner = b64encode(application_id.encode()).decode().rstrip("=")
    return f"{owner}.{secrets.token_urlsafe(4)[:6]}.{secrets.token_urlsafe(28)[:38]}"
