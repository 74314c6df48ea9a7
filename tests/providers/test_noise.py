"""Whatever the services answer, nothing but the errors of the tree comes out of the adapters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import ProviderError
from bot.providers.base import Accounting, History, Provider, RemotePicture, SentReference
from bot.providers.cometapi import CometApi
from bot.providers.http import HttpClient
from bot.providers.segmind import Segmind
from tests.support.noise import bodies, client_that_hears, headers
from tests.support.ordering import a_reference, an_order

ADAPTERS: dict[str, Callable[[HttpClient], Provider]] = {
    "cometapi": lambda http: CometApi(http=http, api_key="sk-x"),
    "segmind": lambda http: Segmind(http=http, api_key="SG_x"),
    "segmind-direct": lambda http: Segmind(http=http, api_key="SG_x", mode="direct"),
}
STATUSES = ["SUCCEEDED", "FAILED", "RUNNING", "COMPLETED", "PROCESSING", "SUCCESS", "CANCELED", "NEW", "task_not_exist"]
FIELDS = [
    "id", "task_id", "request_id", "status", "model_status", "output", "data", "error", "code", "message", "failure",
    "failureCode", "fail_reason", "progress", "metrics", "cost", "credits", "free-credits", "total_quota", "file_urls",
    "request_body", "promptText", "ratio", "model_created", "generation_url", "credits_deduction", "url", "image",
]  # fmt: skip


def calls(provider: Provider) -> list[Callable[[], Awaitable[object]]]:
    order = an_order(references=(SentReference(tag="abc", uri="https://a.example/b"),))
    found: list[Callable[[], Awaitable[object]]] = [
        lambda: provider.prepare(a_reference()),
        lambda: provider.submit(order),
        lambda: provider.poll("t"),
        lambda: provider.cancel("t"),
        lambda: provider.download(RemotePicture(url="https://images.segmind.com/a")),
    ]
    if isinstance(provider, Accounting):
        found.append(provider.account)
    if isinstance(provider, History):
        found.append(lambda: provider.find(order, since=1_760_000_000.0))
    return found


@pytest.mark.parametrize("name", ADAPTERS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(200, 599) | st.just(200),
    headers("x-rate-limit-reset-at-utc", "x-cost", "x-request-id"),
    bodies(STATUSES, FIELDS),
)
async def test_whatever_comes_only_provider_errors_get_out(
    name: str, status: int, named: dict[str, str], body: bytes
) -> None:
    outcomes: list[object] = []
    async with client_that_hears(status, named, body) as http:
        for call in calls(ADAPTERS[name](http)):
            try:
                outcomes.append(await call())
            except ProviderError as error:
                outcomes.append(error)
    assert len(outcomes) >= 6
