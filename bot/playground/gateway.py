"""The gateway's WebSocket: hello, identify, resume, heartbeats and close codes."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from .changes import Change, ChangeType
from .compression import Compressor, compressor_for
from .core import Core
from .gateway_payloads import guild_create, members_chunk, ready
from .loose import Json, a_list, an_integer, an_object
from .resets import reset
from .sessions import IDENTIFY_BUDGET, Intent, Session

log = logging.getLogger(__name__)

# Discord reference, "Gateway Opcodes".
DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, MEMBERS, INVALID, HELLO, ACK = 0, 1, 2, 3, 4, 6, 8, 9, 10, 11
# Discord reference, "Gateway Close Event Codes".
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, BAD_TOKEN, ALREADY = 4001, 4002, 4003, 4004, 4005
INVALID_SEQUENCE, RATE_LIMITED, TIMED_OUT = 4007, 4008, 4009
INVALID_SHARD, INVALID_VERSION, INVALID_INTENTS, DISALLOWED_INTENTS = 4010, 4012, 4013, 4014
# 120 events per 60 seconds and connection (Discord reference, "Gateway Rate Limiting").
EVENTS, EVENT_SECONDS = 120, 60.0
MAX_PAYLOAD = 4096
KNOWN_INTENTS = (1 << 26) - 1
PRIVILEGED = {
    Intent.GUILD_MEMBERS: "guild_members",
    Intent.GUILD_PRESENCES: "presence",
    Intent.MESSAGE_CONTENT: "message_content",
}


@dataclass(frozen=True, slots=True)
class _Closing:
    code: int
    reason: str


class Socket:
    """One WebSocket: a queue of texts and the task that writes them."""

    def __init__(
        self,
        *,
        socket: web.WebSocketResponse,
        compressor: Compressor | None,
        transport: asyncio.Transport | None = None,
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._compressor = compressor
        self._queue: asyncio.Queue[str | _Closing] = asyncio.Queue()
        self.closed_with: int | None = None  # our own code; what clients echo may differ

    def send(self, text: str) -> None:
        """Queue a text."""
        self._queue.put_nowait(text)

    def send_json(self, op: int, data: Any) -> None:
        """Queue a message that is no dispatch."""
        self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def close(self, code: int, reason: str = "") -> None:
        """Queue the end: what was queued before is still sent."""
        self.closed_with = code
        self._queue.put_nowait(_Closing(code, reason))

    def reset(self) -> None:
        """Break the connection without a word."""
        if self._transport is not None:
            reset(self._transport)

    async def write(self) -> None:
        """Write until the end."""
        while True:
            item = await self._queue.get()
            if isinstance(item, _Closing):
                await self._socket.close(code=item.code, message=item.reason.encode())
                return
            try:
                if self._compressor is None:
                    await self._socket.send_str(item)
                else:
                    await self._socket.send_bytes(self._compressor.frame(item))
            except ConnectionError:
                return


class Gateway:
    """Serves /gateway."""

    def __init__(self, *, core: Core, heartbeat_interval: float) -> None:
        self._core = core
        self._heartbeat_interval = heartbeat_interval
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Hold one connection from hello to close."""
        if self._core.faults.refuses_gateway():
            raise web.HTTPServiceUnavailable
        response = web.WebSocketResponse(timeout=1.0, max_msg_size=1 << 20)
        await response.prepare(request)
        self._open.add(response)
        compressor = compressor_for(request.query.get("compress"))
        socket = Socket(socket=response, compressor=compressor, transport=request.transport)
        writer = asyncio.create_task(socket.write())
        talk = _Conversation(core=self._core, socket=socket, heartbeat_interval=self._heartbeat_interval)
        try:
            talk.hello(request.query.get("v", "10"), request.query.get("encoding", "json"))
            async for message in response:
                if message.type is WSMsgType.TEXT:
                    talk.hear(message.data)
                elif message.type is WSMsgType.BINARY:
                    talk.hear(message.data.decode("utf-8", "replace"))
        finally:
            talk.over(socket.closed_with or response.close_code)
            writer.cancel()
            self._open.discard(response)
        return response

    async def close(self) -> None:
        """Go away: close every socket so that clients come back to another server."""
        for response in list(self._open):
            await response.close(code=1001, message=b"Server is going away")


