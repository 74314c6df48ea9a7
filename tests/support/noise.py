"""Answers that no service should give: JSON of any shape, odd headers, plain noise."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import httpx
from hypothesis import strategies as st

from bot.providers.http import HttpClient

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
"""Anything that JSON can hold, and NaN, which it cannot."""


def bodies(statuses: Iterable[str], fields: Iterable[str]) -> st.SearchStrategy[bytes]:
    """Bodies that look like the service's own answers, by their fields, beside any JSON and any bytes."""
    value = JSON | st.sampled_from(
        [*statuses, "t", "\ud800", "https://[", "http://127.0.0.1/", "https://a.b/\n", "50%"]
    )
    flat = st.dictionaries(st.sampled_from(sorted(fields)), value, max_size=6)
    nested = st.dictionaries(st.sampled_from(sorted(fields)), value | flat | st.lists(flat, max_size=2), max_size=6)
    shaped = nested.map(_encoded) | JSON.map(_encoded)
    return shaped | st.binary(max_size=60) | st.sampled_from([b"[" * 5000, b"\x89PNG\r\n\x1a\n", b"<html>"])


def headers(*extra: str) -> st.SearchStrategy[dict[str, str]]:
    """Headers with values that make no sense."""
    names = ["retry-after", "content-encoding", "location", "content-type", *extra]
    values = ["gzip", "nan", "-5", "1e999", "Wed, 99 Foo", "https://x.y/", "0", "identity", "Thu, 01 Jan 1970 00:00:00"]
    return st.dictionaries(st.sampled_from(names), st.sampled_from(values))


def client_that_hears(status: int, named: dict[str, str], body: bytes) -> HttpClient:
    """A client whose every request is answered with this."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=named, stream=httpx.ByteStream(body))

    async def at_once(_: float) -> None:
        return None

    return HttpClient(transport=httpx.MockTransport(answer), sleep=at_once)


def _encoded(value: object) -> bytes:
    return json.dumps(value).encode()
