"""A local Runway with the real client and adapter in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.providers.http import HttpClient
from bot.providers.runway import Runway
from tests.support.runway import LocalRunway


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
