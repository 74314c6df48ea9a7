"""What settings are made of: closed tables, and values such as addresses, prices and times with their limits."""

from __future__ import annotations

import re
from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.settings_fields import Hidden

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*", re.IGNORECASE)


class Section(BaseModel):
    """A table of settings: frozen, and closed to names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address can only mean this machine."""
    if host is None:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address such as https://host/path")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address without user, password, query or fragment")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("an https address (http only for this machine, such as http://127.0.0.1:8080)")
    return value.rstrip("/")


def _host_name(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("a host name without scheme, port or path, such as cdn.discordapp.com")
    return value.casefold()


def _database_url(value: str) -> str:
    if not value.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
        raise ValueError("sqlite+aiosqlite:///path/to/file.db or postgresql+asyncpg://user:password@host/name")
    return value


def _storage_url(value: str) -> str:
    if not value.startswith("file:") or value == "file:":
        raise ValueError("file:path/to/folder (this release keeps pictures in a folder only)")
    return value


BaseUrl = Annotated[str, AfterValidator(_base_url)]
HostName = Annotated[str, AfterValidator(_host_name)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url), Hidden()]
StorageUrl = Annotated[str, AfterValidator(_storage_url)]
Dollars = Annotated[Decimal, Field(ge=0, le=1000, decimal_places=6)]
BudgetDollars = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Port = Annotated[int, Field(ge=0, le=65_535)]
