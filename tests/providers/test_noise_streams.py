"""Whatever bytes come, in whatever pieces and however they end: only the errors of the tree come out of an adapter."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Sequence

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.shapes import Model
from bot.providers.base import Accounting, History, Provider, RemotePicture, SentReference
from bot.providers.http import HttpClient
from tests.support.adapters import HEADERS, JSON, at_once, outcome
from tests.support.ordering import a_reference, an_order
from tests.support.services import OWN_HOSTS, SERVICES, TAGS

KEY = "canary-key-5150"
ENDINGS: list[Exception | None] = [
    None,
    httpx.ReadError("x"),
    httpx.ReadTimeout("x"),
    httpx.RemoteProtocolError("x"),
    httpx.StreamClosed(),
    OSError("x"),
    TimeoutError(),
]
PIECES = (
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF....WEBP", b"\x1f\x8b\x08", b'{"id":"t",', b"", b"<"])
    | st.binary(max_size=30)
    | JSON.map(lambda value: json.dumps(value).encode())
)
ODD_HEADERS = st.builds(
    lambda known, odd: known | odd,
    HEADERS,
    st.dictionaries(
        st.sampled_from(["location", "content-length", "content-encoding", "x-rate-limit-reset-at-utc", "x-cost"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=12)
        | st.sampled_from(["https://[", "//x", "/again", "http://169.254.169.254/", "99999999999", "-1", "deflate"]),
    ),
)


class Pieces(httpx.AsyncByteStream):
    """A body that comes in pieces and may break."""

    def __init__(self, pieces: Sequence[bytes], ending: Exception | None) -> None:
        self._pieces, self._ending = pieces, ending

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        if self._ending is not None:
            raise self._ending


def calls(provider: Provider, host: str) -> list[Awaitable[object]]:
    """Everything an adapter can be asked, with orders that fit its models."""
    found: list[Awaitable[object]] = [
        provider.prepare(a_reference(size=(8, 8))),
        provider.poll("t"),
        provider.cancel("t"),
        provider.download(RemotePicture(url=f"https://{host}/a.png?sig=canary-signature")),
    ]
    for model, known in provider.facts.models.items():
        references = tuple(SentReference(tag=tag, uri="https://a.example/b") for tag in TAGS[: known.min_references])
        order = an_order(model=model, references=references, seed=None)
        found.append(provider.submit(order))
        if model is Model.GEN4_IMAGE and isinstance(provider, History):
            found.append(provider.find(order, since=1_760_000_000.0))
    if isinstance(provider, Accounting):
        found.append(provider.account())
    return found


@pytest.mark.parametrize("name", SERVICES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.just(200) | st.integers(200, 599),
    headers=ODD_HEADERS,
    pieces=st.lists(PIECES, max_size=4),
    ending=st.sampled_from(ENDINGS),
)
async def test_a_stream_of_any_bytes_lets_only_provider_errors_out(
    name: str,
    caplog: pytest.LogCaptureFixture,
    status: int,
    headers: dict[str, str],
    pieces: list[bytes],
    ending: Exception | None,
) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        return httpx.Response(status, headers=raw, stream=Pieces(pieces, ending))

    caplog.clear()
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    async with HttpClient(transport=httpx.MockTransport(answer), sleep=at_once) as http:
        provider = SERVICES[name].adapter(http=http, api_key=KEY, **SERVICES[name].settings)
        for call in calls(provider, OWN_HOSTS[name]):
            told.append(await outcome(call))
    assert len(told) >= 5
    for text in (*told, caplog.text):
        assert KEY not in text
        assert "canary-signature" not in text
