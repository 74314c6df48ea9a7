"""The playground's page: its static files, and the API through which it acts for the people of a local Discord."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from aiohttp import WSCloseCode, web

from .actors import ActionRefused, Interaction, Person
from .errors import ApiError
from .interactions import may_use
from .loose import Json
from .page_input import BadInput, PageInput
from .world import Channel, ChannelType, World

if TYPE_CHECKING:
    from .server import LocalDiscord

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

WEB = Path(__file__).with_name("web")
INLINE_SCRIPT = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Seconds between pings of the events socket; a browser that is gone is noticed after one of them.
HEARTBEAT = 20.0


def add_page(app: web.Application, discord: LocalDiscord) -> None:
    """Serve the page and its API from this application."""
    page = _Page(discord=discord)
    app.router.add_get("/", page.index)
    app.router.add_static("/web", WEB)
    routes: list[tuple[str, str, Handler]] = [
        ("GET", "/playground/state", page.state),
        ("GET", "/playground/channels/{channel_id}/messages", page.messages),
        ("POST", "/playground/channels/{channel_id}/messages", page.say),
        ("POST", "/playground/forward", page.forward),
        ("POST", "/playground/interactions", page.interact),
        ("POST", "/playground/dismiss", page.dismiss),
        ("GET", "/playground/events", page.events),
    ]
    for method, path, handler in routes:
        app.router.add_route(method, path, _guarded(handler))
    app.on_response_prepare.append(page.add_headers)
    app.on_shutdown.append(page.close)


def _guarded(handler: Handler) -> Handler:
    """Let only the page itself in, and turn refusals into sentences."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if not _from_the_page(request):
            return _refusal(403, "Only the playground's own page may do this.")
        try:
            return await handler(request)
        except BadInput as error:
            return _refusal(400, str(error))
        except LookupError as error:
            return _refusal(404, str(error.args[0]) if error.args else "There is no such thing.")
        except ActionRefused as error:
            return _refusal(422, str(error))
        except ApiError as error:
            return _refusal(error.status, error.message)

    return answer


def _from_the_page(request: web.Request) -> bool:
    """Whether a request comes from this page: other web sites reach loopback addresses too.

    A foreign site cannot change Origin, and a host name bound to 127.0.0.1 by its own DNS shows in Host.
    """
    if request.url.host not in LOOPBACK:
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.host}"


def _refusal(status: int, sentence: str) -> web.Response:
    return web.json_response({"ok": False, "error": sentence}, status=status)


def _policy(index: str) -> str:
    """Everything from this origin only; the one inline script, the import map, by its hash."""
    hashes = [hashlib.sha256(script.encode()).digest() for script in INLINE_SCRIPT.findall(index)]
    scripts = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self'; font-src 'self'; connect-src 'self'; "
        "img-src 'self' blob:; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


