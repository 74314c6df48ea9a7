"""A strict local WaveSpeedAI on a real socket: envelopes, uploads of both kinds, history, balance and optimiser."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import BodyPartReader, web

from tests.support.secrecy import net
from tests.support.twin import Twin, json_body, replied
from tests.support.twin_files import picture
from tests.support.twin_script import Reply
from tests.support.twin_task import TwinTask

BASE = "/api/v3"
MODELS = {"runwayml/gen4-image": (0.05, 0.08), "runwayml/gen4-image-turbo": (0.03, 0.03)}
OPTIMIZER = "wavespeed-ai/prompt-optimizer"
PIXELS = {
    ("16:9", "720p"): "1280:720",
    ("16:9", "1080p"): "1920:1080",
    ("9:16", "720p"): "720:1280",
    ("9:16", "1080p"): "1080:1920",
    ("1:1", "720p"): "720:720",
    ("1:1", "1080p"): "1080:1080",
    ("4:3", "720p"): "960:720",
    ("4:3", "1080p"): "1440:1080",
    ("3:4", "720p"): "720:960",
    ("3:4", "1080p"): "1080:1440",
}
FIELDS = {"prompt", "aspect_ratio", "resolution", "reference_images", "seed", "enable_base64_output"}


class Uploads:
    """Files that were uploaded, under links that anybody can open; places wait for a PUT with their own headers."""

    def __init__(self) -> None:
        self.base_url = ""
        self.files: dict[str, bytes] = {}
        self.places: dict[str, dict[str, Any]] = {}
        self.bucket_says = 200

    def new_place(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """The answer of the newer way."""
        name = secrets.token_hex(8)
        headers = {"Content-Type": wanted["content_type"], "x-put-token": secrets.token_hex(8)}
        self.places[name] = {**wanted, "headers": headers}
        signature = secrets.token_hex(8)
        net().plant(signature, headers["x-put-token"])
        upload = {
            "method": "PUT",
            "url": f"{self.base_url}/bucket/{name}?sig={signature}",
            "headers": headers,
        }
        return {"upload": upload, "download_url": self.link(name)}

    def link(self, name: str) -> str:
        """Where the file is found afterwards."""
        return f"{self.base_url}/files/{name}"

    async def put(self, request: web.Request) -> web.StreamResponse:
        """Take the file for a place."""
        place = self.places.get(request.match_info["name"])
        if place is None or "Authorization" in request.headers or self.bucket_says != 200:
            return web.Response(status=403 if self.bucket_says == 200 else self.bucket_says)
        content = await request.read()
        fits = all(request.headers.get(name) == value for name, value in place["headers"].items())
        if not fits or len(content) != place["size"]:
            return web.Response(status=400)
        self.files[request.match_info["name"]] = content
        return web.Response()


class LocalWaveSpeed(Twin):
    """The server. Its addresses lie below `base_url` + `BASE`."""

    paid = frozenset(f"{BASE}/{path}" for path in (*MODELS, OPTIMIZER))
    usual = ("created", "processing", "completed")
    billed_in = frozenset({"completed"})

    def __init__(self, *, clock: Callable[[], float], balance: float) -> None:
        super().__init__(clock=clock, balance=balance)
        self.uploads = Uploads()
        self.only_old_uploads = False
        self.upload_reply: Reply | None = None
        self.balance_at = "balance"
        self.balance_reply: Reply | None = None
        self.history_tells_orders = True
        self.history_filters = True
        self.history_reply: Reply | None = None
        self.listings: list[dict[str, Any]] = []
        self.others: list[dict[str, Any]] = []
        self.bills_reply: Reply | None = None
        self.bills_known = True
        self.refunds = True
        self.optimized = "A richly lit cat"

    @property
    def api(self) -> str:
        """The base address of its API."""
        return f"{self.base_url}{BASE}"

    def add_routes(self, app: web.Application) -> None:
        for path in MODELS:
            app.router.add_post(f"{BASE}/{path}", self._submit)
        app.router.add_post(f"{BASE}/{OPTIMIZER}", self._optimize)
        app.router.add_get(BASE + "/predictions/{id}/result", self._poll)
        app.router.add_post(f"{BASE}/predictions", self._history)
        app.router.add_post(f"{BASE}/billings/search", self._bills)
        app.router.add_post(f"{BASE}/media/uploads", self._upload_place)
        app.router.add_post(f"{BASE}/media/upload/binary", self._upload_form)
        app.router.add_put("/bucket/{name}", self.uploads.put)
        app.router.add_get(f"{BASE}/balance", self._balance)
        app.router.add_get(f"{BASE}/account/balance", self._balance)

    def refused(self, status: int, text: str) -> web.Response:
        return web.json_response({"code": status, "message": text}, status=status)

    def out_of_credits(self) -> Reply:
        return Reply(status=403, body=b'{"code":403,"message":"Insufficient credits, please top up."}')

    def accepted(self, task: TwinTask) -> dict[str, Any]:
        return _sealed(self._told(task, "created"))

    def _told(self, task: TwinTask, status: str) -> dict[str, Any]:
        return {
            "id": task.id,
            "model": task.body["_model"],
            "outputs": [],
            "urls": {"get": f"{self.api}/predictions/{task.id}/result"},
            "has_nsfw_contents": [],
            "status": status,
            "created_at": _moment(task.created_at),
            "error": "",
            "timings": {"inference": 0},
        }

    def _keyed(self, request: web.Request) -> None:
        self.uploads.base_url = self.base_url
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            raise web.HTTPUnauthorized(reason="Invalid API key")
        if request.query:
            raise web.HTTPBadRequest(reason="unexpected query")

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        self._keyed(request)
        body = await json_body(request)
        self._check(body)
        model = request.path.removeprefix(f"{BASE}/")
        price = MODELS[model][body["resolution"] == "1080p"]
        return await self._take(request, body | {"_model": model}, price)

    def _check(self, body: dict[str, Any]) -> None:
        prompt = body.get("prompt")
        if set(body) - FIELDS:
            raise web.HTTPBadRequest(reason="property is not allowed")
        if not isinstance(prompt, str) or not 0 < len(prompt.encode("utf-16-le")) // 2 <= 1000:
            raise web.HTTPBadRequest(reason="property prompt is invalid")
        if (body.get("aspect_ratio"), body.get("resolution")) not in PIXELS:
            raise web.HTTPBadRequest(reason="property aspect_ratio or resolution is invalid")
        seed = body.get("seed", 1)
        if isinstance(seed, bool) or not isinstance(seed, int) or not 1 <= seed <= 2147483647:
            raise web.HTTPBadRequest(reason="property seed is out of range")
        if not isinstance(body.get("enable_base64_output", False), bool):
            raise web.HTTPBadRequest(reason="property enable_base64_output is invalid")
        links = body.get("reference_images", [])
        known = [isinstance(link, str) and link.rsplit("/", 1)[-1] in self.uploads.files for link in links]
        if len(links) > 3 or not all(known):
            raise web.HTTPBadRequest(reason="failed to fetch reference image")

    async def _poll(self, request: web.Request) -> web.StreamResponse:
        self._keyed(request)
        task = self.task(request.match_info["id"])
        reply = task.next_reply(self.clock())
        if reply is not None:
            return replied(reply)
        told = self._told(task, task.state)
        if task.state == "completed":
            told |= {"outputs": [self._output(task)], "has_nsfw_contents": [False], "timings": {"inference": 2500}}
        if task.state == "failed":
            told["error"] = task.play.failure or ""
        return web.json_response(_sealed(told | dict(task.play.shown)))

    def _output(self, task: TwinTask) -> str:
        if "text" in task.body:
            return self.optimized
        pixels = PIXELS[task.body["aspect_ratio"], task.body["resolution"]]
        seed = task.body.get("seed", 0)
        if task.body.get("enable_base64_output"):
            return base64.b64encode(picture(pixels, seed)).decode("ascii")
        return self.link(task, pixels, seed)

    async def _history(self, request: web.Request) -> web.StreamResponse:
        self._keyed(request)
        body = await json_body(request)
        self.listings.append(body)
        if self.history_reply is not None:
            return replied(self.history_reply)
        page, size = body.get("page"), body.get("page_size")
        if not isinstance(page, int) or not isinstance(size, int) or page < 1 or not 1 <= size <= 100:
            raise web.HTTPBadRequest(reason="page and page_size are required")
        entries = [*self.others, *(self._entry(task) for task in self.tasks)]
        entries.sort(key=lambda entry: entry["created_at"], reverse=True)
        if self.history_filters:
            entries = [entry for entry in entries if entry["model"] == body.get("model", entry["model"])]
            entries = [entry for entry in entries if entry["created_at"] >= body.get("created_after", "")]
        return web.json_response(_sealed({"page": page, "items": entries[(page - 1) * size : page * size]}))

    def _entry(self, task: TwinTask) -> dict[str, Any]:
        entry = self._told(task, task.state or "created")
        if self.history_tells_orders:
            entry["input"] = {name: value for name, value in task.body.items() if name != "_model"}
        return entry

    async def _bills(self, request: web.Request) -> web.StreamResponse:
        self._keyed(request)
        body = await json_body(request)
        if self.bills_reply is not None:
            return replied(self.bills_reply)
        asked, size = body.get("prediction_uuids", ()), body.get("page_size")
        if set(body) != {"prediction_uuids", "page", "page_size"} or body["page"] != 1 or size not in range(1, 101):
            raise web.HTTPBadRequest(reason="page and page_size are required")
        tasks = [task for task in self.tasks if task.id in asked] if self.bills_known else []
        entries = [entry for task in tasks for entry in self._bills_of(task)]
        return web.json_response(_sealed({"page": 1, "total": len(entries), "items": entries[:size]}))

    def _bills_of(self, task: TwinTask) -> list[dict[str, Any]]:
        """Taken at the submission, and given back when nothing came of it."""
        price = task.price if task.play.costs is None else task.play.costs
        given_back = self.refunds and task.state in {"failed", "timeout", "deleted", "cancelled"}
        return [
            {
                "uuid": secrets.token_hex(16),
                "billing_type": kind,
                "price": price,
                "created_at": _moment(task.created_at),
                "order": {"uuid": secrets.token_hex(16), "state": "done", "price": price, "origin_price": price},
                "prediction": {"uuid": task.id, "model_uuid": task.body["_model"], "status": task.state or "created"},
            }
            for kind in (("deduct", "refund") if given_back else ("deduct",))
        ]

    async def _upload_place(self, request: web.Request) -> web.StreamResponse:
        self._keyed(request)
        if self.only_old_uploads:
            raise web.HTTPNotFound
        if self.upload_reply is not None:
            return replied(self.upload_reply)
        body = await json_body(request)
        if set(body) != {"filename", "size", "content_type"} or not re.fullmatch(
            r"image/(png|jpeg|webp)", body["content_type"]
        ):
            raise web.HTTPBadRequest(reason="invalid upload")
        return web.json_response(_sealed(self.uploads.new_place(body)))

    async def _upload_form(self, request: web.Request) -> web.StreamResponse:
        self._keyed(request)
        part = await (await request.multipart()).next()
        if not isinstance(part, BodyPartReader) or part.name != "file" or not part.filename:
            raise web.HTTPBadRequest(reason="file is required")
        name = secrets.token_hex(8)
        self.uploads.files[name] = bytes(await part.read())
        shown = {"type": "image", "filename": part.filename, "size": len(self.uploads.files[name])}
        return web.json_response(_sealed({**shown, "download_url": self.uploads.link(name)}))

    async def _balance(self, request: web.Request) -> web.StreamResponse:
        self._keyed(request)
        if self.balance_reply is not None:
            return replied(self.balance_reply)
        if request.path != f"{BASE}/{self.balance_at}":
            raise web.HTTPNotFound
        left = self.balance - self.billed
        if self.balance_at == "balance":
            return web.json_response(_sealed({"balance": left}))
        return web.json_response({"balance": str(left), "currency": "USD"})

    async def _optimize(self, request: web.Request) -> web.StreamResponse:
        self._keyed(request)
        body = await json_body(request)
        if set(body) != {"text", "mode", "style", "enable_sync_mode"} or body["enable_sync_mode"] is not True:
            raise web.HTTPBadRequest(reason="invalid input")
        if body["mode"] not in {"image", "video"} or not body["text"]:
            raise web.HTTPBadRequest(reason="invalid input")
        return await self._take(request, body | {"_model": OPTIMIZER}, 0.001)


def _sealed(data: dict[str, Any]) -> dict[str, Any]:
    return {"code": 200, "message": "success", "data": data}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