class _Conversation:
    """What is said on one connection."""

    def __init__(self, *, core: Core, socket: Socket, heartbeat_interval: float) -> None:
        self._core = core
        self._socket = socket
        self._interval = heartbeat_interval
        self._session: Session | None = None
        self._heard: deque[float] = deque(maxlen=EVENTS)
        self._watch: asyncio.TimerHandle | None = None
        self._beaten = True

    def hello(self, version: str, encoding: str) -> None:
        if version not in ("9", "10") or encoding != "json":
            self._socket.close(INVALID_VERSION, "Invalid API version")
            return
        self._socket.send_json(HELLO, {"heartbeat_interval": int(self._interval * 1000), "_trace": ["[]"]})
        self._expect_heartbeat()

    def _expect_heartbeat(self) -> None:
        """Close with a code that can be resumed when a whole interval and a half brought no heartbeat."""
        if not self._beaten:
            self._socket.close(4000, "No heartbeat")
            return
        self._beaten = False
        self._watch = asyncio.get_running_loop().call_later(self._interval * 1.5, self._expect_heartbeat)

    def hear(self, text: str) -> None:
        """Act on one message of the client."""
        now = time.monotonic()
        if len(self._heard) == EVENTS and now - self._heard[0] < EVENT_SECONDS:
            self._socket.close(RATE_LIMITED, "You are being rate limited.")
            return
        self._heard.append(now)
        try:
            message = an_object(json.loads(text))
        except ValueError:
            message = None
        if message is None or len(text) > MAX_PAYLOAD:
            self._socket.close(DECODE_ERROR, "Error while decoding payload.")
            return
        op, data = message.get("op"), an_object(message.get("d")) or {}
        if op == HEARTBEAT:
            self._beaten = True
            self._socket.send_json(ACK, None)
        elif op == IDENTIFY:
            self._identify(data)
        elif op == RESUME:
            self._resume(data)
        elif self._session is None:
            self._socket.close(NOT_AUTHENTICATED, "Not authenticated.")
        elif op == MEMBERS:
            self._request_members(self._session, data)
        elif op not in (PRESENCE, VOICE):
            self._socket.close(UNKNOWN_OPCODE, "Unknown opcode.")

    def _identify(self, data: Json) -> None:
        if self._session is not None:
            self._socket.close(ALREADY, "Already authenticated.")
            return
        if not self._is_token(data):
            self._socket.close(BAD_TOKEN, "Authentication failed.")
            return
        shard_id, shard_count = self._shard(data)
        if not 0 <= shard_id < shard_count:
            self._socket.close(INVALID_SHARD, "Invalid shard.")
            return
        intents = an_integer(data.get("intents"))
        if intents is None or intents < 0 or intents > KNOWN_INTENTS:
            self._socket.close(INVALID_INTENTS, "Invalid intent(s).")
            return
        application = self._core.world.application
        if any(intents & intent and not getattr(application, name) for intent, name in PRIVILEGED.items()):
            self._socket.close(DISALLOWED_INTENTS, "Disallowed intent(s).")
            return
        self._core.sessions.identifies += 1
        if self._core.sessions.identifies > IDENTIFY_BUDGET:
            self._core.reset_token()  # what Discord does to a bot that identifies too often
            self._socket.close(BAD_TOKEN, "Authentication failed.")
            return
        self._begin(intents, shard_id, shard_count)

    def _begin(self, intents: int, shard_id: int, shard_count: int) -> None:
        session = self._core.sessions.open(
            intents=intents, shard_id=shard_id, shard_count=shard_count, connection=self._socket
        )
        self._session = session
        has_guild = shard_id == self._core.sessions.shard_of_guild(shard_count)
        session.dispatch("READY", json.dumps(ready(self._core, session, has_guild=has_guild)))
        if has_guild and intents & Intent.GUILDS:
            session.dispatch("GUILD_CREATE", json.dumps(guild_create(self._core, session)))
        self._core.changes.announce(Change(type=ChangeType.ONLINE))

    def _resume(self, data: Json) -> None:
        if not self._is_token(data):
            self._socket.close(BAD_TOKEN, "Authentication failed.")
            return
        session = self._core.sessions.find(str(data.get("session_id")))
        after = an_integer(data.get("seq"))
        if session is None or after is None:
            self._socket.send_json(INVALID, False)
            return
        if session.connection is not None:
            session.connection.close(TIMED_OUT, "Session resumed elsewhere.")
        session.connection = self._socket
        self._session = session
        if not session.replay(after):
            self._core.sessions.end(session)
            self._session = None
            self._socket.close(INVALID_SEQUENCE, "Invalid sequence.")
            return
        session.dispatch("RESUMED", json.dumps({"_trace": ["[]"]}))
        self._core.changes.announce(Change(type=ChangeType.ONLINE))

    def _request_members(self, session: Session, data: Json) -> None:
        everyone = data.get("query") == "" and not a_list(data.get("user_ids"))
        if everyone and not session.intents & Intent.GUILD_MEMBERS:
            self._socket.close(DISALLOWED_INTENTS, "Disallowed intent(s).")
            return
        session.dispatch("GUILD_MEMBERS_CHUNK", json.dumps(members_chunk(self._core, data)))

    def _is_token(self, data: Json) -> bool:
        return secrets.compare_digest(str(data.get("token")).removeprefix("Bot ").encode(), self._core.token.encode())

    def _shard(self, data: Json) -> tuple[int, int]:
        shard = a_list(data.get("shard")) or [0, 1]
        numbers = [an_integer(each) for each in shard]
        if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
            return -1, 0
        return numbers[0], numbers[1]

    def over(self, code: int | None) -> None:
        """The socket is closed: 1000 and 1001 end the session, everything else can be resumed."""
        if self._watch is not None:
            self._watch.cancel()
        session = self._session
        if session is None or session.connection is not self._socket:
            return
        session.connection = None
        if code in (1000, 1001):
            self._core.sessions.end(session)
        log.debug("gateway connection closed with %s", code)
        self._core.changes.announce(Change(type=ChangeType.ONLINE))
