"""WaveSpeedAI's prompt optimiser: a text, sometimes only after asking, and never anything but provider errors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import (
    Moderated,
    OutOfCredits,
    PollFailed,
    ProviderError,
    ProviderMisconfigured,
    RateLimited,
    SubmissionUnknown,
    TaskFailed,
)
from bot.providers.http import HttpClient
from bot.providers.wavespeed_enhancer import WaveSpeedEnhancer
from tests.support.adapters import HEADERS, at_once, bodies, outcome, survives
from tests.support.twin_script import Play, Reply, SubmitFault
from tests.support.wavespeed import LocalWaveSpeed


@pytest.fixture
async def twin() -> AsyncIterator[LocalWaveSpeed]:
    async with LocalWaveSpeed.open() as twin:
        yield twin


@pytest.fixture
def enhancer(twin: LocalWaveSpeed, http: HttpClient) -> WaveSpeedEnhancer:
    return WaveSpeedEnhancer(http=http, api_key=twin.api_key, base_url=twin.api, sleep=at_once)


async def test_the_text_comes_at_once_or_after_asking(enhancer: WaveSpeedEnhancer, twin: LocalWaveSpeed) -> None:
    at_once_done = {"code": 200, "data": {"id": "x", "status": "completed", "outputs": ["  At once \n"]}}
    twin.script(Play(accepted=at_once_done))
    assert await enhancer.enhance("a cat") == "At once"
    assert await enhancer.enhance("a cat") == twin.optimized
    assert [method for method, _, _ in twin.requests] == ["POST", "POST", "GET", "GET", "GET"]


async def test_the_body_asks_for_a_picture_prompt_at_once(enhancer: WaveSpeedEnhancer, twin: LocalWaveSpeed) -> None:
    await enhancer.enhance("a cat 😀")
    body = {"text": "a cat 😀", "mode": "image", "style": "default", "enable_sync_mode": True}
    assert twin.tasks[0].body == body | {"_model": "wavespeed-ai/prompt-optimizer"}


async def test_a_call_that_was_too_slow_is_followed_by_asking(
    enhancer: WaveSpeedEnhancer, twin: LocalWaveSpeed
) -> None:
    twin.script(Play(accepted={"code": 5004, "message": "Sync mode timed out"}))
    assert await enhancer.enhance("a cat") == twin.optimized
    assert twin.submissions == 1


async def test_a_task_that_is_not_there_yet_is_asked_for_again(
    enhancer: WaveSpeedEnhancer, twin: LocalWaveSpeed
) -> None:
    twin.script(Play(polls=(Reply(status=404),) * 3))
    assert await enhancer.enhance("a cat") == twin.optimized


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (Play.answers(401), ProviderMisconfigured),
        (Play.answers(402), OutOfCredits),
        (Play.answers(429), RateLimited),
        (Play.answers(500), SubmissionUnknown),
        (Play(submit=SubmitFault.DROP_AFTER), SubmissionUnknown),
        (Play(submit=SubmitFault.NO_ID), SubmissionUnknown),
        (Play.ends("failed", "odd"), TaskFailed),
        (Play.ends("failed", "nsfw"), Moderated),
        (Play.ends("timeout"), TaskFailed),
        (Play.ends("completed", outputs=[]), PollFailed),
        (Play.ends("completed", outputs=["  "]), PollFailed),
        (Play.ends("completed", outputs=[{"text": "x"}]), PollFailed),
        (Play(polls=(Reply(status=500),) * 3), PollFailed),
    ],
)
async def test_no_text_is_a_provider_error(
    enhancer: WaveSpeedEnhancer, twin: LocalWaveSpeed, play: Play, kind: type[ProviderError]
) -> None:
    twin.script(play)
    with pytest.raises(ProviderError) as caught:
        await enhancer.enhance("a cat")
    assert type(caught.value) is kind
    assert twin.submissions == 1


@pytest.mark.parametrize("play", [Play(states=("processing",)), Play(submit=SubmitFault.HANG_AFTER)])
async def test_it_takes_no_longer_than_its_limit(twin: LocalWaveSpeed, http: HttpClient, play: Play) -> None:
    twin.script(play)

    async def a_while(_: float) -> None:
        await asyncio.sleep(0.05)

    enhancer = WaveSpeedEnhancer(http=http, api_key=twin.api_key, base_url=twin.api, limit=0.3, sleep=a_while)
    with pytest.raises((PollFailed, SubmissionUnknown)):
        await enhancer.enhance("a cat")
    assert twin.submissions == 1


@settings(max_examples=100, deadline=None)
@given(
    st.integers(200, 599),
    HEADERS,
    bodies(
        code=st.sampled_from([200, 5004]),
        data=st.fixed_dictionaries(
            {"id": st.just("t"), "status": st.sampled_from(["completed", "failed"])},
            optional={"outputs": st.lists(st.text(max_size=9)), "error": st.text(max_size=9)},
        ),
    ),
)
async def test_whatever_comes_only_provider_errors_get_out(status: int, headers: dict[str, str], body: bytes) -> None:
    async def soon(_: float) -> None:
        await asyncio.sleep(0)

    def calls(http: HttpClient) -> list[Any]:
        return [WaveSpeedEnhancer(http=http, api_key="key", limit=0.05, sleep=soon).enhance("a cat")]

    assert await survives(status, headers, body, calls) == 1


async def test_no_secret_reaches_logs_or_errors(
    enhancer: WaveSpeedEnhancer, twin: LocalWaveSpeed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    twin.script(Play.ends("failed", "secret-failure-text"), Play.answers(401, b'{"message":"secret-failure-text"}'))
    texts = [repr(enhancer), *[await outcome(enhancer.enhance("canary-prompt")) for _ in range(2)]]
    for canary in (twin.api_key, "canary-prompt", "secret-failure-text"):
        assert canary not in "\n".join(texts)
        assert canary not in caplog.text
