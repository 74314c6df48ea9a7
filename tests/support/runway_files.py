"""The file hosts of a local Runway: where uploads go for a day, and where finished pictures are fetched from."""

from __future__ import annotations

import asyncio
import gzip
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from tests.support.runway_rules import Invalid
from tests.support.runway_script import OutputFault, Scenario

UPLOAD_SECONDS = 24 * 60 * 60
SMALLEST, LARGEST = 512, 200 * 1024 * 1024


@dataclass(kw_only=True)
class Upload:
    """A place for a file, and the file once it is there."""

    fields: dict[str, str]
    made_at: float
    content: bytes | None = None


@dataclass(kw_only=True)
class Output:
    """A finished picture behind a signed link."""

    content: bytes
    scenario: Scenario
    token: str


class RunwayFiles:
    """Uploads and outputs. Both refuse requests that carry the API's credentials, as signed addresses do."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self.base_url = ""
        self.closing = asyncio.Event()
        self.uploads: dict[str, Upload] = {}
        self.outputs: dict[str, Output] = {}
        self.fetches: Counter[str] = Counter()
        self._clock = clock

    def add_routes(self, app: web.Application) -> None:
        """Serve both under the server's address."""
        app.router.add_post("/bucket/{id}", self._receive)
        app.router.add_get("/outputs/{id}.png", self._serve)

    def new_place(self) -> dict[str, Any]:
        """The answer to a request for an upload."""
        name = secrets.token_hex(8)
        fields = {"key": f"uploads/{name}", "policy": secrets.token_hex(20), "x-amz-signature": secrets.token_hex(16)}
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

    def link(self, task_id: str, content: bytes, scenario: Scenario) -> str:
        """A fresh signed link to a task's picture; older links of it are dead."""
        token = secrets.token_hex(16)
        self.outputs[task_id] = Output(content=content, scenario=scenario, token=token)
        return f"{self.base_url}/outputs/{task_id}.png?_jwt={token}"

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

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["id"]
        output = self.outputs.get(name)
        if output is None or request.query.get("_jwt") != output.token or "Authorization" in request.headers:
            raise web.HTTPForbidden
        self.fetches[name] += 1
        fault, healed = output.scenario.output, output.scenario.good_output_after
        if healed is not None and self.fetches[name] > healed:
            fault = OutputFault.NONE
        simple = self._simple(request, output, fault)
        return simple if simple is not None else await self._streamed(request, output, fault)

    def _simple(self, request: web.Request, output: Output, fault: OutputFault) -> web.Response | None:
        content = output.content
        match fault:
            case OutputFault.NONE:
                return web.Response(body=content, content_type="image/png")
            case OutputFault.HTML:
                return web.Response(body=b"<!doctype html><title>Error</title>", content_type="image/png")
            case OutputFault.EMPTY:
                return web.Response(body=b"", content_type="image/png")
            case OutputFault.CUT:
                return web.Response(body=content[: len(content) // 2], content_type="image/png")
            case OutputFault.PACKED:
                return web.Response(body=gzip.compress(content), headers={"Content-Encoding": "gzip"})
            case OutputFault.GONE:
                return web.Response(status=403, body=b"<Error><Code>AccessDenied</Code></Error>")
            case OutputFault.BUSY:
                return web.Response(status=503)
            case OutputFault.ELSEWHERE:
                return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})
            case OutputFault.LOOP:
                return web.Response(status=302, headers={"Location": str(request.rel_url)})
            case OutputFault.REDIRECT:
                if "moved" in request.query:
                    return web.Response(body=content, content_type="image/png")
                return web.Response(status=302, headers={"Location": f"{request.rel_url}&moved=1"})
            case _:
                return None

    async def _streamed(self, request: web.Request, output: Output, fault: OutputFault) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "image/png"})
        if fault is OutputFault.TRUNCATED:
            response.content_length = len(output.content)
        await response.prepare(request)
        try:
            if fault is OutputFault.TRUNCATED:
                await response.write(output.content[: len(output.content) // 2])
                if request.transport is not None:
                    request.transport.close()
            while fault is OutputFault.ENDLESS:
                await response.write(output.content)
            for byte in output.content if fault is OutputFault.DRIP else b"":
                await response.write(bytes([byte]))
                if await self._closed_within(0.05):
                    break
        except ConnectionError:
            return response
        return response

    async def _closed_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return False
        return True
