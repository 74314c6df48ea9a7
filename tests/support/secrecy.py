"""Listens to everything that is logged while a test runs, and knows what must not be in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager

SIGNED = re.compile(r"[?&](?:hm|_jwt|signature)=|/(?:webhooks|interactions)/\d+/\w{20,}|data:image/")
"""Links that let anybody in, interaction tokens, and pictures as text."""


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def nothing_secret_is_logged(secrets: Sequence[str]) -> Generator[None]:
    """Fail when a key, a token or a signed link was logged at info or above, tracebacks included.

    What is heard here has not passed the redaction of the real log: the lines themselves have to be clean.
    """
    listener, root = _Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(min(level or logging.INFO, logging.INFO))
    try:
        yield
    finally:
        root.removeHandler(listener)
        root.setLevel(level)
    told = [line for line in listener.lines if SIGNED.search(line) or any(secret in line for secret in secrets)]
    assert not told, f"logged: {told[0][:500]}"
