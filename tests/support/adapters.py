"""What tests of adapters share: following a task to its end, and answers that make no sense."""

from __future__ import annotations

import contextlib
import json
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st

from bot.domain.errors import ProviderError, RateLimited
from bot.providers.base import Done, Provider
from bot.providers.http import HttpClient
from tests.support.services import Local


async def ended(provider: Provider, task_id: str) -> Done:
    """Ask until there are pictures."""
    for _ in range(10):
        state = await provider.poll(task_id)
        if isinstance(state, Done):
            return state
    raise AssertionError("the task does not end")


async def at_once(_: float) -> None:
    """In place of a sleep."""


async def told_apart(
    local: Local, submit: Callable[[], Awaitable[object]], play: object, kind: type[ProviderError]
) -> ProviderError:
    """A submission that the service answers so ends in exactly this error, and is sent once."""
    local.script(play)
    with pytest.raises(ProviderError) as caught:
        await submit()
    assert type(caught.value) is kind
    assert local.submissions == 1
    return caught.value


async def waits_told(
    local: Local, submit: Callable[[], Awaitable[object]], plays: Sequence[object]
) -> list[float | None]:
    """How long to wait, as the error of each submission says it."""
    local.script(*plays)
    waits: list[float | None] = []
    for _ in plays:
        with pytest.raises(RateLimited) as caught:
            await submit()
        waits.append(caught.value.retry_in)
    return waits


def numbered(refusals: Sequence[tuple[object, type[ProviderError]]]) -> list[str]:
    """What the cases of a table of refusals are called."""
    return [f"{kind.__name__}-{number}" for number, (_, kind) in enumerate(refusals)]


async def outcome(call: Awaitable[object]) -> str:
    """Everything that a log could hold of a call's value or error."""
    try:
        return repr(await call)
    except ProviderError as error:
        return "".join(traceback.format_exception(error)) + error.detail + repr(error.values)


async def survives(
    status: int, headers: dict[str, str], body: bytes, calls: Callable[[HttpClient], Sequence[Awaitable[object]]]
) -> int:
    """How many calls ended with a value or a `ProviderError` when everything is answered with this."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    done = 0
    async with HttpClient(transport=httpx.MockTransport(answer), sleep=at_once) as http:
        for call in calls(http):
            with contextlib.suppress(ProviderError):
                await call
            done += 1
    return done


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "content-encoding", "location", "content-type"]),
    st.sampled_from(["gzip", "nan", "-5", "1e999", "Wed, 99 Foo", "https://x.y/", "0", "Thu, 01 Jan 1970 00:00:00"]),
)


def bodies(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Bodies with these fields, each of them present or not; or any JSON; or any bytes."""
    known = st.fixed_dictionaries({}, optional={name: values | JSON for name, values in fields.items()})
    return st.one_of((known | JSON).map(lambda value: json.dumps(value).encode()), st.binary(max_size=60))
