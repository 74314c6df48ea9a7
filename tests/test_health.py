"""The health pages: alive, ready, and a port that somebody else has."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import aiohttp
import pytest

from bot.health import Check, HealthServer, probe
from bot.settings import HttpSettings


async def works() -> bool:
    return True


async def is_down() -> bool:
    return False


async def breaks() -> bool:
    raise ConnectionError("canary-5d2e8c")


async def never_answers() -> bool:
    await asyncio.Event().wait()
    return True


def serve(checks: Mapping[str, Check]) -> AbstractAsyncContextManager[HealthServer]:
    return HealthServer.open(HttpSettings(port=0), checks=checks)


async def get(address: str | None, path: str) -> tuple[int, object]:
    assert address is not None
    async with aiohttp.ClientSession() as session, session.get(address + path) as answer:
        return answer.status, await answer.json()


async def test_a_running_program_is_alive_and_ready_when_every_check_passes() -> None:
    async with serve({"discord": works, "database": works}) as server:
        assert await get(server.address, "/livez") == (200, {"alive": True})
        assert await get(server.address, "/readyz") == (
            200,
            {"ready": True, "checks": {"discord": True, "database": True}},
        )


@pytest.mark.parametrize("bad", [is_down, breaks, never_answers])
async def test_one_part_that_does_not_work_means_alive_but_not_ready(
    bad: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.health.CHECK_LIMIT", 0.05)
    async with serve({"discord": works, "database": bad}) as server:
        assert (await get(server.address, "/livez"))[0] == 200
        assert await get(server.address, "/readyz") == (
            503,
            {"ready": False, "checks": {"discord": True, "database": False}},
        )


async def test_a_check_that_breaks_does_not_tell_more_than_its_kind(caplog: pytest.LogCaptureFixture) -> None:
    async with serve({"database": breaks}) as server:
        await get(server.address, "/readyz")
    assert "The check database failed: ConnectionError" in caplog.text
    assert "canary" not in caplog.text


async def test_a_port_that_is_taken_costs_the_health_pages_and_not_the_bot(caplog: pytest.LogCaptureFixture) -> None:
    async with serve({}) as first:
        assert first.address is not None
        port = int(first.address.rsplit(":", 1)[1])
        with caplog.at_level(logging.WARNING):
            async with HealthServer.open(HttpSettings(port=port), checks={}) as second:
                assert second.address is None
    assert f"http.host and http.port 127.0.0.1:{port} cannot be used" in caplog.text


async def test_the_probe_tells_a_running_bot_from_none() -> None:
    async with serve({}) as server:
        assert server.address is not None
        port = int(server.address.rsplit(":", 1)[1])
        assert await probe(HttpSettings(port=port))
        assert await probe(HttpSettings(host="0.0.0.0", port=port))
    assert not await probe(HttpSettings(port=port))
