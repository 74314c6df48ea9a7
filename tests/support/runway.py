"""A strict local Runway on a real socket: it checks what it is sent, follows a script, and counts what it bills."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import uuid
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.support.runway_files import RunwayFiles
from tests.support.runway_rules import Invalid, check_body, price
from tests.support.runway_script import NOT_ENOUGH_CREDITS, Reply, Scenario, SubmitFault
from tests.support.runway_task import LocalTask
from tests.support.secrecy import net
from tests.support.twin import dropped, paced, replied
from tests.support.twin_files import picture

VERSION = "2024-11-06"
BODY_LIMIT = 20 * 1024 * 1024


class LocalRunway:
    """The server. `tasks` are all that were ever accepted, `requests` all that were made (method, path, status)."""

    def __init__(self, *, clock: Callable[[], float], credits: float) -> None:
        self.api_key = f"key_{secrets.token_hex(64)}"
        net().plant(self.api_key)
        self.base_url = ""
        self.tasks: list[LocalTask] = []
        self.requests: list[tuple[str, str, int]] = []
        self.default = Scenario()
        self.credits = credits
        self.most_open = 0
        self.a_day = 200
        self.at_once: int | None = 2
        self.forgets_cancelled = False
        self.clock = clock
        self.files = RunwayFiles(clock=clock)
        self._scripts: deque[Scenario] = deque()
        self._closing = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, *, clock: Callable[[], float] = time.time, credits: float = 100_000
    ) -> AsyncGenerator[LocalRunway]:
        """A server on a free port of this machine, for as long as the context lasts."""
        server = cls(clock=clock, credits=credits)
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[server._recorded])
        app.router.add_post("/v1/text_to_image", server._submit)
        app.router.add_get("/v1/tasks/{id}", server._poll)
        app.router.add_delete("/v1/tasks/{id}", server._delete)
        app.router.add_post("/v1/uploads", server._upload_place)
        app.router.add_get("/v1/organization", server._organization)
        server.files.add_routes(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        server.base_url = server.files.base_url = f"http://127.0.0.1:{port}"
        try:
            yield server
        finally:
            server._closing.set()
            server.files.closing.set()
            await runner.cleanup()

    def script(self, *scenarios: Scenario) -> None:
        """What happens to the next submissions, one each; afterwards `default`."""
        self._scripts.extend(scenarios)

    @property
    def billed(self) -> float:
        """Credits billed so far."""
        return sum(task.billed for task in self.tasks)

    @property
    def submissions(self) -> int:
        """How many paid requests arrived, whatever became of them."""
        return sum(path == "/v1/text_to_image" for _, path, _ in self.requests)

    def task(self, task_id: str) -> LocalTask:
        """The task with this id."""
        return next(task for task in self.tasks if task.id == task_id)

    @web.middleware
    async def _recorded(self, request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        self.requests.append((request.method, request.path, 0))
        index = len(self.requests) - 1
        try:
            if request.path.startswith("/v1/"):
                self._check_headers(request)
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as error:
            self.requests[index] = (request.method, request.path, error.status)
            return _error(error.status, error.reason)
        self.requests[index] = (request.method, request.path, response.status)
        return response

    def _check_headers(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            raise web.HTTPUnauthorized
        if request.headers.get("X-Runway-Version") != VERSION:
            raise web.HTTPBadRequest(reason="Missing or unsupported X-Runway-Version")

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        try:
            references = check_body(body, self.files.uploaded)
        except Invalid as invalid:
            return _issues(invalid)
        scenario = self._scripts.popleft() if self._scripts else self.default
        if scenario.reply is not None:
            return replied(scenario.reply)
        if scenario.submit is SubmitFault.DROP_BEFORE:
            return dropped(request)
        if scenario.submit is SubmitFault.HANG_BEFORE:
            await self._closing.wait()
            return dropped(request)
        if price(body) > self.credits - self.billed:
            return replied(Reply(status=400, body=NOT_ENOUGH_CREDITS))
        task = LocalTask(
            id=str(uuid.uuid4()), body=body, references=references, scenario=scenario, created_at=self.clock()
        )
        self.tasks.append(task)
        self.most_open = max(self.most_open, sum(not task.ended for task in self.tasks))
        return await self._answered(request, task)

    async def _answered(self, request: web.Request, task: LocalTask) -> web.StreamResponse:
        match task.scenario.submit:
            case SubmitFault.DROP_AFTER:
                return dropped(request)
            case SubmitFault.HANG_AFTER:
                await self._closing.wait()
                return dropped(request)
            case SubmitFault.GARBAGE:
                return web.Response(body=b"<html>ok</html>", content_type="text/html")
            case SubmitFault.NO_ID:
                return web.json_response({"estimatedCost": {"credits": task.price}})
            case _:
                told = {"id": task.id, "estimatedCost": {"credits": task.price}}
                return paced(task.scenario.submit, web.json_response(told))

    def _find(self, request: web.Request) -> LocalTask:
        for task in self.tasks:
            if task.id == request.match_info["id"] and not task.deleted:
                return task
        raise web.HTTPNotFound

    async def _poll(self, request: web.Request) -> web.StreamResponse:
        task = self._find(request)
        task.polls += 1
        task.polled_at.append(self.clock())
        if task.polls <= len(task.scenario.polls):
            return replied(task.scenario.polls[task.polls - 1])
        task.advance()
        return web.json_response(self._shown(task))

    def _shown(self, task: LocalTask) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": task.id, "status": task.status, "createdAt": "2026-01-01T00:00:00.000Z"}
        if not task.ended:
            shown["estimatedCost"] = {"credits": task.price}
        elif task.scenario.says_cost:
            shown["cost"] = {"credits": task.billed}
        if task.status == "RUNNING" and task.progress is not None:
            shown["progress"] = task.progress
        if task.status == "SUCCEEDED":
            content = picture(task.body["ratio"], task.body.get("seed", 0))
            fault, good_after = task.scenario.output, task.scenario.good_output_after
            shown["output"] = [self.files.link(task.id, content, fault=fault, good_after=good_after)]
        if task.status == "FAILED":
            shown["failure"] = "Provider text that nobody may read: secret-failure-text"
            if task.scenario.failure_code is not None:
                shown["failureCode"] = task.scenario.failure_code
        return shown

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        task = self._find(request)
        if task.ended:
            task.deleted = True
        else:
            task.finish("CANCELLED")
            task.deleted = self.forgets_cancelled
        return web.Response(status=204)

    async def _upload_place(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        if not isinstance(body, dict) or set(body) != {"filename", "type"} or body["type"] != "ephemeral":
            return _issues(Invalid("Invalid input", "type"))
        if not isinstance(body["filename"], str) or "." not in body["filename"]:
            return _issues(Invalid("Invalid filename", "filename"))
        return web.json_response(self.files.new_place())

    async def _organization(self, _: web.Request) -> web.StreamResponse:
        limits = {"gen4_image": {"maxConcurrentGenerations": self.at_once, "maxDailyGenerations": self.a_day}}
        return web.json_response(
            {
                "tier": {"maxMonthlyCreditSpend": 10_000, "models": limits},
                "creditBalance": self.credits - self.billed,
                "usage": {"models": {"gen4_image": {"dailyGenerations": len(self.tasks)}}},
            }
        )


async def _json(request: web.Request) -> Any:
    if request.headers.get("Content-Type") != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        return json.loads(await request.read())
    except ValueError:
        raise web.HTTPBadRequest(reason="Invalid JSON") from None


def _issues(invalid: Invalid) -> web.Response:
    issue = {"code": "custom", "path": invalid.path, "message": invalid.message}
    return web.json_response(
        {"error": "Validation of body failed", "issues": [issue], "docUrl": "https://docs.dev.runwayml.com/api"},
        status=400,
    )


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)
