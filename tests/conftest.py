"""What holds for every test: nothing leaves this machine, nothing of the operator's environment comes in."""

from __future__ import annotations

import os
import sys
from ipaddress import ip_address
from typing import Any

import pytest


def _is_local(host: object) -> bool:
    if host in {None, "", "localhost", b"localhost"}:
        return True
    try:
        return ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _stay_on_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.bind", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path is a local socket
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_local(host):
        raise RuntimeError(f"A test may use this machine's own addresses only, not {host!r}")


sys.addaudithook(_stay_on_this_machine)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    for name in [name for name in os.environ if name.startswith("BOT_")]:
        monkeypatch.delenv(name)
