"""A strict local ModelsLab on a real socket: the key in every body, three forms of answer, errors with any status."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from tests.support.twin import Twin, json_body, replied
from tests.support.twin_files import picture
from tests.support.twin_script import Play, Reply
from tests.support.twin_task import TwinTask

TEXT = "/api/v7/images/text-to-image"
IMAGE = "/api/v7/images/image-to-image"
RATIOS = (
    "1920:1080", "1080:1920", "1024:1024", "1360:768", "1440:1080", "1080:1440",
    "1808:768", "2112:912", "1280:720", "720:1280", "720:960", "1680:720",
)  # fmt: skip
LABELS = {
    "16:9": "1280:720", "9:16": "720:1280", "1:1": "1024:1024", "85:48": "1360:768", "4:3": "1440:1080",
    "3:4": "720:960", "113:48": "1808:768", "88:38": "2112:912", "7:3": "1680:720",
}  # fmt: skip
"""What it prints, each with what is painted for it."""
QUEUE_FULL = b'{"status":"error","message":"Rate limit exceeded. Maximum 5 queued requests allowed.","retry_after":30}'


class LocalModelsLab(Twin):
    """The server. `at_once` makes it answer submissions with the picture, as it does for some."""

    paid = frozenset({TEXT, IMAGE})
    usual = ("processing", "success")
    billed_in = frozenset({"success"})

    def __init__(self, *, clock: Callable[[], float], balance: float) -> None:
        super().__init__(clock=clock, balance=balance)
        self.at_once = False
        self.options: Mapping[str, str] = {ratio: ratio for ratio in RATIOS}
        self.eta: float | None = 0
        self.number_ids = True
        self.only_old_fetch = False
        self.uploads: dict[str, bytes] = {}
        self.upload_reply: Reply | None = None
        self.balance_reply: Reply | None = None
        self._numbers: dict[str, str] = {}

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post(TEXT, self._text_to_image)
        app.router.add_post(IMAGE, self._image_to_image)
        app.router.add_post("/api/v7/images/fetch/{id}", self._fetch)
        app.router.add_post("/api/v6/images/fetch", self._fetch_old)
        app.router.add_post("/api/v6/base64_to_url", self._upload)
        app.router.add_post("/api/wallet_balance", self._wallet)

    def refused(self, status: int, text: str) -> web.Response:
        return web.json_response({"status": "error", "message": text}, status=status)

    def out_of_credits(self) -> Reply:
        return Reply(status=402, body=b'{"status":"error","messege":"Insufficient credits"}')

    def accepted(self, task: TwinTask) -> dict[str, Any]:
        if self.at_once:
            task.advance()
            task.state = "success"
        return self._told(task, task.state or "processing")

    async def keyed(self, request: web.Request) -> dict[str, Any]:
        """The body without its key, which must be right and stand nowhere else."""
        body = await json_body(request)
        if "key" not in body:
            raise web.HTTPUnauthorized(reason="API key required")
        if body.pop("key") != self.api_key or "Authorization" in request.headers or request.query:
            raise web.HTTPUnauthorized(reason="Invalid API key")
        return body

    async def _text_to_image(self, request: web.Request) -> web.StreamResponse:
        body = await self.keyed(request)
        _check(body, {"model_id", "prompt", "aspect_ratio"}, "gen4_image")
        if body["aspect_ratio"] not in self.options:
            raise web.HTTPBadRequest(reason="aspect_ratio is not one of the options")
        return await self._take(request, body, 0.07)

    async def _image_to_image(self, request: web.Request) -> web.StreamResponse:
        body = await self.keyed(request)
        _check(body, {"model_id", "prompt", "init_image", "init_image_2"}, "gen4_image_turbo")
        if not {body["init_image"], body["init_image_2"]} <= set(self.uploads):
            raise web.HTTPBadRequest(reason="Unable to fetch image from provided URL")
        return await self._take(request, body, 0.03)

    def _told(self, task: TwinTask, state: str) -> dict[str, Any]:
        told: dict[str, Any] = {"status": state, "id": self._number(task), "output": []}
        if state == "processing":
            told |= {"message": "Try to fetch request after seconds estimated", "fetch_result": f"{self.base_url}/evil"}
            told |= {"future_links": [f"{self.base_url}/not-yet.png"]}
            told |= {} if self.eta is None else {"eta": self.eta}
        if state == "success":
            ratio = self.options.get(task.body.get("aspect_ratio", ""), "1280:720")
            told |= {"generationTime": 2.45, "output": [self.link(task, ratio, 0)], "proxy_links": [], "meta": {}}
        if state in {"failed", "error"}:
            told["messege"] = task.play.failure or ""
        return told

    def _number(self, task: TwinTask) -> int | str:
        number = self._numbers.setdefault(task.id, str(12_345_678 + len(self._numbers)))
        return int(number) if self.number_ids else number

    async def _fetch(self, request: web.Request) -> web.StreamResponse:
        body = await self.keyed(request)
        if self.only_old_fetch:
            return web.Response(status=404, body=b"<html>Not found</html>", content_type="text/html")
        if body:
            raise web.HTTPBadRequest(reason="unexpected fields")
        return self._state(request.match_info["id"])

    async def _fetch_old(self, request: web.Request) -> web.StreamResponse:
        body = await self.keyed(request)
        if set(body) != {"request_id"}:
            raise web.HTTPBadRequest(reason="request_id is required")
        return self._state(body["request_id"])

    def _state(self, number: str) -> web.StreamResponse:
        task = next((task for task in self.tasks if self._numbers.get(task.id) == number), None)
        if task is None:
            return web.json_response({"status": "error", "message": "Request not found"})
        reply = task.next_reply(self.clock())
        if reply is not None:
            return replied(reply)
        return web.json_response(self._told(task, task.state) | dict(task.play.shown))

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        body = await self.keyed(request)
        if self.upload_reply is not None:
            return replied(self.upload_reply)
        head, _, encoded = str(body.get("base64_string")).partition(";base64,")
        if set(body) != {"base64_string"} or head not in {"data:image/png", "data:image/jpeg", "data:image/webp"}:
            raise web.HTTPBadRequest(reason="base64_string is invalid")
        if len(encoded) > 5_000_000:
            raise web.HTTPBadRequest(reason="file is too large")
        try:
            content = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise web.HTTPBadRequest(reason="base64_string is invalid") from None
        link = f"{self.base_url}/uploads/{secrets.token_hex(8)}.png"
        self.uploads[link] = content
        return web.json_response({"status": "success", "id": 7, "output": [link]})

    async def _wallet(self, request: web.Request) -> web.StreamResponse:
        await self.keyed(request)
        if self.balance_reply is not None:
            return replied(self.balance_reply)
        left = self.balance - self.billed
        return web.json_response({"status": "success", "data": {"balance": left, "currency": "USD"}})


def _check(body: dict[str, Any], fields: set[str], model: str) -> None:
    missing = fields - set(body)
    if missing or set(body) - fields:
        raise web.HTTPBadRequest(reason=f"{min(missing)} is required" if missing else "unexpected fields")
    if body["model_id"] != model:
        raise web.HTTPNotFound(reason="Model not found: that one")
    prompt = body["prompt"]
    if not isinstance(prompt, str) or not 0 < len(prompt.encode("utf-16-le")) // 2 <= 1000:
        raise web.HTTPBadRequest(reason="prompt is required")


def picture_of(ratio: str) -> bytes:
    """What the service paints, whose pictures have no seed."""
    return picture(ratio, 0)


def error(text: str, *, status: int = 200, misspelt: bool = False) -> Play:
    """A submission that is answered with an error in the body."""
    name = b"messege" if misspelt else b"message"
    return Play.answers(status, b'{"status":"error","%s":"%s secret-failure-text"}' % (name, text.encode()))
