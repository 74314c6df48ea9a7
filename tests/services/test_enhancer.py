"""The enhancer: a service's answer when it can stand in for the prompt, the local one in every other case."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.enhancing import enhance
from bot.domain.errors import OutOfCredits, PollFailed, ProviderUnavailable
from bot.domain.references import mentioned_tags
from bot.domain.text import PROMPT_LIMIT, check_prompt, utf16_length
from bot.services.enhancer import Enhanced, Enhancer

PROMPT = "@model walks"


class Service:
    """Answers as it is told to."""

    def __init__(self, answer: str | Callable[[], str] | None) -> None:
        self.asked: list[str] = []
        self._answer = answer

    async def enhance(self, prompt: str) -> str:
        self.asked.append(prompt)
        if self._answer is None:
            await asyncio.Event().wait()
        return self._answer() if callable(self._answer) else str(self._answer)


def failing(error: Exception) -> Callable[[], str]:
    def fail() -> str:
        raise error

    return fail


def enhancer(answer: str | Callable[[], str] | None, *, limit: float = 10.0) -> Enhancer:
    return Enhancer(remote=Service(answer), name="wavespeed", limit_seconds=limit)


async def test_without_a_service_prompts_are_enhanced_locally() -> None:
    alone = Enhancer()
    assert not alone.has_remote
    assert await alone.enhance(PROMPT) == Enhanced(enhance(PROMPT), "local")


async def test_a_services_answer_is_taken_when_it_fits() -> None:
    keyed = enhancer(" A tall @model walks\u0007 through mist \n")
    assert keyed.has_remote
    assert await keyed.enhance(PROMPT) == Enhanced("A tall @model walks through mist", "wavespeed")


@pytest.mark.parametrize(
    "answer",
    [
        "",
        " \n\u200b\u00a0",
        "a tall figure walks",
        "@Model walks",
        "@model2 walks",
        "@model and @cloth walk",
        f"@model {'x' * PROMPT_LIMIT}",
        f"@model {'😀' * 500}",
    ],
    ids=["empty", "blank", "tag lost", "other case", "other tag", "tag added", "too long", "too long in units"],
)
async def test_an_answer_that_cannot_stand_in_is_dropped(answer: str) -> None:
    assert await enhancer(answer).enhance(PROMPT) == Enhanced(enhance(PROMPT), "local")


@pytest.mark.parametrize(
    "error",
    [
        ProviderUnavailable(provider="wavespeed"),
        OutOfCredits(provider="wavespeed", detail="402"),
        PollFailed(provider="wavespeed"),
        TimeoutError(),
        OSError("no route"),
        ValueError(PROMPT),
        KeyError("data"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_goes_wrong_the_prompt_is_enhanced_locally(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert await enhancer(failing(error)).enhance(PROMPT) == Enhanced(enhance(PROMPT), "local")
    assert "wavespeed" in caplog.text
    assert PROMPT not in caplog.text


async def test_a_service_that_takes_too_long_is_not_waited_for() -> None:
    async with asyncio.timeout(5):
        assert await enhancer(None, limit=0.01).enhance(PROMPT) == Enhanced(enhance(PROMPT), "local")


async def test_whoever_stops_the_bot_meanwhile_is_heard() -> None:
    task = asyncio.create_task(enhancer(None).enhance(PROMPT))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_service_is_not_asked_when_it_must_not_be() -> None:
    service = Service("@model runs")
    assert (await Enhancer(remote=service, name="wavespeed").enhance(PROMPT, remote=False)).by == "local"
    assert service.asked == []


@given(
    st.lists(st.sampled_from(["@model", "@cloth", "cat", "😀", "\n", "."]), min_size=1, max_size=9).map(" ".join),
    st.one_of(st.text(), st.lists(st.sampled_from(["@model", "@cloth", "x" * 300, "😀" * 90])).map(" ".join)),
)
async def test_whatever_a_service_says_the_outcome_is_a_prompt_with_the_same_tags(prompt: str, answer: str) -> None:
    prompt = check_prompt(prompt) if prompt.strip() else "a cat"
    enhanced = await enhancer(answer).enhance(prompt)
    assert set(mentioned_tags(enhanced.prompt)) == set(mentioned_tags(prompt))
    assert utf16_length(enhanced.prompt) <= PROMPT_LIMIT
    assert check_prompt(enhanced.prompt) == enhanced.prompt
