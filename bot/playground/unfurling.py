"""Links in a person's message that lead to a picture, shown below it as Discord does: an embed of its own making."""

from __future__ import annotations

import re

from .cdn import Files
from .messages import Json

LINK = re.compile(r"https?://[^\s<>]+")
# Discord shows the first few links only.
MOST = 5


def picture_embeds(content: str, files: Files) -> list[Json]:
    """An embed for each link to a picture that the server knows; the picture comes through the media proxy."""
    found: list[Json] = []
    for url in dict.fromkeys(LINK.findall(content)):
        attachment = files.of_link(url)
        if attachment is not None and attachment.size is not None:
            found.append({"type": "image", "url": url, "thumbnail": {"url": url, "attachment_id": attachment.id}})
    return found[:MOST]
