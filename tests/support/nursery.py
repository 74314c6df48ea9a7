"""The one process in which a test run hatches its bots: starting one there takes a fraction of a second."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from functools import cache

from tests.support.bench import REPOSITORY


class Nursery:
    """The process that hatches bots."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BOT_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.doomed_bot"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=REPOSITORY,
            env=environment,
            text=True,
        )

    def hatch(self, order: str) -> int:
        """Start a bot; its pid. Threads may do so at once."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(order + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the process and every bot that it left."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


@cache
def nursery() -> Nursery:
    """This process's nursery, ended with it."""
    opened = Nursery()
    atexit.register(opened.close)
    return opened
