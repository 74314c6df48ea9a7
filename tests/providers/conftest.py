"""Local services with the real client and the real adapters in front of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.providers.http import HttpClient
from bot.providers.runway import Runway
from tests.support.runway import LocalRunway
from tests.support.services import SERVICES, Stand, open_stand

NOW = 1_760_000_000.0


@pytest.fixture
async def service() -> AsyncIterator[LocalRunway]:
    async with LocalRunway.open() as service:
        yield service


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async def at_once(_: float) -> None:
        return None

    async with HttpClient(sleep=at_once) as client:
        yield client


@pytest.fixture
def runway(service: LocalRunway, http: HttpClient) -> Runway:
    return Runway(http=http, api_key=service.api_key, base_url=service.base_url)


@pytest.fixture(params=[*SERVICES, "sketch"])
async def stand(request: pytest.FixtureRequest, http: HttpClient, tmp_path: Path) -> AsyncIterator[Stand]:
    """Each of all services."""
    async with open_stand(request.param, http, [NOW], tmp_path) as stand:
        yield stand


@pytest.fixture(params=SERVICES)
async def remote(request: pytest.FixtureRequest, http: HttpClient, tmp_path: Path) -> AsyncIterator[Stand]:
    """Each service that is spoken to over HTTP."""
    async with open_stand(request.param, http, [NOW], tmp_path) as stand:
        yield stand


@pytest.fixture(params=[name for name, service in SERVICES.items() if service.queues])
async def queue(request: pytest.FixtureRequest, http: HttpClient, tmp_path: Path) -> AsyncIterator[Stand]:
    """Each of them that answers a submission with a task."""
    async with open_stand(request.param, http, [NOW], tmp_path) as stand:
        yield stand
