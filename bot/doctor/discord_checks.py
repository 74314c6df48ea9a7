"""Checks of Discord: token, application, permissions in servers, session starts, and our clock against its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from bot import __version__
from bot.discord_ui.invite import invite_link, missing_permissions
from bot.doctor.findings import Finding, doubtful, fine, wrong
from bot.domain.errors import ProviderError
from bot.providers.fetching import Answer
from bot.providers.http import HttpClient
from bot.services.ports import Clock
from bot.settings import DiscordSettings

_AGENT = f"DiscordBot (atelier, {__version__})"
"""Discord refuses clients that do not name themselves so (docs, "User Agent")."""

CLOCK_ODD, CLOCK_WRONG = 5.0, 60.0
"""Seconds that the clock may differ. Discord's own is told in whole seconds, and an answer takes its time."""

SERVERS_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordChecks:
    """Asks Discord's REST API what it knows of the bot; nothing is changed there."""

    settings: DiscordSettings
    http: HttpClient
    clock: Clock

    async def findings(self) -> AsyncGenerator[Finding]:
        """Each finding as soon as it is known."""
        if self.settings.token is None:
            yield doubtful("token", "there is none: `python -m bot` starts the playground instead")
            return
        try:
            me = await self._get("/users/@me")
        except ProviderError as error:
            yield wrong("token", f"Discord cannot be reached at {self.settings.api_base} ({error.detail})")
            return
        if me.status == 401:
            yield wrong("token", "Discord does not accept it; copy it anew from the developer portal")
            return
        if not me.ok:
            yield wrong("token", f"Discord answers HTTP {me.status}")
            return
        yield fine("token", f"accepted; the bot is {_table(me).get('username')}")
        yield self._clock(me)
        for check in (self._application, self._sessions, self._servers):
            try:
                yield await check()
            except ProviderError as error:
                yield doubtful("discord", f"no answer ({error.detail})")

    async def _application(self) -> Finding:
        answer = await self._get("/applications/@me")
        number = _table(answer).get("id")
        if not answer.ok or not isinstance(number, str) or not number.isdigit():
            return wrong("application", f"it cannot be read (HTTP {answer.status})")
        link = invite_link(int(number))
        return fine("application", f"found; no privileged intent is needed. Invite it with {link}")

    async def _sessions(self) -> Finding:
        answer = await self._get("/gateway/bot")
        limit = _table(answer).get("session_start_limit")
        left = cast("dict[str, Any]", limit).get("remaining") if isinstance(limit, dict) else None
        if not answer.ok or not isinstance(left, int):
            return wrong("gateway", f"its address cannot be read (HTTP {answer.status})")
        if left == 0:
            return wrong("gateway", "today's starts of sessions are used up; the bot can connect again tomorrow")
        return fine("gateway", f"reachable; {left} starts left today")

    async def _servers(self) -> Finding:
        answer = await self._get("/users/@me/guilds")
        if not answer.ok:
            return doubtful("servers", f"they cannot be read (HTTP {answer.status})")
        servers = [cast("dict[str, Any]", item) for item in _items(answer) if isinstance(item, dict)]
        if not servers:
            return doubtful("servers", "the bot is in none yet; use the invitation above")
        lacking = [f"{server.get('name')}: {', '.join(names)}" for server in servers if (names := _missing(server))]
        if lacking:
            return doubtful("servers", f"permissions are missing in {'; '.join(lacking[:SERVERS_NAMED])}")
        return fine("servers", f"{len(servers)}, with every permission that is needed")

    def _clock(self, answer: Answer) -> Finding:
        try:
            theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        except ValueError:
            return doubtful("clock", "Discord does not tell the time")
        away = self.clock() - theirs.replace(tzinfo=theirs.tzinfo or UTC).timestamp()
        if abs(away) < CLOCK_ODD:
            return fine("clock", "right")
        now = datetime.fromtimestamp(self.clock(), UTC)
        where = "ahead of" if away > 0 else "behind"
        text = f"{abs(away):.0f} s {where} Discord's (here it is {now:%Y-%m-%d %H:%M:%S} UTC)"
        return wrong("clock", f"{text}; set it right") if abs(away) >= CLOCK_WRONG else doubtful("clock", text)

    async def _get(self, path: str) -> Answer:
        assert self.settings.token is not None
        headers = {"Authorization": f"Bot {self.settings.token.get_secret_value()}", "User-Agent": _AGENT}
        return await self.http.get_json(f"{self.settings.api_base}{path}", provider="discord", headers=headers)


def _missing(server: dict[str, Any]) -> list[str]:
    granted = server.get("permissions")
    return missing_permissions(int(granted)) if isinstance(granted, str) and granted.isdigit() else []


def _table(answer: Answer) -> dict[str, Any]:
    value = _json(answer)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _items(answer: Answer) -> list[Any]:
    value = _json(answer)
    return cast("list[Any]", value) if isinstance(value, list) else []


def _json(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
