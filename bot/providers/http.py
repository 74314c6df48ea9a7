"""The one place that speaks HTTP to image services: bounded in size, time and repetitions, silent about secrets."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Final, Self

import httpx

from bot.domain.errors import PollFailed, ProviderError, ProviderUnavailable, SubmissionUnknown
from bot.providers.fetching import PASSING, Answer, FetchFailed, FetchFailure, HostRule, announced_length, unpacked
from bot.providers.sending import ANSWER_CAP, PICTURE_ANSWER_CAP, Headers, encoded, plain, typed

TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0, pool=10.0)
LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=15.0)
ATTEMPTS: Final = 3
LONGEST_WAIT: Final = 60.0
"""A longer `Retry-After` is not waited for here but handed to the caller."""

Sink = Callable[[bytes], object]
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class HttpClient:
    """Calls to image services and downloads. Use as an async context manager.

    Statuses are the caller's to read; only what HTTP itself can tell becomes an error here. No redirects, no
    proxies from the environment, no cookies. `transport`, `sleep` and `jitter` are there for tests.
    """

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sleep = sleep
        self._jitter = jitter
        self._clock = clock
        trust = httpx.create_ssl_context() if transport is None else True
        self._client = _new_client(transport, trust, LIMITS)
        # A paid request gets a connection of its own: on a kept one the server may just be hanging up, and then
        # nobody knows whether it was read.
        once = httpx.Limits(max_connections=LIMITS.max_connections, max_keepalive_connections=0)
        self._paid = _new_client(transport, trust, once)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        # At INFO these name every address, and with it the signatures of links.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        await self._stack.enter_async_context(self._client)
        await self._stack.enter_async_context(self._paid)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def get_json(
        self, url: str, *, provider: str, headers: Headers = None, cap_bytes: int = ANSWER_CAP
    ) -> Answer:
        """Ask for something; repeated a few times while the answer is 429, 5xx or none.

        Raises:
            PollFailed: no answer came.
        """
        request = self._client.build_request("GET", url, headers=plain(headers))
        return await self._repeat(request, provider, 30.0, PollFailed, cap_bytes)

    async def delete(self, url: str, *, provider: str, headers: Headers = None, limit_seconds: float = 30.0) -> Answer:
        """Delete something; repeated like `get_json`.

        Raises:
            PollFailed: no answer came.
        """
        request = self._client.build_request("DELETE", url, headers=plain(headers))
        return await self._repeat(request, provider, limit_seconds, PollFailed)

    async def post_json(
        self,
        url: str,
        body: object,
        *,
        provider: str,
        headers: Headers = None,
        limit_seconds: float = 30.0,
        cap_bytes: int = ANSWER_CAP,
        failed: type[ProviderError] = ProviderUnavailable,
    ) -> Answer:
        """Post something that costs nothing and may be done twice; repeated like `get_json`.

        Raises:
            ProviderError: of the kind `failed`: no answer came.
        """
        request = self._client.build_request("POST", url, content=encoded(body), headers=typed(headers))
        return await self._repeat(request, provider, limit_seconds, failed, cap_bytes)

    async def post_form(
        self,
        url: str,
        fields: Mapping[str, str],
        *,
        file: tuple[str, bytes, str],
        allowed: HostRule,
        provider: str,
        headers: Headers = None,
        limit_seconds: float = 60.0,
    ) -> Answer:
        """Upload `file` (name, content, media type) behind the form `fields`, with no credentials but `headers`.

        Raises:
            ProviderUnavailable: the address is outside the rule, or no answer came.
        """
        target = _upload_target(url, allowed, provider)
        request = self._client.build_request("POST", target, data=fields, files={"file": file}, headers=plain(headers))
        # The body is kept in memory by httpx, so the same request can be sent again.
        return await self._repeat(request, provider, limit_seconds, ProviderUnavailable)

    async def put_file(self, url: str, content: bytes, *, headers: Headers, allowed: HostRule, provider: str) -> Answer:
        """Upload a file to an address that the service gave for it, with the headers that it asks for.

        Raises:
            ProviderUnavailable: the address is outside the rule, or no answer came.
        """
        target = _upload_target(url, allowed, provider)
        request = self._client.build_request("PUT", target, content=content, headers=plain(headers))
        return await self._repeat(request, provider, 60.0, ProviderUnavailable)

    async def post_once(
        self,
        url: str,
        body: object,
        *,
        provider: str,
        headers: Headers = None,
        limit_seconds: float = 60.0,
        direct: bool = False,
    ) -> Answer:
        """Send a paid request, once and never again. A 2xx answer is certain to be JSON.

        A `direct` one is answered with the picture itself, or with anything, perhaps after a long silence.

        Raises:
            ProviderUnavailable: no connection, so nothing was sent.
            SubmissionUnknown: it was sent, or may have been, and no readable answer came.
        """
        silence = httpx.Timeout(limit_seconds, connect=5.0, pool=10.0) if direct else TIMEOUT
        request = self._paid.build_request("POST", url, content=encoded(body), headers=typed(headers), timeout=silence)
        try:
            async with asyncio.timeout(limit_seconds):
                answer = await _exchange(self._paid, request, PICTURE_ANSWER_CAP)
            if answer.ok and not direct:
                answer.json()
        except _NOT_SENT as error:
            raise ProviderUnavailable(provider=provider, detail=type(error).__name__) from None
        except (httpx.HTTPError, httpx.StreamError, TimeoutError, ValueError, OSError) as error:
            raise SubmissionUnknown(provider=provider, detail=type(error).__name__) from None
        return answer

    async def download(
        self, url: str, *, cap_bytes: int, limit_seconds: float, allowed: HostRule, redirects: int = 0
    ) -> bytes:
        """Fetch a file, complete and not above `cap_bytes`, following at most `redirects` of the server's.

        Raises:
            FetchFailed: with the reason.
        """
        content = bytearray()
        await self.save(
            url, content.extend, cap_bytes=cap_bytes, limit_seconds=limit_seconds, allowed=allowed, redirects=redirects
        )
        return bytes(content)

    async def save(
        self, url: str, sink: Sink, *, cap_bytes: int, limit_seconds: float, allowed: HostRule, redirects: int = 0
    ) -> None:
        """Fetch a file as `download` does, and hand its parts on as they come: after a failure some are there."""
        try:
            async with asyncio.timeout(limit_seconds):
                await self._follow(httpx.URL(url), sink, cap_bytes, allowed, redirects)
        except (httpx.InvalidURL, UnicodeError):
            raise FetchFailed(FetchFailure.NOT_ALLOWED, "no address") from None
        except (httpx.ReadTimeout, TimeoutError):
            raise FetchFailed(FetchFailure.SLOW) from None
        except (httpx.RemoteProtocolError, httpx.DecodingError) as error:
            raise FetchFailed(FetchFailure.BROKEN, type(error).__name__) from None
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise FetchFailed(FetchFailure.UNREACHABLE, type(error).__name__) from None

    async def _follow(self, url: httpx.URL, sink: Sink, cap_bytes: int, allowed: HostRule, redirects: int) -> None:
        for _ in range(redirects + 1):
            request = self._client.build_request("GET", _checked(url, allowed), headers=plain(None))
            async with _streaming(self._client, request) as response:
                if not response.has_redirect_location:
                    return await _read_file(response, sink, cap_bytes)
                url = url.join(response.headers["location"])
        raise FetchFailed(FetchFailure.MOVED, "too many redirects")

    async def _repeat(
        self, request: httpx.Request, provider: str, seconds: float, failed: type[ProviderError], cap: int = ANSWER_CAP
    ) -> Answer:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        answer: Answer | None = None
        detail = ""
        for attempt in range(ATTEMPTS):
            answer, detail = await self._try(request, end, cap)
            if answer is not None and answer.status not in PASSING:
                return answer
            asked = answer.retry_after(self._clock()) if answer is not None else None
            wait = asked if asked is not None else 0.5 * 2**attempt * (1 + 0.5 * self._jitter())
            if attempt + 1 == ATTEMPTS or wait > LONGEST_WAIT or loop.time() + wait >= end:
                break
            await self._sleep(wait)
        if answer is None:
            raise failed(provider=provider, detail=detail) from None
        return answer

    async def _try(self, request: httpx.Request, end: float, cap_bytes: int) -> tuple[Answer | None, str]:
        try:
            async with asyncio.timeout_at(end):
                return await _exchange(self._client, request, cap_bytes), ""
        except (httpx.HTTPError, httpx.StreamError, TimeoutError, ValueError, OSError) as error:
            return None, type(error).__name__


def _new_client(
    transport: httpx.AsyncBaseTransport | None, trust: ssl.SSLContext | bool, limits: httpx.Limits
) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=transport,
        verify=trust,
        timeout=TIMEOUT,
        limits=limits,
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


def _checked(url: httpx.URL, allowed: HostRule) -> httpx.URL:
    host = url.raw_host.decode("ascii")
    if url.userinfo or not allowed.allows(scheme=url.scheme, host=host, port=url.port):
        raise FetchFailed(FetchFailure.NOT_ALLOWED, "outside the allowed hosts")
    return url


def _upload_target(url: str, allowed: HostRule, provider: str) -> httpx.URL:
    try:
        return _checked(httpx.URL(url), allowed)
    except (httpx.InvalidURL, FetchFailed, UnicodeError):
        raise ProviderUnavailable(provider=provider, detail="upload address is not allowed") from None


@asynccontextmanager
async def _streaming(client: httpx.AsyncClient, request: httpx.Request) -> AsyncGenerator[httpx.Response]:
    response = await client.send(request, stream=True)
    try:
        yield response
    finally:
        await response.aclose()


async def _exchange(client: httpx.AsyncClient, request: httpx.Request, cap_bytes: int) -> Answer:
    """Send and read a whole answer.

    Raises:
        ValueError: the answer is too large or packed in a way that cannot be read.
    """
    async with _streaming(client, request) as response:
        content = bytearray()
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) > cap_bytes:
                raise ValueError("answer is too large")
        body = unpacked(bytes(content), response.headers.get("content-encoding", ""), cap_bytes)
        return Answer(status=response.status_code, headers=dict(response.headers), body=body)


async def _read_file(response: httpx.Response, sink: Sink, cap_bytes: int) -> None:
    length, count = announced_length(response.status_code, response.headers, cap_bytes), 0
    async for chunk in response.aiter_raw():
        count += len(chunk)
        if count > cap_bytes:
            raise FetchFailed(FetchFailure.TOO_LARGE)
        sink(chunk)
    if length is not None and length != str(count):
        raise FetchFailed(FetchFailure.BROKEN, "not the announced length")
