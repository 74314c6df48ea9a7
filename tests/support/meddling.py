"""A network that spoils what goes over it: nothing leaves, or the answer is lost or replaced on its way back."""

from __future__ import annotations

import httpx


class Meddler(httpx.AsyncBaseTransport):
    """Hands requests on to the network; `sent` counts them. `before` and `after` are raised, `answer` is given back.

    With `answer` or `after` the request has reached the server, and it has answered.
    """

    def __init__(
        self,
        *,
        before: Exception | None = None,
        after: Exception | None = None,
        answer: tuple[int, bytes] | None = None,
    ) -> None:
        self.sent = 0
        self._before, self._after, self._answer = before, after, answer
        self._network = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request, as far as it comes."""
        if self._before is not None:
            raise self._before
        self.sent += 1
        response = await self._network.handle_async_request(request)
        if self._answer is None and self._after is None:
            return response
        await response.aread()
        await response.aclose()
        if self._after is not None:
            raise self._after
        assert self._answer is not None
        status, body = self._answer
        return httpx.Response(status, stream=httpx.ByteStream(body))

    async def aclose(self) -> None:
        """Close the network's connections."""
        await self._network.aclose()
