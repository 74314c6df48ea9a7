"""The file host of a local service: finished pictures behind signed links, with everything that can go wrong."""

from __future__ import annotations

import asyncio
import gzip
import io
import secrets
from collections import Counter
from dataclasses import dataclass

from aiohttp import web
from PIL import Image

from bot.playground.dripping import Dripping
from tests.support.secrecy import net
from tests.support.twin_script import TRICKLE_SECONDS, OutputFault

CREDENTIALS = ("Authorization", "x-api-key", "key")


def picture(ratio: str, seed: int) -> bytes:
    """A picture of the ordered size (`1280:720`) whose colours come from the seed."""
    width, height = (int(part) for part in ratio.split(":"))
    dark = (seed * 37 % 120, seed * 59 % 120, seed * 83 % 120)
    image = Image.linear_gradient("L").resize((width, height))
    light = (250, 230, 200)
    image.putpalette([d + (b - d) * step // 255 for step in range(256) for d, b in zip(dark, light, strict=True)])
    target = io.BytesIO()
    image.save(target, "PNG", compress_level=1)
    return target.getvalue()


@dataclass(kw_only=True)
class Output:
    """A finished picture behind a signed link."""

    content: bytes
    token: str
    fault: OutputFault
    good_after: int | None


class Outputs:
    """Finished pictures. Requests that carry an API's credentials are refused, as signed addresses do."""

    def __init__(self) -> None:
        self.base_url = ""
        self.closing = asyncio.Event()
        self.outputs: dict[str, Output] = {}
        self.fetches: Counter[str] = Counter()

    def add_routes(self, app: web.Application) -> None:
        """Serve them under the server's address."""
        app.router.add_get("/outputs/{id}.png", self._serve)

    def link(
        self, name: str, content: bytes, *, fault: OutputFault = OutputFault.NONE, good_after: int | None = None
    ) -> str:
        """A fresh signed link to a picture; older links of the same name are dead."""
        token = secrets.token_hex(16)
        net().plant(token)
        self.outputs[name] = Output(content=content, token=token, fault=fault, good_after=good_after)
        return f"{self.base_url}/outputs/{name}.png?_jwt={token}"

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["id"]
        output = self.outputs.get(name)
        credentials = any(header in request.headers for header in CREDENTIALS)
        if output is None or request.query.get("_jwt") != output.token or credentials:
            raise web.HTTPForbidden
        self.fetches[name] += 1
        fault = output.fault
        if output.good_after is not None and self.fetches[name] > output.good_after:
            fault = OutputFault.NONE
        if fault is OutputFault.TRICKLE:
            return Dripping(body=output.content, content_type="image/png", over=TRICKLE_SECONDS)
        simple = _simple(request, output.content, fault)
        return simple if simple is not None else await self._streamed(request, output.content, fault)

    async def _streamed(self, request: web.Request, content: bytes, fault: OutputFault) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "image/png"})
        if fault is OutputFault.TRUNCATED:
            response.content_length = len(content)
        await response.prepare(request)
        try:
            if fault is OutputFault.TRUNCATED:
                await response.write(content[: len(content) // 2])
                if request.transport is not None:
                    request.transport.close()
            while fault is OutputFault.ENDLESS:
                await response.write(content)
            for byte in content if fault is OutputFault.DRIP else b"":
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


def _simple(request: web.Request, content: bytes, fault: OutputFault) -> web.Response | None:
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
