"""A strict local Segmind: its queue, its direct answers, its storage and its record of requests, on one address."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from tests.support.runway_rules import DATA_URI, TAG, Invalid, check_asset
from tests.support.twin import Twin, json_body, replied
from tests.support.twin_files import picture
from tests.support.twin_script import Reply
from tests.support.twin_task import TwinTask

SLUG = "runway-gen4-image"
PRICE = 0.10
RATIOS = {"1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672", "1920:1080", "1080:1920"}
RECORD_SECONDS = 3600
HISTORY = "/inference-request/request-history"


class LocalSegmind(Twin):
    """`shape` makes the `output` of a link to the picture; `assets` are the pictures uploaded, by address."""

    paid = (f"/v1/{SLUG}", f"/v2/{SLUG}")
    usual = ("QUEUED", "PROCESSING", "COMPLETED")
    billed_in = ("COMPLETED",)

    def __init__(self, *, clock: Callable[[], float], balance: float = 100.0) -> None:
        super().__init__(clock=clock, balance=balance)
        self.assets: dict[str, bytes] = {}
        self.shape: Callable[[str], Any] = str
        self.direct_headers = True
        self.direct_ids: set[str] = set()
        self.uploads_answer: Reply | None = None
        self.history_answer: Reply | None = None

    def add_routes(self, app: web.Application) -> None:
        """Serve all hosts of the service under one."""
        app.router.add_post(f"/v2/{SLUG}", self._enqueue)
        app.router.add_get("/v2/requests/{id}/status", self._status)
        app.router.add_get("/v2/requests/{id}", self._result)
        app.router.add_post(f"/v1/{SLUG}", self._direct)
        app.router.add_get("/v1/get-user-credits", self._credits)
        app.router.add_post("/upload-asset", self._upload)
        app.router.add_get(HISTORY, self._history)
        app.router.add_get(HISTORY + "/{id}", self._record)

    def accepted(self, task: TwinTask) -> dict[str, Any]:
        """The place in the queue."""
        url = f"{self.base_url}/v2/requests/{task.id}"
        polled = f"{self.base_url}/v1/requests/{task.id}"
        return {
            "request_id": task.id,
            "status": "QUEUED",
            "poll_url": polled,
            "status_url": f"{url}/status",
            "response_url": url,
        }

    def out_of_credits(self) -> Reply:
        """One of the four meanings of a 406."""
        return Reply(status=406, body=b'{"error":"Insufficient credits. Please add credits to your account."}')

    def _check_key(self, request: web.Request) -> None:
        if "Authorization" in request.headers or request.headers.get("x-api-key") != self.api_key:
            raise web.HTTPUnauthorized(reason="Unauthorized. API key is invalid or may have expired")

    async def _order(self, request: web.Request) -> dict[str, Any]:
        self._check_key(request)
        if request.headers.get("Content-Type") != "application/json":
            raise web.HTTPNotAcceptable(reason="Invalid content type")
        body = await json_body(request)
        try:
            self._check(body)
        except Invalid as invalid:
            raise web.HTTPNotAcceptable(reason=f"Invalid value: {invalid.message}") from None
        return body

    def _check(self, body: dict[str, Any]) -> None:
        if set(body) - {"promptText", "referenceImages", "ratio"}:
            raise Invalid("unknown parameter")
        prompt = body.get("promptText")
        if not isinstance(prompt, str) or not 0 < len(prompt.encode("utf-16-le")) // 2 <= 1000:
            raise Invalid("promptText")
        if body.get("ratio", "1280:720") not in RATIOS:
            raise Invalid("ratio")
        references = body.get("referenceImages")
        if not isinstance(references, list) or not 1 <= len(references) <= 3:
            raise Invalid("referenceImages")
        for item in references:
            if not isinstance(item, dict) or set(item) != {"uri", "tag"} or not TAG.fullmatch(str(item["tag"])):
                raise Invalid("referenceImages needs uri and tag")
            if item["uri"] not in self.assets and not re.match(r"https://[a-z0-9.-]+\.[a-z]{2,}/", str(item["uri"])):
                raise Invalid("referenceImages needs a link")

    async def _enqueue(self, request: web.Request) -> web.StreamResponse:
        return await self._take(request, await self._order(request), PRICE)

    async def _direct(self, request: web.Request) -> web.StreamResponse:
        def answer(task: TwinTask) -> web.Response:
            headers = {
                "x-remaining-credits": str(self.balance - self.billed),
                "x-cost": str(task.price),
                "x-generation-time": "30.64",
                "x-request-id": task.id,
            }
            body = picture(str(task.body.get("ratio")), 0)
            return web.Response(body=body, content_type="image/jpeg", headers=headers if self.direct_headers else {})

        return await self._take(request, await self._order(request), PRICE, answer)

    async def _task_for(
        self, request: web.Request, body: dict[str, Any], price: float
    ) -> TwinTask | web.StreamResponse:
        """The task, which is made at once where the answer is the picture, whether the answer arrives or not."""
        made = await super()._task_for(request, body, price)
        if isinstance(made, TwinTask) and request.path == f"/v1/{SLUG}":
            made.state = "COMPLETED"
            self.direct_ids.add(made.id)
        return made

    def _queued(self, request: web.Request) -> TwinTask:
        self._check_key(request)
        task_id = request.match_info["id"]
        for task in self.tasks:
            recent = self.clock() - task.created_at <= RECORD_SECONDS
            if task.id == task_id and recent and task_id not in self.direct_ids:
                return task
        raise web.HTTPNotFound(reason=f"Request {task_id} not found")

    async def _status(self, request: web.Request) -> web.StreamResponse:
        task = self._queued(request)
        reply = task.next_reply(self.clock())
        return replied(reply) if reply is not None else self._told(task, {"status": task.state})

    async def _result(self, request: web.Request) -> web.StreamResponse:
        task = self._queued(request)
        told: dict[str, Any] = {"status": task.state}
        if task.state == "COMPLETED":
            told["output"] = self.shape(self.link(task, str(task.body.get("ratio"))))
            told["metrics"] = {"inference_time": 30.64, "cost": task.billed, "remaining_credits": self._left()}
        return self._told(task, told)

    def _told(self, task: TwinTask, told: dict[str, Any]) -> web.Response:
        """A failed task is told under a 422."""
        failed = task.state == "FAILED"
        if failed:
            told |= {"error": task.play.failure, "metrics": {}}
        return web.json_response({**told, **task.play.shown}, status=422 if failed else 200)

    def _left(self) -> float:
        return self.balance - self.billed

    async def _credits(self, request: web.Request) -> web.StreamResponse:
        self._check_key(request)
        if self.balance == 0:
            raise web.HTTPNotFound(reason="No credits found for the user")
        return web.json_response({"credits": self._left(), "free-credits": 0.018})

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        self._check_key(request)
        body = await json_body(request)
        if self.uploads_answer is not None:
            return replied(self.uploads_answer)
        urls: list[str] = []
        for uri in body["data_urls"]:
            match = DATA_URI.fullmatch(uri)
            if match is None:
                raise web.HTTPBadRequest(reason="data_urls")
            content = base64.b64decode(match[2])
            check_asset(content, ("data_urls",))
            urls.append(f"{self.base_url}/assets/{secrets.token_hex(8)}.png")
            self.assets[urls[-1]] = content
        return web.json_response({"file_urls": urls, "message": "Files uploaded successfully"})

    async def _history(self, request: web.Request) -> web.StreamResponse:
        self._check_key(request)
        if self.history_answer is not None:
            return replied(self.history_answer)
        query = request.query
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", query["from_date"]) or not 1 <= int(query["per_page"]) <= 100:
            raise web.HTTPBadRequest(reason="from_date")
        first = datetime.fromisoformat(query["from_date"]).replace(tzinfo=UTC).timestamp()
        rows = [self._row(task) for task in self.tasks if task.created_at >= first]
        named = [row for row in rows if query["model_name"] in row["model_name"]]
        return web.json_response({"page": int(query["page"]), "total": len(named), "data": named})

    async def _record(self, request: web.Request) -> web.StreamResponse:
        self._check_key(request)
        if self.history_answer is not None:
            return replied(self.history_answer)
        return web.json_response(self._row(self.task(request.match_info["id"])))

    def _row(self, task: TwinTask) -> dict[str, Any]:
        ended = task.state in {"COMPLETED", "FAILED"}
        return {
            "request_id": task.id,
            "model_name": SLUG,
            "model_status": task.state if ended else "PENDING",
            "credits_deduction": task.billed,
            "request_body": task.body,
            "generation_url": self.link(task, str(task.body.get("ratio"))) if task.state == "COMPLETED" else None,
            "model_created": datetime.fromtimestamp(task.created_at, UTC).isoformat(),
            "error": task.play.failure,
        }
