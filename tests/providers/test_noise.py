"""Whatever CometAPI and Segmind answer, nothing but the errors of the tree comes out of their adapters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.providers.base import RemotePicture, SentReference
from bot.providers.cometapi import CometApi
from bot.providers.http import HttpClient
from bot.providers.segmind import Segmind
from tests.support.adapters import HEADERS, JSON, bodies, survives
from tests.support.ordering import a_reference, an_order

ORDER = an_order(references=(SentReference(tag="abc", uri="https://a.example/b"),))
PICTURE = RemotePicture(url="https://images.segmind.com/a")
STATUSES = ["SUCCEEDED", "FAILED", "RUNNING", "COMPLETED", "PROCESSING", "SUCCESS", "CANCELED", "NEW", "task_not_exist"]
FIELDS = [
    "id", "task_id", "request_id", "status", "model_status", "output", "data", "error", "code", "message", "failure",
    "failureCode", "fail_reason", "progress", "metrics", "cost", "credits", "free-credits", "total_quota", "file_urls",
    "request_body", "promptText", "ratio", "model_created", "generation_url", "credits_deduction", "url", "image",
]  # fmt: skip
VALUES = JSON | st.sampled_from([*STATUSES, "t", "\ud800", "https://[", "http://127.0.0.1/", "https://a.b/\n", "50%"])
OBJECTS = st.dictionaries(st.sampled_from(FIELDS), VALUES | st.dictionaries(st.sampled_from(FIELDS), VALUES))
ODD = st.dictionaries(
    st.sampled_from(["x-rate-limit-reset-at-utc", "x-cost", "x-request-id"]), st.sampled_from(["nan", "", "é", "-1"])
)


def comet(http: HttpClient) -> Sequence[Awaitable[object]]:
    service = CometApi(http=http, api_key="sk-x")
    return [
        service.submit(ORDER),
        service.poll("t"),
        service.cancel("t"),
        service.download(PICTURE),
        service.account(),
    ]


def segmind(http: HttpClient) -> Sequence[Awaitable[object]]:
    queue, direct = Segmind(http=http, api_key="SG_x"), Segmind(http=http, api_key="SG_x", mode="direct")
    return [
        queue.prepare(a_reference()),
        queue.submit(ORDER),
        direct.submit(ORDER),
        queue.poll("t"),
        queue.cancel("t"),
        queue.find(ORDER, since=1_760_000_000.0),
        queue.download(PICTURE),
        queue.account(),
    ]


@pytest.mark.parametrize(("calls", "count"), [(comet, 5), (segmind, 8)])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.just(200) | st.integers(200, 599),
    st.builds(lambda a, b: a | b, HEADERS, ODD),
    bodies(**dict.fromkeys(FIELDS, VALUES | OBJECTS | st.lists(OBJECTS, max_size=2))) | st.just(b"[" * 5000),
)
async def test_whatever_comes_only_provider_errors_get_out(
    calls: Callable[[HttpClient], Sequence[Awaitable[object]]],
    count: int,
    status: int,
    headers: dict[str, str],
    body: bytes,
) -> None:
    assert await survives(status, headers, body, calls) == count
