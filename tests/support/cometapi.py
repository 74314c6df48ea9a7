"""A strict local CometAPI: Runway's rules at another address, both envelopes, and references by link only."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from tests.support.png import small_png
from tests.support.runway_rules import Invalid, check_body
from tests.support.twin import Twin, json_body, replied
from tests.support.twin_script import Reply
from tests.support.twin_task import TwinTask

VERSION = "2024-11-06"
PRICE = 0.32


class LocalCometApi(Twin):
    """With `wrapped`, states come in the envelope of the older documentation."""

    paid = ("/runwayml/v1/text_to_image",)
    usual = ("PENDING", "RUNNING", "SUCCEEDED")
    billed_in = ("SUCCEEDED",)

    def __init__(self, *, clock: Callable[[], float], balance: float = 100.0) -> None:
        super().__init__(clock=clock, balance=balance)
        self.wrapped = False
        self.quota_query: list[str] = []

    def add_routes(self, app: web.Application) -> None:
        """Serve the API, the quota query of its other host, and files for links to lead to."""
        app.router.add_post("/runwayml/v1/text_to_image", self._submit)
        app.router.add_get("/runwayml/v1/tasks/{id}", self._poll)
        app.router.add_get("/user/quota", self._quota)

    def accepted(self, task: TwinTask) -> dict[str, Any]:
        """The id, nothing else."""
        return {"id": task.id}

    def out_of_credits(self) -> Reply:
        """Not documented; this is how such services word it."""
        body = b'{"error":{"message":"user quota is not enough","type":"comet_api_error","param":"","code":""}}'
        return Reply(status=403, body=body)

    def refused(self, status: int, text: str) -> web.Response:
        """The error envelope."""
        return self._error(status, text, "")

    def reference_link(self, name: str = "ref.png", **query: str) -> str:
        """A link that the service would open."""
        ending = "&".join(f"{key}={value}" for key, value in query.items())
        return f"{self.base_url}/attachments/{name}?{ending}"

    def _error(self, status: int, message: str, code: str) -> web.Response:
        said = {"message": f"{message} (request id: 2026)", "type": "comet_api_error", "param": "", "code": code}
        return web.json_response({"error": said}, status=status)

    def _check_key(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            raise web.HTTPUnauthorized

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        self._check_key(request)
        if request.headers.get("X-Runway-Version") != VERSION:
            raise web.HTTPBadRequest(reason="X-Runway-Version is missing")
        body = await json_body(request)
        if body.get("model") != "gen4_image":
            return self._error(500, "model is not supported", "invalid_request")
        references = body.get("referenceImages")
        if not references:
            return self._error(400, "reference_images_empty", "reference_images_empty")
        try:
            check_body({**body, "referenceImages": [self._as_public(item) for item in references]}, _no_uploads)
        except Invalid as invalid:
            return self._error(400, f"{invalid.message} {invalid.path}", "invalid_request")
        return await self._take(request, body, PRICE)

    def _as_public(self, item: dict[str, Any]) -> dict[str, Any]:
        """The reference with a link of this machine's as one of the internet's; nothing but links is taken."""
        uri = str(item.get("uri"))
        parts = urlsplit(uri)
        if not re.fullmatch(r"https?", parts.scheme):
            raise Invalid("only public links are taken", "referenceImages")
        if parts.hostname == "127.0.0.1" and re.match("/(ephemeral-)?attachments/", parts.path):
            return {**item, "uri": "https://cdn.example.com/ref.png"}
        return item

    async def _poll(self, request: web.Request) -> web.StreamResponse:
        self._check_key(request)
        try:
            task = self.task(request.match_info["id"])
        except web.HTTPNotFound:
            return web.json_response({"code": "task_not_exist", "message": "task_not_exist", "data": None}, status=400)
        reply = task.next_reply(self.clock())
        if reply is not None:
            return replied(reply)
        shown = {**self._shown(task), **task.play.shown}
        return web.json_response(_envelope(task, shown) if self.wrapped else shown)

    def _shown(self, task: TwinTask) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": task.id, "status": task.state, "createdAt": "2026-01-01T00:00:00.000Z"}
        if task.state.upper() in {"SUCCEEDED", "SUCCESS"}:
            shown["output"] = [self.link(task, task.body["ratio"], task.body.get("seed", 0))]
        if task.state.upper() == "RUNNING":
            shown["progress"] = 0.5
        if task.play.failure is not None:
            shown["failure"] = task.play.failure
        return shown

    async def _quota(self, request: web.Request) -> web.StreamResponse:
        self.quota_query.append(request.query_string)
        if "Authorization" in request.headers or request.query.get("key") != self.api_key:
            raise web.HTTPUnauthorized
        left = self.balance - self.billed
        keys = [{"name": "bot", "remain_quota": -1, "used_quota": self.billed}]
        return web.json_response(
            {
                "username": "operator",
                "total_quota": left,
                "total_used_quota": self.billed,
                "request_count": len(self.tasks),
                "keys": keys,
            }
        )


def _envelope(task: TwinTask, shown: dict[str, Any]) -> dict[str, Any]:
    outer = {"PENDING": "QUEUED", "RUNNING": "IN_PROGRESS", "SUCCEEDED": "SUCCESS", "FAILED": "FAILURE"}
    inner = {key: value for key, value in shown.items() if key != "progress"}
    data = {
        "task_id": task.id,
        "action": "TEXT_TO_IMAGE",
        "status": outer.get(task.state.upper(), task.state),
        "fail_reason": task.play.failure or "",
        "submit_time": 1,
        "start_time": 0,
        "finish_time": 0,
        "progress": "50%" if "progress" in shown else "0%",
        "data": inner,
    }
    return {"code": "success", "message": "", "data": data}


def _no_uploads(_: str) -> bytes:
    return small_png(64, 64)
