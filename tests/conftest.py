"""What holds for every test: nothing leaves this machine or comes in from its owner, and no secret is told."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from ipaddress import ip_address
from typing import Any

import pytest

from tests.support.secrecy import Net, listening, net

_NET = pytest.StashKey[Net]()


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


def _remember_secrets(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen":
        net().plant_environment(os.environ if arguments[3] is None else arguments[3])


sys.addaudithook(_stay_on_this_machine)
sys.addaudithook(_remember_secrets)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    for name in [name for name in os.environ if name.startswith("BOT_")]:
        monkeypatch.delenv(name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Each test is in a net of its own, from before its set-up until after its end."""
    with listening() as own:
        item.stash[_NET] = own
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test during which a secret was told has failed, wherever it was told."""
    report = yield
    if report.when == "teardown":
        for name, text in report.sections:
            item.stash[_NET].tell(name, text)
        hits = item.stash[_NET].hits()
        if hits:
            report.outcome = "failed"
            report.longrepr = "\n".join(["A secret was told.", *hits, str(report.longrepr or "")]).rstrip()
    return report
