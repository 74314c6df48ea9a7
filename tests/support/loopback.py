"""Links that mean this machine or a network behind it, however they are spelled, and a listener that counts visits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

HIDDEN = (
    "http://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://sub.localhost:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://127.255.255.254:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/",
    "https://10.0.0.1/",
    "https://cdn.discordapp.com@127.0.0.1:{port}/",
    "https://cdn.discordapp.com:pass@localhost:{port}/",
    "https://127.0.0.1:{port}/#@cdn.discordapp.com/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "file:///etc/passwd",
    "data:image/png;base64,iVBORw0KGgo=",
)
"""Thirty-one of them (row 9 of the threat table)."""


@dataclass
class Listener:
    """Who came to this machine: `visits` counts connections at `port`."""

    port: int = 0
    visits: int = 0

    def link(self, hidden: str) -> str:
        """One of the spellings, with the port at which somebody would notice."""
        return hidden.replace("{port}", str(self.port))


@asynccontextmanager
async def open_listener() -> AsyncGenerator[Listener]:
    """A listener on every address of this machine."""
    listener = Listener()

    async def visited(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listener.visits += 1
        writer.close()

    first = await asyncio.start_server(visited, "127.0.0.1", 0)
    listener.port = first.sockets[0].getsockname()[1]
    servers = [first]
    with suppress(OSError):  # a machine without IPv6 cannot be reached by it
        servers.append(await asyncio.start_server(visited, "::1", listener.port))
    try:
        yield listener
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()
