"""Breaking a connection the hard way: the other side gets ECONNRESET instead of an end."""

from __future__ import annotations

import asyncio
import socket
import struct


def reset(transport: asyncio.BaseTransport) -> None:
    """Send RST: a socket that lingers for 0 s is not closed but reset (socket(7), SO_LINGER)."""
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.Transport):
        transport.abort()
