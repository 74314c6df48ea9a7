"""ModelsLab's answers as they come over the wire: one loose form for success, work in progress and errors."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field

from bot.providers.amounts import Dollars
from bot.providers.wire import OptionalText, Wire, items, texts

_LONGEST_WAIT = 3600.0


def _id_or_none(value: object) -> str | None:
    """An id as text: it comes as a number or as a text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return text if 0 < len(text := str(value)) <= 200 else None


def _links(value: object) -> list[str]:
    """The texts of a list, of an object's values, or a single one."""
    if isinstance(value, str):
        return texts([value])
    if isinstance(value, dict):
        return texts(list(cast("dict[str, Any]", value).values()))
    return texts(value)


def _seconds_or_none(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= _LONGEST_WAIT and math.isfinite(value) else None


def _words(value: object) -> str:
    """A message as text; complaints about fields come as an object."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, default=str)[:4096]


def _flagged(value: object) -> bool:
    return value is True or any(item is True for item in items(value))


Links = Annotated[list[str], BeforeValidator(_links)]
Words = Annotated[str, BeforeValidator(_words)]
Seconds = Annotated[float | None, BeforeValidator(_seconds_or_none)]


class Reply(Wire):
    """Every answer about pictures and uploads. `messege` is the service's own spelling beside the right one."""

    status: OptionalText = None
    id: Annotated[str | None, BeforeValidator(_id_or_none)] = None
    output: Links = Field(default=[])
    proxy_links: Links = Field(default=[])
    eta: Seconds = None
    message: Words = ""
    messege: Words = ""
    error: Words = ""
    nsfw: Annotated[bool, BeforeValidator(_flagged)] = Field(default=False, alias="nsfw_content_detected")
    retry_after: Seconds = None

    @property
    def kind(self) -> str:
        """The status in small letters, empty when none is told."""
        return (self.status or "").strip().casefold()

    @property
    def text(self) -> str:
        """The service's words, which are told to nobody."""
        return f"{self.message} {self.messege} {self.error}".strip()

    @property
    def links(self) -> list[str]:
        """Where the pictures are."""
        return self.output or self.proxy_links


class Wallet(Wire):
    """What is left on the account, in dollars."""

    balance: Dollars


class WalletReply(Wire):
    """The answer to a question for the balance."""

    data: Wallet
