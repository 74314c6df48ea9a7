"""The local Discord as one object: opens the server and offers what tests and the page need."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from .actors import Interaction, Person

Json = dict[str, Any]


class LocalDiscord:
    """A strict local Discord for one application in one guild, on 127.0.0.1."""

    api_base: str
    page_url: str
    token: str

    @classmethod
    @asynccontextmanager
    async def open(
        cls, *, host: str = "127.0.0.1", port: int = 0, clock: Callable[[], float] = time.time
    ) -> AsyncIterator[LocalDiscord]:
        raise NotImplementedError
        yield

    # -- for the page -------------------------------------------------------------------------------------------
    def state(self, user_id: str) -> Json:
        """The body of GET /playground/state?as=user_id. LookupError when there is no such person."""
        raise NotImplementedError

    def messages(self, channel: str, as_user: str | None = None) -> list[Json]:
        """Messages of a channel (id or name), oldest first, as the page shows them to this person:

        Discord's message object plus "ephemeral", "local": {"loading", "failed"} and
        "interaction": {"command", "user"} | None. Without as_user: public ones only. LookupError: no such channel.
        """
        raise NotImplementedError

    def person(self, name_or_id: str) -> Person:
        """The actor for a person, by name or id. LookupError when there is none."""
        raise NotImplementedError

    def interaction(self, interaction_id: str) -> Interaction:
        """The record of an interaction. LookupError when there is none."""
        raise NotImplementedError

    def subscribe(self, user_id: str) -> AbstractAsyncContextManager[AsyncIterator[Json]]:
        """`async with discord.subscribe(uid) as events: async for event in events`: what /playground/events sends.

        Each event is {"type", "channel_id", …} as in the page API, already filtered to what this person may see;
        message events carry "message" in the form of messages(); "message_delete" carries "message_id".
        """
        raise NotImplementedError

    @property
    def online(self) -> bool:
        """Whether the bot is connected to the gateway."""
        raise NotImplementedError

    # -- for tests ----------------------------------------------------------------------------------------------
    async def wait_for(self, condition: Callable[[], Any], timeout: float = 5.0) -> Any:
        """Wait until condition() is truthy, looked at after every change; returns its value. TimeoutError."""
        raise NotImplementedError