class _Page:
    """Answers the page's requests from one local Discord."""

    def __init__(self, *, discord: LocalDiscord) -> None:
        self._discord = discord
        self._index = (WEB / "index.html").read_text(encoding="utf-8")
        self._policy = _policy(self._index)
        self._sockets: WeakSet[web.WebSocketResponse] = WeakSet()

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """Security headers for everything of the page; an uploaded file opened by itself may run nothing."""
        if request.path.startswith(("/attachments/", "/ephemeral-attachments/")):
            response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
            return
        if request.path != "/" and not request.path.startswith(("/web/", "/playground/")):
            return
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-cache" if request.path.startswith("/web/") else "no-store"

    async def index(self, request: web.Request) -> web.StreamResponse:
        """The page itself."""
        return web.Response(text=self._index, content_type="text/html")

    async def state(self, request: web.Request) -> web.StreamResponse:
        """Everything a person sees around the messages."""
        person = self._discord.person(request.query.get("as") or self._first_person())
        world = self._discord.world
        state = self._discord.state(person.id)
        roles = [role for role in world.roles.values() if role.id != world.guild.id and role.bot_id is None]
        state["roles"] = [{"id": role.id, "name": role.name, "color": role.color} for role in roles]
        for channel in state["channels"]:
            channel["topic"] = world.channels[channel["id"]].topic
        places = [world.channels[channel["id"]] for channel in state["channels"]]
        state["commands"] = [_where(world, person.id, places, command) for command in state["commands"]]
        return web.json_response(state)

    def _first_person(self) -> str:
        """Who looks when nobody is named: the first member, as most people are members."""
        people = self._discord.world.people
        standing = self._discord.world.standing
        return next((user.id for user in people if standing(user.id) == "member"), people[0].id)

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """The messages of a channel, oldest first."""
        person = self._discord.person(request.query.get("as", ""))
        return web.json_response(self._discord.messages(request.match_info["channel_id"], person.id))

    async def say(self, request: web.Request) -> web.StreamResponse:
        """A person's own message."""
        body = await PageInput.read(request)
        person = self._discord.person(body.text("as"))
        message = await person.say(
            request.match_info["channel_id"],
            body.optional_text("content") or "",
            body.uploads(),
            reply_to=body.optional_text("reply_to"),
        )
        return web.json_response(message)

    async def forward(self, request: web.Request) -> web.StreamResponse:
        """A person passes a message on to another channel."""
        body = await PageInput.read(request)
        person = self._discord.person(body.text("as"))
        return web.json_response(await person.forward(body.text("message_id"), body.text("channel_id")))

    async def dismiss(self, request: web.Request) -> web.StreamResponse:
        """A person puts an ephemeral note away."""
        body = await PageInput.read(request)
        self._discord.person(body.text("as")).dismiss(body.text("message_id"))
        return web.json_response({"ok": True})

    async def interact(self, request: web.Request) -> web.StreamResponse:
        """A command, a press, a form: answered when the bot has answered, or has not."""
        body = await PageInput.read(request)
        person = self._discord.person(body.text("as"))
        kind = body.text("kind")
        if kind == "autocomplete":
            return web.json_response({"choices": await _autocomplete(person, body)})
        acts: dict[str, Callable[[Person, PageInput], Awaitable[Interaction]]] = {
            "command": _command,
            "component": _component,
            "modal": self._modal,
            "menu": _menu,
        }
        if kind not in acts:
            raise BadInput(f"There is no interaction of the kind {kind!r}.")
        return web.json_response(_answer(await acts[kind](person, body)))

    async def _modal(self, person: Person, body: PageInput) -> Interaction:
        opened = self._discord.interaction(body.text("interaction_id"))
        return await person.submit(opened, body.modal_values())

    async def events(self, request: web.Request) -> web.StreamResponse:
        """What happens, as it happens, until either side closes."""
        person = self._discord.person(request.query.get("as", ""))
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT)
        async with self._discord.subscribe(person.id) as events:
            await socket.prepare(request)
            self._sockets.add(socket)
            pump = asyncio.create_task(_pump(events, socket))
            try:
                async for _ in socket:
                    log.debug("the page sent something over the events socket; it is not listened to")
            finally:
                pump.cancel()
                await asyncio.gather(pump, return_exceptions=True)
        return socket

    async def close(self, app: web.Application) -> None:
        """Let the browsers go, so that the server can end."""
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the playground ends")


def _where(world: World, user_id: str, places: list[Channel], command: Json) -> Json:
    """A command with where this person may use it: permissions asked for count in the guild only."""
    usable = {place.type is ChannelType.DM for place in places if may_use(world, user_id, place, command)}
    return command | {"in_guild": False in usable, "in_dm": True in usable}


async def _pump(events: AsyncIterator[Json], socket: web.WebSocketResponse) -> None:
    async for event in events:
        await socket.send_json(event)


async def _command(person: Person, body: PageInput) -> Interaction:
    return await person.slash(body.text("channel_id"), body.text("name"), body.options())


async def _component(person: Person, body: PageInput) -> Interaction:
    values = body.texts("values")
    if values is None:
        return await person.press(body.text("message_id"), body.text("custom_id"))
    return await person.choose(body.text("message_id"), body.text("custom_id"), values)


async def _menu(person: Person, body: PageInput) -> Interaction:
    return await person.menu(body.text("name"), body.text("target_id"), channel=body.optional_text("channel_id"))


async def _autocomplete(person: Person, body: PageInput) -> list[Json]:
    options = body.options()
    focused = body.text("focused")
    typed = str(options.pop(focused, ""))
    return await person.autocomplete(body.text("channel_id"), body.text("name"), focused, typed, options)


def _answer(interaction: Interaction) -> Json:
    return {
        "ok": interaction.error is None,
        "interaction_id": interaction.id,
        "channel_id": interaction.channel_id,
        "response": interaction.response.value if interaction.response is not None else "none",
        "modal": interaction.modal,
        "error": interaction.error,
    }
