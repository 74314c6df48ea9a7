"""The net that every test is in: what a test gives out as secret must not come back in anything that is told.

Secrets are the keys of the local services and their signed links, tokens of the local Discord, every `SecretStr`, and
the keys and tokens in the environment of a started program. What is told are log records before redaction (ours at any
level, httpx and discord from info), what programs and the command line write, pages, messages and database rows.
"""

from __future__ import annotations

import logging
import re
import subprocess
from asyncio.subprocess import SubprocessStreamProtocol
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from pydantic import SecretStr

SIGNED = re.compile(
    r"[?&](?:hm|_jwt|sig|signature|x-amz-signature)=(?!\[hidden\])[\w-]"
    r"|/(?:webhooks|interactions)/\d+/(?!\[hidden\])\w[\w-]{19}"
    r"|data:image/[a-z]+;base64,(?!\[hidden\])",
    re.IGNORECASE,
)
"""Links that let anybody in, interaction tokens, and pictures as text."""

SHORTEST = 8
"""Letters of a secret: shorter ones are words of tests about something else."""

_SECRET_NAMES = re.compile(r"BOT_\w*(?:TOKEN|KEY|PASSWORD|SECRET)$")
_LISTENED = {"bot": logging.DEBUG, "httpx": logging.INFO, "discord": logging.INFO}


class Net:
    """What one test gave out as secret, and all that was told while it ran."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._told: dict[str, list[str]] = {}
        self._caught: list[str] = []
        self._forgiven: set[str] = set()

    def plant(self, *secrets: str) -> None:
        """These must not be told."""
        self._secrets.update(each for each in secrets if len(each) >= SHORTEST and each.strip("*"))

    def plant_environment(self, environment: Mapping[str, str]) -> None:
        """Neither must the keys and tokens that a program is started with."""
        self.plant(*(value for name, value in environment.items() if _SECRET_NAMES.match(name)))

    def tell(self, where: str, text: str) -> None:
        """This was told; whether it held a secret is seen at the end, when all secrets are known."""
        self._told.setdefault(where, []).append(text)

    def forgive(self, where: str) -> None:
        """The test tells a secret there on purpose, and looks for itself that redaction hides it."""
        self._forgiven.add(where)

    def catch(self, where: str, hit: str) -> None:
        """A secret was found there."""
        self._caught.append(f"{where} told a secret: {hit}")

    def holds(self, text: str, *, links: bool = True) -> str | None:
        """The secret, or with `links` the signed link, that a text holds, with what stands around it."""
        for secret in self._secrets:
            if (at := text.find(secret)) >= 0:
                return _around(text, at, len(secret))
        found = SIGNED.search(text) if links else None
        return None if found is None else _around(text, found.start(), len(found[0]))

    def hits(self) -> list[str]:
        """Where secrets were told."""
        told = {where: "\n".join(texts) for where, texts in self._told.items() if where not in self._forgiven}
        found = ((where, self.holds(text)) for where, text in told.items())
        return [*self._caught, *(f"{where} told a secret: {hit}" for where, hit in found if hit is not None)]


def _around(text: str, at: int, length: int) -> str:
    return repr(text[max(0, at - 120) : at + length + 60])


_nets: list[Net] = []


def net() -> Net:
    """The net of the test that runs now; what is planted between tests is in a net that nobody draws in."""
    return _nets[-1] if _nets else Net()


class _Listener(logging.Handler):
    def __init__(self, into: Net) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        self._net = into

    def emit(self, record: logging.LogRecord) -> None:
        self._net.tell("the log", self.format(record))


@contextmanager
def listening() -> Generator[Net]:
    """Everything that is told meanwhile is in the net."""
    own = Net()
    with ExitStack() as stack:
        _nets.append(own)
        stack.callback(_nets.remove, own)
        for target, name, wrapped in _taps(own):
            stack.enter_context(patch.object(target, name, wrapped))
        listener = _Listener(own)
        for name, level in _LISTENED.items():
            logger = logging.getLogger(name)
            stack.callback(logger.setLevel, logger.level)
            stack.callback(logger.removeHandler, listener)
            logger.setLevel(level)
            logger.addHandler(listener)
        yield own


def _taps(own: Net) -> list[tuple[Any, str, Callable[..., Any]]]:
    """The places where secrets come into being and where output of programs arrives, each with a tap on it."""
    make = SecretStr.__init__
    receive = SubprocessStreamProtocol.pipe_data_received
    communicate = subprocess.Popen.communicate
    read = pytest.CaptureFixture.readouterr

    def made(self: SecretStr, value: str) -> None:
        own.plant(value)
        make(self, value)

    def received(self: SubprocessStreamProtocol, fd: int, data: bytes) -> None:
        process = getattr(self, "_transport").get_extra_info("subprocess")  # noqa: B009 - typeshed does not know it
        if "playwright" not in str(process.args):  # the browser shows pages with signed links: that is its work
            own.tell("a program", data.decode(errors="replace"))
        receive(self, fd, data)

    def communicated(self: subprocess.Popen[Any], *arguments: Any, **options: Any) -> Any:
        written = communicate(self, *arguments, **options)
        for text in written:
            if text:
                own.tell("a program", text if isinstance(text, str) else text.decode(errors="replace"))
        return written

    def captured(self: pytest.CaptureFixture[Any]) -> Any:
        written = read(self)
        for text in written:
            own.tell("the command line", text if isinstance(text, str) else text.decode(errors="replace"))
        return written

    return [
        (SecretStr, "__init__", made),
        (SubprocessStreamProtocol, "pipe_data_received", received),
        (subprocess.Popen, "communicate", communicated),
        (pytest.CaptureFixture, "readouterr", captured),
    ]
