"""Signed links to files at Discord: where they point, and until when they are good."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_PATH = re.compile(r"/attachments/([0-9]{1,20})/([0-9]{1,20})/[^/]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of a message that stays: attachments to commands have other paths and no message."""

    channel_id: int
    attachment_id: int


def attachment_of(link: str) -> Attachment | None:
    """The file that a link points to, `None` when it is not one of a message that stays."""
    try:
        found = _PATH.fullmatch(urlsplit(link).path)
    except ValueError:
        return None
    return Attachment(channel_id=int(found[1]), attachment_id=int(found[2])) if found else None


def expiry_of(link: str) -> float | None:
    """When the link stops working (epoch seconds), `None` when it does not say or cannot be read.

    Discord's signed links carry it in hexadecimal (`ex`; Discord reference, "Signed Attachment CDN URLs").
    """
    try:
        values = parse_qs(urlsplit(link).query).get("ex", [])
        return float(min(int(value, 16) for value in values)) if values else None
    except (ValueError, OverflowError):
        return None


def is_over(link: str, now: float) -> bool:
    """Whether the link says of itself that it works no more."""
    expiry = expiry_of(link)
    return expiry is not None and expiry <= now
