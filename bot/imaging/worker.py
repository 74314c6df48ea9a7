"""The process that opens people's files: bounded in memory, without secrets, and no loss when it ends.

Started with the number of a socket and the bytes it may use. Each order is a line of JSON that brings an open file
along; each answer is two lengths, then JSON, then a picture. It ends when the socket does.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import struct
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from bot.domain.capabilities import ReferenceLimits
from bot.domain.errors import UnusableImage
from bot.imaging import DamagedPicture, ImageLimits, Picture, clean, fit_reference

LENGTHS: Final = struct.Struct(">II")
SECONDS: Final = 10
"""Processor time for one file; the slowest that the limits admit takes about four seconds."""
_LONGEST_ORDER: Final = 64 * 1024
_READERS: Final = ("PngImagePlugin", "JpegImagePlugin", "WebPImagePlugin", "MpoImagePlugin")
_SPARE: Final = 64 * 1024 * 1024
"""Bytes beside those for opening a picture: the file itself, and the smaller picture while it is written."""


def main() -> None:
    """Serve until nobody asks any more."""
    link = socket.socket(fileno=int(sys.argv[1]))
    memory = int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in _READERS:
        import_module(f"PIL.{name}")
    _bind(memory + _SPARE)
    while (order := _order(link)) is not None:
        words, file = order
        _grant(SECONDS)
        try:
            head, content = _answer(words, file, memory)
        finally:
            os.close(file)
        told = json.dumps(head).encode()
        link.sendall(LENGTHS.pack(len(told), len(content)) + told)
        link.sendall(content)


def _bind(room: int) -> None:
    """Take away what opening a picture needs not: endless memory, files, core dumps with somebody's picture in them."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    most = pages * resource.getpagesize() + room
    for limit, value in ((resource.RLIMIT_AS, most), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(limit, (value, value))


def _grant(seconds: int) -> None:
    """Let the next file take so much of the processor's time; then the kernel ends this process (setrlimit(2))."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds, resource.RLIM_INFINITY))


def _order(link: socket.socket) -> tuple[dict[str, Any], int] | None:
    words, files = b"", list[int]()
    while not words.endswith(b"\n"):
        part, more, _, _ = socket.recv_fds(link, _LONGEST_ORDER, 1)
        if not part:
            return None
        words += part
        files += more
    return json.loads(words), files[0]


def _answer(words: dict[str, Any], file: int, memory: int) -> tuple[dict[str, Any], bytes]:
    try:
        content = os.pread(file, os.fstat(file).st_size, 0)
        limits = ImageLimits(memory=memory)
        if words["task"] == "fit":
            picture = fit_reference(content, ReferenceLimits(**words["wanted"]), limits=limits)
        else:
            picture = clean(content, limits=limits)
    except UnusableImage as error:
        return {"key": error.key, "values": error.values, "detail": error.detail}, b""
    except (DamagedPicture, MemoryError) as error:
        return {"key": "image.broken", "values": {"filename": ""}, "detail": type(error).__name__}, b""
    return _told(picture), picture.content


def _told(picture: Picture) -> dict[str, Any]:
    return {
        "media_type": picture.media_type,
        "bare": picture.bare,
        "width": picture.width,
        "height": picture.height,
        "notes": picture.notes,
        "look": None if picture.look is None else asdict(picture.look),
    }


if __name__ == "__main__":
    main()
