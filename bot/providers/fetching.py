"""What HTTP gives back and where it may go, free of any HTTP library: answers, host rules, failed fetches."""

from __future__ import annotations

import ipaddress
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final, NoReturn

PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 522, 524})
"""Statuses that may be gone when the same is asked again."""


_NEAR: Final = frozenset({"localhost", "local", "internal", "lan", "home", "corp", "localdomain", "arpa"})
"""Last labels that never belong to a public host (IANA, "Special-Use Domain Names"; RFC 6762, appendix G)."""


class FetchFailure(StrEnum):
    """Why a file could not be fetched, told apart by what can be done about it."""

    GONE = "gone"  #: the link is dead; a fresh one may work
    TOO_LARGE = "too_large"  #: more bytes than the cap
    SLOW = "slow"  #: not complete within the time limit
    NOT_ALLOWED = "not_allowed"  #: an address outside the rule; nothing was asked there
    MOVED = "moved"  #: the server keeps pointing to other addresses
    BROKEN = "broken"  #: what came is incomplete or in a form that was not asked for
    UNREACHABLE = "unreachable"  #: no connection, or the server is in trouble; the same link may work later


class FetchFailed(Exception):
    """A file could not be fetched. Carries no address: signed links must not reach a log."""

    def __init__(self, reason: FetchFailure, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


def is_loopback(host: str) -> bool:
    """Whether a host name or address literal means this machine."""
    if host.casefold() == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRule:
    """Which addresses may be asked: https at the default port, at these hosts or below these domains.

    `public` admits every host name that is no address literal. `loopback` admits this machine, any port, http too.
    """

    hosts: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    public: bool = False
    loopback: bool = False

    @classmethod
    def of_hosts(cls, hosts: Sequence[str]) -> HostRule:
        """The rule for a list of host names out of the settings; a loopback name among them admits this machine."""
        named = tuple(host.casefold() for host in hosts if not is_loopback(host))
        return cls(hosts=named, loopback=any(is_loopback(host) for host in hosts))

    def allows(self, *, scheme: str, host: str, port: int | None) -> bool:
        """Whether an address with these parts may be asked; `port` is `None` for the scheme's own."""
        if is_loopback(host):
            return self.loopback and scheme in {"http", "https"}
        if scheme != "https" or port not in {None, 443}:
            return False
        host = host.casefold()
        if host in self.hosts or any(host == s or host.endswith(f".{s}") for s in self.suffixes):
            return True
        return self.public and "." in host.strip(".") and not host.endswith(".") and not _is_near(host)


def _is_near(host: str) -> bool:
    """Whether some resolver could take the host for this machine or network.

    By an address (`127.1`, `0x7f.1`, `::1`: a number as the last label), or by a name that is kept for such use.
    """
    last = host.rsplit(".", 1)[-1]
    return ":" in host or last.isdecimal() or last.startswith("0x") or last in _NEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete HTTP answer. Header names are in small letters."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300

    def json(self) -> object:
        """The body as JSON.

        Raises:
            ValueError: it is none; the message holds nothing of the body.
        """
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise ValueError("body is not JSON") from None

    def retry_after(self, now: float) -> float | None:
        """The wait in seconds that the server asks for, `None` when it names none that makes sense."""
        text = self.headers.get("retry-after", "").strip()
        try:
            seconds = float(text)
        except ValueError:
            seconds = _seconds_until(text, now)
        return seconds if seconds is not None and math.isfinite(seconds) and seconds >= 0 else None


def _seconds_until(text: str, now: float) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.fromtimestamp(now, UTC)).total_seconds())


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def unpacked(content: bytes, coding: str, cap_bytes: int) -> bytes:
    """The content without gzip or deflate, which some servers send unasked.

    Raises:
        ValueError: another coding, broken, or more than `cap_bytes` when unpacked.
    """
    if coding.strip().casefold() in {"", "identity"} or not content:
        return content
    # 32 + MAX_WBITS tells gzip and zlib apart by their headers.
    unpacker = zlib.decompressobj(32 + zlib.MAX_WBITS)
    try:
        body = unpacker.decompress(content, cap_bytes)
    except zlib.error:
        raise ValueError("answer cannot be unpacked") from None
    if not unpacker.eof:
        raise ValueError("answer is too large or cut off")
    return body


def announced_length(status: int, headers: Mapping[str, str], cap_bytes: int) -> str | None:
    """The length of a file as its server announces it, where it does.

    Raises:
        FetchFailed: it cannot be the file that was asked for, or is larger than `cap_bytes`.
    """
    _check_status(status)
    if headers.get("content-encoding", "identity").strip().casefold() not in {"", "identity"}:
        raise FetchFailed(FetchFailure.BROKEN, "packed")
    length = headers.get("content-length")
    if length is not None and length.isdecimal() and int(length) > cap_bytes:
        raise FetchFailed(FetchFailure.TOO_LARGE)
    return length


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status in PASSING or status >= 500:
        raise FetchFailed(FetchFailure.UNREACHABLE, f"HTTP {status}")
    if 400 <= status < 500:
        raise FetchFailed(FetchFailure.GONE, f"HTTP {status}")
    raise FetchFailed(FetchFailure.BROKEN, f"HTTP {status}")
