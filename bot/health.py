"""The health server: /livez says that the event loop runs, /readyz that every part the bot needs works."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from bot.settings import HttpSettings

Check = Callable[[], Awaitable[bool]]
"""Asks one part whether it works. Raising or taking too long means no."""


class NotReady(Exception):
    """A part does not work, for a reason that operators know what to do about."""


CHECK_LIMIT = 3.0
"""Seconds that one check may take: orchestrators wait only a few seconds for an answer."""

log = logging.getLogger(__name__)


class HealthServer:
    """Answers /livez and /readyz. `address` is where it listens, `None` when its port was taken."""

    def __init__(self, *, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self.address: str | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: HttpSettings, *, checks: Mapping[str, Check]) -> AsyncGenerator[HealthServer]:
        """Serve while the context lasts. A port that is taken costs the health pages, not the bot."""
        server = cls(checks=checks)
        application = web.Application()
        application.add_routes([web.get("/livez", server.livez), web.get("/readyz", server.readyz)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await server.listen(runner, settings)
            yield server
        finally:
            await runner.cleanup()

    async def listen(self, runner: web.AppRunner, settings: HttpSettings) -> None:
        """Take the port, or warn that it cannot be had."""
        site = web.TCPSite(runner, settings.host, settings.port)
        try:
            await site.start()
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            log.warning("No health pages: http.host and http.port %s cannot be used (%s)", where, error.strerror)
            return
        host, port = runner.addresses[0][:2]
        self.address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def livez(self, _request: web.Request) -> web.Response:
        """200 as long as the event loop gets to answer."""
        return web.json_response({"alive": True})

    async def readyz(self, _request: web.Request) -> web.Response:
        """200 when every check passes, else 503; the body has each check by name."""
        answers = await asyncio.gather(*(self._fault(name, check) for name, check in self._checks.items()))
        faults = {name: fault for name, fault in zip(self._checks, answers, strict=True) if fault is not None}
        ready = not faults
        body: dict[str, object] = {"ready": ready, "checks": {name: name not in faults for name in self._checks}}
        if reasons := {name: reason for name, reason in faults.items() if reason}:
            body["reasons"] = reasons
        return web.json_response(body, status=200 if ready else 503)

    async def _fault(self, name: str, check: Check) -> str | None:
        """`None` when the part works, else the reason, if there is one to tell."""
        try:
            async with asyncio.timeout(CHECK_LIMIT):
                return None if await check() else ""
        except NotReady as error:
            log.warning("The check %s failed: %s", name, error)
            return str(error)
        except Exception as error:  # noqa: BLE001 - a check that breaks is a part that does not work
            log.warning("The check %s failed: %s", name, type(error).__name__)
            return ""


async def probe(settings: HttpSettings) -> bool:
    """Ask a running bot on this machine whether it is alive."""
    every = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
    host = every.get(settings.host, f"[{settings.host}]" if ":" in settings.host else settings.host)
    timeout = aiohttp.ClientTimeout(total=CHECK_LIMIT)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://{host}:{settings.port}/livez") as answer,
        ):
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
