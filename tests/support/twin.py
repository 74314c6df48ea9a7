"""What every strict local service has: a real socket, a script, a record of requests, and an account."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import uuid
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from aiohttp import web

from bot.playground.dripping import Dripping
from tests.support.secrecy import net
from tests.support.twin_files import Outputs, picture
from tests.support.twin_script import DRIP_SECONDS, TRICKLE_SECONDS, Play, Reply, SubmitFault
from tests.support.twin_task import TwinTask

BODY_LIMIT = 40 * 1024 * 1024


class Twin(ABC):
    """The server. `tasks` are all that were ever accepted, `requests` all that were made (method, path, status).

    A service adds its routes, validates, and hands a good order to `_take`.
    """

    paid: Collection[str]
    """The paths whose POSTs cost money."""
    usual: Sequence[str]
    """The states of a task that succeeds, poll by poll."""
    billed_in: Collection[str]
    """The states in which a task is billed."""

    def __init__(self, *, clock: Callable[[], float] = time.time, balance: float = 100.0) -> None:
        self.api_key = f"key_{secrets.token_hex(20)}"
        net().plant(self.api_key)
        self.base_url = ""
        self.clock = clock
        self.balance = balance
        self.default = Play()
        self.tasks: list[TwinTask] = []
        self.requests: list[tuple[str, str, int]] = []
        self.outputs = Outputs()
        self._closing = asyncio.Event()
        self._plays: deque[Play] = deque()

    @classmethod
    @asynccontextmanager
    async def open(cls, *, clock: Callable[[], float] = time.time, balance: float = 100.0) -> AsyncGenerator[Self]:
        """A server on a free port of this machine, for as long as the context lasts."""
        server = cls(clock=clock, balance=balance)
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[server._recorded])
        server.add_routes(app)
        server.outputs.add_routes(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.base_url = server.outputs.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield server
        finally:
            server._closing.set()
            server.outputs.closing.set()
            await runner.cleanup()

    @abstractmethod
    def add_routes(self, app: web.Application) -> None:
        """Serve the service's own addresses."""

    @abstractmethod
    def accepted(self, task: TwinTask) -> dict[str, Any]:
        """What the service answers to a submission that it takes."""

    @abstractmethod
    def out_of_credits(self) -> Reply:
        """What the service answers when the account is empty."""

    def refused(self, status: int, text: str) -> web.Response:
        """What the service answers to a request that it does not take."""
        return web.json_response({"error": text}, status=status)

    def script(self, *plays: Play) -> None:
        """What happens to the next submissions, one each; afterwards `default`."""
        self._plays.extend(plays)

    @property
    def billed(self) -> float:
        """Dollars billed so far."""
        return sum(task.billed for task in self.tasks)

    @property
    def submissions(self) -> int:
        """How many paid requests arrived, whatever became of them."""
        return sum(method == "POST" and path in self.paid for method, path, _ in self.requests)

    def task(self, task_id: str) -> TwinTask:
        """The task with this id, or a 404."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise web.HTTPNotFound

    def link(self, task: TwinTask, ratio: str, seed: int = 0) -> str:
        """A fresh link to the task's picture, of this size (`1280:720`)."""
        content = picture(ratio, seed)
        return self.outputs.link(task.id, content, fault=task.play.output, good_after=task.play.good_output_after)

    async def _take(
        self,
        request: web.Request,
        body: dict[str, Any],
        price: float,
        answer: Callable[[TwinTask], web.Response] | None = None,
    ) -> web.StreamResponse:
        """What becomes of a valid order by its script; `answer` is given instead of the `accepted` one."""
        task = await self._task_for(request, body, price)
        if isinstance(task, web.StreamResponse):
            return task
        match task.play.submit:
            case SubmitFault.DROP_AFTER:
                return dropped(request)
            case SubmitFault.HANG_AFTER:
                await self._closing.wait()
                return dropped(request)
            case SubmitFault.GARBAGE:
                return web.Response(body=b"<html>ok</html>", content_type="text/html")
            case SubmitFault.NO_ID:
                return web.json_response({})
            case _:
                plain = web.json_response({**self.accepted(task), **task.play.accepted})
                return paced(task.play.submit, plain if answer is None else answer(task))

    async def _task_for(
        self, request: web.Request, body: dict[str, Any], price: float
    ) -> TwinTask | web.StreamResponse:
        """The task of a valid order, or the answer when its script or the account gives it none."""
        play = self._plays.popleft() if self._plays else self.default
        if play.reply is not None:
            return replied(play.reply)
        if play.submit is SubmitFault.HANG_BEFORE:
            await self._closing.wait()
        if play.submit in {SubmitFault.HANG_BEFORE, SubmitFault.DROP_BEFORE}:
            return dropped(request)
        if price > self.balance - self.billed:
            return replied(self.out_of_credits())
        task = TwinTask(
            id=str(uuid.uuid4()),
            body=body,
            play=play,
            created_at=self.clock(),
            price=price,
            usual=self.usual,
            billed_in=self.billed_in,
        )
        self.tasks.append(task)
        return task

    @web.middleware
    async def _recorded(self, request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        self.requests.append((request.method, request.path, 0))
        index = len(self.requests) - 1
        try:
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as error:
            response = self.refused(error.status, error.reason)
        self.requests[index] = (request.method, request.path, response.status)
        return response


async def json_body(request: web.Request) -> dict[str, Any]:
    """The body, which must be a JSON object and say so."""
    if request.headers.get("Content-Type") != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise web.HTTPBadRequest(reason="Invalid JSON") from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(reason="Expected object")
    return body


def replied(reply: Reply) -> web.Response:
    """An answer word for word."""
    headers = {"Content-Type": "application/json", **reply.headers}
    if reply.over:
        return Dripping(status=reply.status, body=reply.body, headers=headers, over=reply.over)
    return web.Response(status=reply.status, body=reply.body, headers=headers)


def paced(fault: SubmitFault, answer: web.Response) -> web.Response:
    """The answer to a submission as quickly as it comes by the script."""
    over = {SubmitFault.DRIP: DRIP_SECONDS, SubmitFault.TRICKLE: TRICKLE_SECONDS}.get(fault)
    if over is None:
        return answer
    assert isinstance(answer.body, bytes)
    return Dripping(status=answer.status, body=answer.body, headers=answer.headers, over=over)


def dropped(request: web.Request) -> web.Response:
    """No answer: the connection breaks."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
