"""An application that speaks Discord's protocol by hand, to try what no library would send."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.playground import LocalDiscord

LIMIT_SECONDS = 5.0
# guilds, guild messages, direct messages
USUAL_INTENTS = 1 << 0 | 1 << 9 | 1 << 12


@dataclass(slots=True)
class Answered:
    """An answer of the REST API."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> int:
        """Discord's JSON error code."""
        return self.body["code"]

    def errors(self) -> dict[str, list[str]]:
        """The codes of a form error by dotted path."""
        return dict(_flat(self.body.get("errors", {}), ()))


def _flat(node: dict[str, Any], path: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for key, value in node.items():
        if key == "_errors":
            found.append((".".join(path), [each["code"] for each in value]))
        else:
            found += _flat(value, (*path, key))
    return found


@dataclass(slots=True)
class Line:
    """One gateway connection."""

    socket: aiohttp.ClientWebSocketResponse
    events: list[dict[str, Any]] = field(default_factory=list)
    sequence: int | None = None
    session_id: str = ""

    async def send(self, op: int, data: Any) -> None:
        """Send one message."""
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def receive(self) -> dict[str, Any]:
        """The next message of the server; ConnectionError with the close code when it closed."""
        message = await self.socket.receive(timeout=LIMIT_SECONDS)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError(self.socket.close_code)
        heard = json.loads(message.data)
        if heard.get("s") is not None:
            self.sequence = heard["s"]
        return heard

    async def event(self, name: str) -> dict[str, Any]:
        """The data of the next event of a name; others are skipped."""
        while True:
            heard = await self.receive()
            if heard.get("t") == name:
                return heard["d"]

    async def close_code(self) -> int:
        """Wait for the server to close; its code."""
        while True:
            try:
                await self.receive()
            except ConnectionError as error:
                return error.args[0]


@dataclass(slots=True)
class RawBot:
    """An application with its token and a client session."""

    local: LocalDiscord
    session: aiohttp.ClientSession
    line: Line | None = None
    token: str = ""

    async def request(
        self,
        method: str,
        path: str,
        payload: Any = None,
        *,
        files: dict[str, bytes] | None = None,
        token: str | None = None,
    ) -> Answered:
        """One call; with files as a form."""
        headers = {"Authorization": f"Bot {token or self.token or self.local.token}"}
        options: dict[str, Any] = {"json": payload} if payload is not None else {}
        if files is not None:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps(payload or {}))
            for index, (name, data) in enumerate(files.items()):
                form.add_field(
                    f"files[{index}]", io.BytesIO(data), filename=name, content_type="application/octet-stream"
                )
            options = {"data": form}
        url = self.local.api_base + path
        async with self.session.request(method, url, headers=headers, **options) as response:
            text = await response.text()
            body = json.loads(text) if response.content_type == "application/json" else text or None
            return Answered(response.status, body, dict(response.headers))

    async def dial(self) -> Line:
        """Open a gateway connection and read HELLO."""
        url = self.local.api_base.replace("http://", "ws://").replace("/api/v10", "/gateway?v=10&encoding=json")
        line = Line(await self.session.ws_connect(url))
        assert (await line.receive())["op"] == 10
        return line

    async def identify(self, line: Line, **changes: Any) -> None:
        """Send IDENTIFY with some values changed."""
        data = {"token": self.local.token, "intents": USUAL_INTENTS, "properties": {}, "shard": [0, 1], **changes}
        await line.send(2, data)

    async def connect(self, **changes: Any) -> Line:
        """A connection that is identified and has its guild."""
        line = await self.dial()
        await self.identify(line, **changes)
        line.session_id = (await line.event("READY"))["session_id"]
        await line.event("GUILD_CREATE")
        self.line = line
        return line

    async def interaction(self, action: Any) -> tuple[dict[str, Any], asyncio.Task[Any]]:
        """Let a person act; the interaction as the application gets it, and the person's task."""
        task = asyncio.ensure_future(action)
        assert self.line is not None
        return await self.line.event("INTERACTION_CREATE"), task

    async def answer(self, interaction: dict[str, Any], kind: int, data: Any = None, **options: Any) -> Answered:
        """Answer an interaction."""
        path = f"/interactions/{interaction['id']}/{interaction['token']}/callback?with_response=true"
        body = {"type": kind} if data is None else {"type": kind, "data": data}
        return await self.request("POST", path, body, **options)

    def hook(self, interaction: dict[str, Any], rest: str = "") -> str:
        """A path under an interaction's webhook."""
        return f"/webhooks/{interaction['application_id']}/{interaction['token']}{rest}"


@asynccontextmanager
async def raw_bot(local: LocalDiscord) -> AsyncGenerator[RawBot]:
    """An application without a gateway connection yet."""
    async with aiohttp.ClientSession() as session:
        bot = RawBot(local, session)
        yield bot
        if bot.line is not None:
            await bot.line.socket.close()


class HandClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now
