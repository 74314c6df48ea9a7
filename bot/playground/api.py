"""The REST edge: finds the route, checks the token, limits and faults, answers as Discord answers."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiohttp import web

from .core import Core
from .dripping import Dripping
from .errors import ApiError, not_found, unauthorized
from .exchanges import Exchange, Observer
from .faults import Fault
from .loose import Json
from .multipart import Form, read_form
from .ratelimits import RateLimiter, Verdict

log = logging.getLogger(__name__)

MAX_BODY = 26 * 1024 * 1024
KEPT_EXCHANGES = 100_000


class Auth(StrEnum):
    """What a route asks for."""

    BOT = "bot"  # the bot token, and a place under the global limit
    PATH = "path"  # an interaction's token in the path; outside the global limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as a handler sees it."""

    params: Mapping[str, str]
    query: Mapping[str, str]
    form: Form


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers; no body means 204."""

    status: int = 200
    body: Any = None


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the API, by its path in the OpenAPI description."""

    method: str
    template: str
    handler: Handler
    auth: Auth = Auth.BOT

    def pattern(self) -> re.Pattern[str]:
        """The expression that matches its paths."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matched:
    route: Route
    params: dict[str, str]
    path: str

    @property
    def major(self) -> str:
        """The parameters that rate limits are counted by (Discord reference, "Rate Limits")."""
        names = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_token")
        return "/".join(self.params.get(name, "") for name in names)


class Api:
    """Serves /api/v10."""

    def __init__(self, *, core: Core, routes: list[Route], limiter: RateLimiter) -> None:
        self._core = core
        self._limiter = limiter
        self._routes = [(route.pattern(), route) for route in routes]
        self.exchanges: deque[Exchange] = deque(maxlen=KEPT_EXCHANGES)
        self.observers: list[Observer] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        matched = self._match(request.method, "/" + request.match_info["tail"])
        if isinstance(matched, ApiError):
            return _response(Reply(matched.status, matched.body()), {})
        fault = self._core.faults.take(request.method, matched.route.template, matched.params.get("channel_id"))
        try:
            form = await read_form(request)
            if fault is not None and fault.hang is not None and not fault.after_commit:
                # The request is here as a whole: it is carried out even if the client goes away meanwhile.
                await asyncio.sleep(fault.hang)
            reply, headers = self._answer(request, matched, form, fault)
        except ApiError as error:
            form, headers = Form(payload=None, files={}), dict[str, str]()
            reply = Reply(error.status, error.body())
        if fault is not None and fault.hang is not None and fault.after_commit:
            await asyncio.sleep(fault.hang)
        dropped = fault is not None and fault.drop
        self._record(request, matched, form, reply, headers, dropped=dropped)
        if dropped and request.transport is not None:
            request.transport.abort()
        return _response(reply, headers, drip=0.0 if fault is None else fault.drip)

    def _answer(
        self, request: web.Request, matched: _Matched, form: Form, fault: Fault | None
    ) -> tuple[Reply, dict[str, str]]:
        """Run a request without ever yielding, so that what it does is done at once or not at all."""
        route = matched.route
        verdict = self._limiter.admit(
            route=f"{route.method} {route.template}", major=matched.major, exempt=route.auth is Auth.PATH
        )
        if verdict.retry_after is not None:
            return Reply(429, verdict.body()), verdict.headers
        try:
            self._authorize(request, route)
            if fault is not None and not fault.after_commit and (fault.status is not None or fault.drop):
                return self._faulty(fault, verdict)
            call = Call(params=matched.params, query=dict(request.query), form=form)
            reply = route.handler(call)
        except ApiError as error:
            return Reply(error.status, error.body()), verdict.headers
        except Exception:
            log.exception("the local Discord could not handle %s %s", route.method, route.template)
            return Reply(500, {"message": "500: Internal Server Error", "code": 0}), verdict.headers
        if fault is not None and fault.after_commit and fault.status is not None:
            return self._faulty(fault, verdict)
        return reply, verdict.headers

    def _faulty(self, fault: Fault, verdict: Verdict) -> tuple[Reply, dict[str, str]]:
        status = fault.status or 502
        if status == 429:
            refusal = self._limiter.refusal(fault.retry_after, headers=verdict.headers, is_global=fault.is_global)
            headers = dict(refusal.headers)
            if not fault.via:
                del headers["Via"]
            return Reply(429, refusal.body()), headers
        body: Json = {"message": f"{status}: scripted fault", "code": fault.code}
        return Reply(status, body), verdict.headers

    def _authorize(self, request: web.Request, route: Route) -> None:
        if route.auth is Auth.PATH:
            return
        given = request.headers.get("Authorization", "")
        if not secrets.compare_digest(given.encode(), f"Bot {self._core.token}".encode()):
            raise unauthorized()

    def _match(self, method: str, path: str) -> _Matched | ApiError:
        others = False
        for pattern, route in self._routes:
            found = pattern.fullmatch(path)
            if found is None:
                continue
            if route.method == method:
                return _Matched(route=route, params=found.groupdict(), path=path)
            others = True
        log.warning("no such route in the local Discord: %s %s", method, path.split("?")[0])
        return ApiError(405, 0, "405: Method Not Allowed") if others else not_found()

    def _record(
        self,
        request: web.Request,
        matched: _Matched,
        form: Form,
        reply: Reply,
        headers: dict[str, str],
        *,
        dropped: bool,
    ) -> None:
        exchange = Exchange(
            method=request.method,
            path=matched.path,
            template=matched.route.template,
            query=dict(request.query),
            request=form.payload,
            files=tuple(file.filename for file in form.files.values()),
            status=0 if dropped else reply.status,
            response=None if dropped else reply.body,
            headers=headers,
            at=self._core.clock(),
            content_type=request.content_type,
        )
        self.exchanges.append(exchange)
        for observer in self.observers:
            observer(exchange)
        self._core.changes.wake()


def _response(reply: Reply, headers: dict[str, str], *, drip: float = 0.0) -> web.Response:
    """The answer on the wire; clients look for exactly this content type."""
    if reply.body is None:
        return web.Response(status=204 if reply.status == 200 else reply.status, headers=headers)
    body = json.dumps(reply.body, separators=(",", ":")).encode()
    if drip:
        return Dripping(over=drip, status=reply.status, body=body, content_type="application/json", headers=headers)
    return web.Response(status=reply.status, body=body, content_type="application/json", headers=headers)
