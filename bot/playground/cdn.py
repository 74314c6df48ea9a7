"""Attachments: stored bytes behind signed links that expire, as Discord's CDN serves them."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from urllib.parse import quote

from aiohttp import web

from .messages import Attachment
from .pictures import content_type_of, size_of
from .snowflakes import Snowflakes

# Attachment links live for a day (Discord reference, "Signed Attachment CDN URLs").
LINK_LIFE_SECONDS = 24 * 60 * 60
# Links made within one of these are the same, so that a browser need not load a picture again.
LINK_STEP_SECONDS = 600
GONE = "This content is no longer available."


class Files:
    """Keeps attachments and makes and checks their links."""

    def __init__(self, *, snowflakes: Snowflakes, clock: Callable[[], float]) -> None:
        self._snowflakes = snowflakes
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._by_id: dict[str, Attachment] = {}
        self._elsewhere: dict[str, Attachment] = {}
        self.base = ""

    def add(
        self,
        *,
        channel_id: str,
        filename: str,
        data: bytes,
        content_type: str | None = None,
        description: str | None = None,
        ephemeral: bool = False,
    ) -> Attachment:
        """Store a file."""
        attachment = Attachment(
            id=self._snowflakes.next(),
            channel_id=channel_id,
            filename=safe_filename(filename),
            data=data,
            content_type=content_type_of(filename, content_type),
            size=size_of(data),
            description=description,
            ephemeral=ephemeral,
        )
        self._by_id[attachment.id] = attachment
        return attachment

    def add_elsewhere(self, url: str, data: bytes) -> None:
        """Let a picture stand at an address outside Discord, which is never asked: Discord's media proxy has it."""
        self._elsewhere[url] = self.add(channel_id="0", filename=url.rsplit("/", 1)[-1], data=data)

    def get(self, attachment_id: str) -> Attachment | None:
        """A stored file, if it is still there."""
        return self._by_id.get(attachment_id)

    def remove(self, attachment: Attachment) -> None:
        """Forget a file: its links die."""
        self._by_id.pop(attachment.id, None)

    def link(self, attachment: Attachment) -> str:
        """A fresh signed link."""
        issued = int(self._clock()) // LINK_STEP_SECONDS * LINK_STEP_SECONDS
        path = path_of(attachment)
        expires = f"{issued + LINK_LIFE_SECONDS:x}"
        return f"{self.base}{path}?ex={expires}&is={issued:x}&hm={self._sign(path, expires, f'{issued:x}')}&"

    def of_link(self, url: str) -> Attachment | None:
        """The file that one of our links (signed or not), or the address of a picture elsewhere, points to."""
        if url in self._elsewhere:
            return self._elsewhere[url]
        match = re.match(re.escape(self.base) + r"/(?:ephemeral-)?attachments/[0-9]+/([0-9]+)/", url)
        return self._by_id.get(match.group(1)) if match else None

    async def serve(self, request: web.Request) -> web.Response:
        """GET of a link: the bytes, or 404 in plain words when the link is expired or forged."""
        attachment = self._by_id.get(request.match_info["attachment_id"])
        if attachment is None or not self._is_valid(request, attachment):
            return web.Response(status=404, text=GONE)
        headers = {
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(attachment.filename)}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, max-age=86400",
            "Content-Type": attachment.content_type or "application/octet-stream",
        }
        return web.Response(body=attachment.data, headers=headers)

    def _is_valid(self, request: web.Request, attachment: Attachment) -> bool:
        expires, issued = request.query.get("ex", ""), request.query.get("is", "")
        path = path_of(attachment)
        if request.path != path or not re.fullmatch("[0-9a-f]{1,12}", expires):
            return False
        signature = request.query.get("hm", "")
        signed = hmac.compare_digest(signature.encode(), self._sign(path, expires, issued).encode())
        return signed and int(expires, 16) > self._clock()

    def _sign(self, path: str, expires: str, issued: str) -> str:
        return hmac.new(self._secret, f"{path}?{expires}&{issued}".encode(), hashlib.sha256).hexdigest()


def path_of(attachment: Attachment) -> str:
    """The path part of a link."""
    folder = "ephemeral-attachments" if attachment.ephemeral else "attachments"
    return f"/{folder}/{attachment.channel_id}/{attachment.id}/{attachment.filename}"


def safe_filename(filename: str) -> str:
    """The name Discord keeps: letters, digits, dots, dashes and underscores; everything else becomes one of those."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "_", filename.replace(" ", "_")).lstrip(".")
    return cleaned or "unknown"
