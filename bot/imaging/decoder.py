"""Opens people's files in a process of its own, so that no file can take the bot's memory, time or life."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any, BinaryIO, Final

from bot.domain.capabilities import ReferenceLimits
from bot.domain.errors import UnusableImage
from bot.domain.looks import Look
from bot.imaging.values import ImageLimits, Picture
from bot.imaging.worker import LENGTHS

log = logging.getLogger(__name__)

MEMORY: Final = ImageLimits().memory
SECONDS: Final = 60.0
"""Time for one file, however busy the machine is; the process itself keeps to much less of the processor's time."""
PICTURES: Final = 200
"""Files that one process opens before a new one takes its place."""
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")


class Decoder:
    """One file after the other, in the order in which they come. Close it in the end.

    `memory` is how many bytes opening a picture may take, `seconds` how long. The process starts with the first file
    and is replaced when it ends or was stopped; it is given none of the bot's environment.
    """

    def __init__(self, *, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self._memory = memory
        self._seconds = seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="decoder")
        self._worker: _Worker | None = None

    async def clean(self, file: BinaryIO, *, filename: str = "") -> Picture:
        """The clean picture in an open file, as `bot.imaging.clean` makes it. The file must have a descriptor.

        Raises:
            UnusableImage: no picture that we read, damaged, outside the limits, or more work than is allowed.
        """
        return await self._ask({"task": "clean"}, file, filename)

    async def fit(self, file: BinaryIO, wanted: ReferenceLimits) -> Picture:
        """A clean picture made what a service takes, as `bot.imaging.fit_reference` makes it.

        Raises:
            UnusableImage: it cannot be made what is wanted.
        """
        return await self._ask({"task": "fit", "wanted": asdict(wanted)}, file, "")

    async def aclose(self) -> None:
        """End the process; the file at hand is still finished."""
        await asyncio.to_thread(self._thread.shutdown)
        self._end()

    async def _ask(self, words: Mapping[str, Any], file: BinaryIO, filename: str) -> Picture:
        # Its own descriptor: who waits may be cancelled and close the file while the process still reads it.
        own = os.dup(file.fileno())
        try:
            head, content = await asyncio.get_running_loop().run_in_executor(self._thread, self._do, words, own)
        except RuntimeError:  # closed meanwhile
            os.close(own)
            raise
        if "key" in head:
            values: dict[str, Any] = {**head["values"], "filename": filename}
            raise UnusableImage(head["key"], detail=head["detail"], **values)
        look = None if head["look"] is None else Look(**head["look"])
        return Picture(
            content=content,
            media_type=head["media_type"],
            width=head["width"],
            height=head["height"],
            notes=tuple(head["notes"]),
            look=look,
            bare=head["bare"],
        )

    def _do(self, words: Mapping[str, Any], file: int) -> tuple[dict[str, Any], bytes]:
        """In the thread: ask the process. One that ends is replaced once: it may have been somebody else's doing."""
        try:
            for last in (False, True):
                try:
                    return self._ready().ask(words, file, self._seconds)
                except (OSError, EOFError) as error:
                    log.warning("a file was given up: %s", type(error).__name__)
                    self._end()
                    if last or isinstance(error, TimeoutError):
                        return {"key": "image.broken", "values": {}, "detail": type(error).__name__}, b""
            raise AssertionError("unreachable")
        finally:
            os.close(file)

    def _ready(self) -> _Worker:
        if self._worker is None or not self._worker.fit_for_work:
            self._end()
            self._worker = _Worker(self._memory)
        return self._worker

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.end()
            self._worker = None


class _Worker:
    """The process, and our end of the socket to it."""

    def __init__(self, memory: int) -> None:
        self._link, theirs = socket.socketpair()
        with theirs:
            environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
            environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot.imaging.worker", str(theirs.fileno()), str(memory)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                pass_fds=(theirs.fileno(),),
            )
        self._done = 0

    @property
    def fit_for_work(self) -> bool:
        """Whether it lives and has not become old."""
        return self._process.poll() is None and self._done < PICTURES

    def ask(self, words: Mapping[str, Any], file: int, seconds: float) -> tuple[dict[str, Any], bytes]:
        """Send an order with its file and read the answer.

        Raises:
            OSError, EOFError: the process ended, or took too long.
        """
        end = time.monotonic() + seconds
        self._done += 1
        self._link.settimeout(seconds)
        socket.send_fds(self._link, [json.dumps(words).encode() + b"\n"], [file])
        lengths = LENGTHS.unpack(self._read(LENGTHS.size, end))
        return json.loads(self._read(lengths[0], end)), self._read(lengths[1], end)

    def end(self) -> None:
        """Stop it, whatever it does."""
        self._link.close()
        self._process.kill()
        self._process.wait()

    def _read(self, length: int, end: float) -> bytes:
        content = bytearray(length)
        view = memoryview(content)
        while view:
            self._link.settimeout(max(0.001, end - time.monotonic()))
            count = self._link.recv_into(view)
            if count == 0:
                raise EOFError
            view = view[count:]
        return bytes(content)
