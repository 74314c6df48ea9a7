"""The file hosts of a local Runway: where uploads go for a day, and where finished pictures are fetched from."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from tests.support.runway_rules import Invalid
from tests.support.secrecy import net
from tests.support.twin_files import Outputs

UPLOAD_SECONDS = 24 * 60 * 60
SMALLEST, LARGEST = 512, 200 * 1024 * 1024


@dataclass(kw_only=True)
class Upload:
    """A place for a file, and the file once it is there."""

    fields: dict[str, str]
    made_at: float
    content: bytes | None = None


class RunwayFiles(Outputs):
    """Uploads beside the outputs. Both refuse requests that carry the API's credentials, as signed addresses do."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        super().__init__()
        self.uploads: dict[str, Upload] = {}
        self._clock = clock

    def add_routes(self, app: web.Application) -> None:
        """Serve both under the server's address."""
        app.router.add_post("/bucket/{id}", self._receive)
        super().add_routes(app)

    def new_place(self) -> dict[str, Any]:
        """The answer to a request for an upload."""
        name = secrets.token_hex(8)
        fields = {"key": f"uploads/{name}", "policy": secrets.token_hex(20), "x-amz-signature": secrets.token_hex(16)}
        net().plant(fields["policy"], fields["x-amz-signature"])
        self.uploads[name] = Upload(fields=fields, made_at=self._clock())
        return {"runwayUri": f"runway://{name}", "uploadUrl": f"{self.base_url}/bucket/{name}", "fields": fields}

    def uploaded(self, uri: str) -> bytes:
        """The bytes behind a `runway://` address.

        Raises:
            Invalid: there is none, or not any more.
        """
        upload = self.uploads.get(uri.removeprefix("runway://"))
        if upload is None or upload.content is None or self._clock() - upload.made_at > UPLOAD_SECONDS:
            raise Invalid("Failed to fetch asset.", "referenceImages", 0, "uri")
        return upload.content

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        upload = self.uploads.get(request.match_info["id"])
        if upload is None or "Authorization" in request.headers:
            raise web.HTTPForbidden
        reader = await request.multipart()
        seen: dict[str, str] = {}
        content: bytes | None = None
        async for part in reader:
            assert isinstance(part, BodyPartReader)
            if content is not None:
                raise web.HTTPBadRequest(reason="file must be the last field")
            if part.name == "file":
                content = bytes(await part.read())
            else:
                seen[part.name or ""] = await part.text()
        if seen != upload.fields:
            raise web.HTTPForbidden
        if content is None or not SMALLEST <= len(content) <= LARGEST:
            raise web.HTTPBadRequest(reason="EntityTooSmall")
        upload.content = content
        return web.Response(status=204)
