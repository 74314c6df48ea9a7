"""Gateway sessions: who is connected, what each may hear, and what to replay on a resume."""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Protocol

from .loose import Json
from .world import World

# How many events a session keeps for a resume; Discord keeps "several minutes" of them.
REPLAY_LIMIT = 5000
# IDENTIFYs per 24 hours (Discord reference, "Session Start Limit Object").
IDENTIFY_BUDGET = 1000


class Intent(IntFlag):
    """Gateway intents this server filters by (Discord reference, "Gateway Intents")."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


class Connection(Protocol):
    """One open socket of a session."""

    def send(self, text: str) -> None:
        """Queue a text for the socket."""
        ...

    def close(self, code: int, reason: str = "") -> None:
        """Close the socket with a code."""
        ...

    def reset(self) -> None:
        """Break the connection without a word."""
        ...


@dataclass(slots=True, kw_only=True)
class Session:
    """One gateway session, connected or waiting to be resumed."""

    id: str
    intents: int
    shard_id: int
    shard_count: int
    sequence: int = 0
    connection: Connection | None = None
    sent: deque[tuple[int, str]] = field(default_factory=lambda: deque[tuple[int, str]](maxlen=REPLAY_LIMIT))

    def dispatch(self, event: str, data: str) -> None:
        """Send an event (its data as JSON text), and keep it for a resume."""
        self.sequence += 1
        text = f'{{"op":0,"s":{self.sequence},"t":"{event}","d":{data}}}'
        self.sent.append((self.sequence, text))
        if self.connection is not None:
            self.connection.send(text)

    def replay(self, after: int) -> bool:
        """Send again what came after a sequence number; False when that is no longer kept."""
        if after > self.sequence or (self.sent and after < self.sent[0][0] - 1):
            return False
        missed = [text for sequence, text in self.sent if sequence > after]
        for text in missed:
            assert self.connection is not None  # a resume happens on a connection
            self.connection.send(text)
        return True


class Sessions:
    """All gateway sessions of the application."""

    def __init__(self, *, world: World) -> None:
        self._world = world
        self._by_id: dict[str, Session] = {}
        self.identifies = 0
        self.recommended_shards = 1

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._by_id.values()))

    @property
    def online(self) -> bool:
        """Whether at least one session has an open socket."""
        return any(session.connection is not None for session in self._by_id.values())

    @property
    def reachable(self) -> bool:
        """Whether an event would reach the application now or after a resume."""
        return bool(self._by_id)

    def open(self, *, intents: int, shard_id: int, shard_count: int, connection: Connection) -> Session:
        """A new session; sessions of the same shard that lost their socket are superseded."""
        for other in list(self._by_id.values()):
            if other.shard_id == shard_id and other.connection is None:
                del self._by_id[other.id]
        session = Session(
            id=secrets.token_hex(16),
            intents=intents,
            shard_id=shard_id,
            shard_count=shard_count,
            connection=connection,
        )
        self._by_id[session.id] = session
        return session

    def find(self, session_id: str) -> Session | None:
        """A session to resume."""
        return self._by_id.get(session_id)

    def end(self, session: Session) -> None:
        """Make a session impossible to resume."""
        self._by_id.pop(session.id, None)

    def shard_of_guild(self, shard_count: int) -> int:
        """Which shard hears of the guild."""
        return (int(self._world.guild.id) >> 22) % shard_count

    def dispatch(
        self, event: str, data: Json, *, intent: int = 0, in_guild: bool = True, redacted: Json | None = None
    ) -> None:
        """Send an event to every session that wants it; `redacted` goes to those without Message Content."""
        texts: dict[bool, str] = {}
        for session in self._by_id.values():
            shard = self.shard_of_guild(session.shard_count) if in_guild else 0
            if session.shard_id != shard or (intent and not session.intents & intent):
                continue
            hide = redacted is not None and not session.intents & Intent.MESSAGE_CONTENT
            if hide not in texts:
                texts[hide] = json.dumps(redacted if hide else data, separators=(",", ":"))
            session.dispatch(event, texts[hide])
