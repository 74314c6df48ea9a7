"""The local Discord as one object: opens the server and offers what tests and the page need."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from aiohttp import web

from .actors import Person
from .api import MAX_BODY, Api
from .changes import ChangeType
from .core import Core
from .exchanges import Exchange, Observer
from .faults import Faults
from .gateway import Gateway
from .interactions import Interaction
from .loose import Json
from .page import add_page
from .ratelimits import RateLimiter, RateLimits
from .rest_channels import ChannelRoutes
from .rest_commands import CommandRoutes
from .rest_interactions import InteractionRoutes
from .rest_misc import MiscRoutes
from .rest_threads import ThreadRoutes
from .sessions import IDENTIFY_BUDGET
from .studio import atelier_studio
from .views import Views
from .world import World

# What Discord's gateway asks for.
HEARTBEAT_SECONDS = 41.25


class LocalDiscord:
    """A strict local Discord for one application in one guild, on 127.0.0.1."""

    def __init__(self, *, core: Core, api: Api) -> None:
        self._core = core
        self._api = api
        self._views = Views(core=core)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: World | None = None,
        clock: Callable[[], float] = time.time,
        rate_limits: RateLimits | None = None,
        heartbeat_interval: float = HEARTBEAT_SECONDS,
        token: str | None = None,
    ) -> AsyncGenerator[LocalDiscord]:
        """Start the server; it stops with the context. Port 0 takes a free one, `token` is drawn when not given."""
        core = Core(world=seed if seed is not None else atelier_studio(clock=clock), clock=clock, token=token)
        limiter = RateLimiter(limits=rate_limits or RateLimits(), clock=clock)
        parts = (InteractionRoutes, ChannelRoutes, ThreadRoutes, CommandRoutes, MiscRoutes)
        routes = [route for part in parts for route in part(core=core).routes()]
        api = Api(core=core, routes=routes, limiter=limiter)
        gateway = Gateway(core=core, heartbeat_interval=heartbeat_interval)
        discord = cls(core=core, api=api)
        runner = web.AppRunner(discord._application(gateway), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
            bound: int = runner.addresses[0][1]
            core.listen_at(f"http://{host}:{bound}")
            yield discord
        finally:
            core.interactions.close()
            await gateway.close()
            await runner.cleanup()

    def _application(self, gateway: Gateway) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/api/v{version:10|9}/{tail:.*}", self._api.serve)
        app.router.add_get("/gateway", gateway.serve)
        for folder in ("attachments", "ephemeral-attachments"):
            path = f"/{folder}/{{channel_id}}/{{attachment_id}}/{{filename}}"
            app.router.add_get(path, self._core.files.serve)
        app.router.add_get("/avatars/{user_id}/{filename}", self._core.avatars.serve)
        add_page(app, self)
        return app

    @property
    def api_base(self) -> str:
        """The base of the REST API, for discord.http.Route.BASE."""
        return f"{self._core.base}/api/v10"

    @property
    def page_url(self) -> str:
        """The address of the page."""
        return f"{self._core.base}/"

    @property
    def token(self) -> str:
        """The bot token to log in with."""
        return self._core.token

    @property
    def world(self) -> World:
        """Guild, channels and people."""
        return self._core.world

    @property
    def faults(self) -> Faults:
        """Scripted faults."""
        return self._core.faults

    @property
    def online(self) -> bool:
        """Whether the bot is connected to the gateway."""
        return self._core.sessions.online

    @property
    def identifies(self) -> int:
        """How often a client has identified."""
        return self._core.sessions.identifies

    # -- for the page ------------------------------------------------------------------------------------------

    def state(self, user_id: str) -> Json:
        """The body of GET /playground/state?as=user_id. LookupError when there is no such person."""
        return self._views.state(user_id)

    def messages(self, channel: str, as_user: str | None = None) -> list[Json]:
        """Messages of a channel (id or name), oldest first, as the page shows them to this person (id or name):

        Discord's message object plus "ephemeral", "local": {"loading", "failed"} and
        "interaction": {"command", "user"} | None. Without as_user: public ones only. LookupError: no such channel.
        """
        user_id = self.world.find_user(as_user).id if as_user is not None else None
        return self._views.messages(self.world.find_channel(channel), user_id)

    def person(self, name_or_id: str) -> Person:
        """The actor for a person, by name or id. LookupError when there is none."""
        return Person(user=self.world.find_user(name_or_id), core=self._core, views=self._views)

    def interaction(self, interaction_id: str) -> Interaction:
        """The record of an interaction. LookupError when there is none."""
        found = self._core.interactions.find(interaction_id)
        if found is None:
            raise LookupError(f"there is no interaction {interaction_id!r}")
        return found

    def interactions(self) -> list[Interaction]:
        """All interactions so far, oldest first."""
        return self._core.interactions.all()

    def subscribe(self, user_id: str) -> AbstractAsyncContextManager[AsyncIterator[Json]]:
        """`async with discord.subscribe(uid) as events: async for event in events`: what /playground/events sends.

        Each event is {"type", "channel_id", …} as in the page API, already filtered to what this person may see;
        message events carry "message" in the form of messages(); "message_delete" carries "message_id".
        """
        return self._views.subscribe(user_id)

    # -- for tests ---------------------------------------------------------------------------------------------

    def add_observer(self, observer: Observer) -> None:
        """Call a function with every exchange, before its answer is sent."""
        self._api.observers.append(observer)

    def calls(self) -> list[Exchange]:
        """Every call of the application so far."""
        return list(self._api.exchanges)

    async def wait_for(self, condition: Callable[[], Any], timeout: float = 5.0) -> Any:
        """Wait until condition() is truthy, looked at after every change and call; its value, or TimeoutError."""
        return await self._core.changes.wait_for(condition, timeout)

    def give_avatar(self, name_or_id: str, data: bytes) -> None:
        """Let a person have this PNG as their profile picture."""
        self._core.avatars.give(self.world.find_user(name_or_id), data)

    def add_picture_elsewhere(self, url: str, data: bytes) -> None:
        """Let a picture stand at an address outside Discord: messages that link to it show it."""
        self._core.files.add_elsewhere(url, data)

    def deliver_again(self, message_id: str) -> None:
        """Tell the application of a message once more, as happens after a resume. LookupError when it is gone."""
        message = self._core.messages.get(message_id)
        if message is None:
            raise LookupError(f"there is no message {message_id!r}")
        self._core.posting.announce(message, ChangeType.MESSAGE_CREATE)

    def spend_identifies(self, count: int = IDENTIFY_BUDGET) -> None:
        """Let so much of the daily budget of session starts be spent."""
        self._core.sessions.identifies = count

    def expire_due(self) -> None:
        """Let interactions fail whose 3 seconds are over by the clock; after a clock was moved by hand."""
        self._core.interactions.expire_due()
