"""REST: the gateway's address, the bot itself, users, direct messages, the guild."""

from __future__ import annotations

from .api import Call, Reply, Route
from .core import Core
from .errors import form_error, known
from .loose import Json
from .payloads import application_json, guild_json, member_json, role_json, user_json
from .permissions import Permission, in_guild
from .sessions import IDENTIFY_BUDGET
from .shapes import shaped
from .world import Member

MAX_PAGE = 1000


class MiscRoutes:
    """Everything that is neither a channel, a thread, an interaction nor a command."""

    def __init__(self, *, core: Core) -> None:
        self._core = core

    def routes(self) -> list[Route]:
        """The operations served here."""
        guild = "/guilds/{guild_id}"
        return [
            Route("GET", "/gateway", self.gateway),
            Route("GET", "/gateway/bot", self.gateway_bot),
            Route("GET", "/users/@me", self.me),
            Route("GET", "/users/@me/guilds", self.my_guilds),
            Route("POST", "/users/@me/channels", self.open_dm),
            Route("GET", "/users/{user_id}", self.user),
            Route("GET", "/oauth2/applications/@me", self.application),
            Route("GET", "/applications/@me", self.application),
            Route("GET", guild, self.guild),
            Route("GET", f"{guild}/channels", self.channels),
            Route("GET", f"{guild}/roles", self.roles),
            Route("GET", f"{guild}/roles/member-counts", self.role_counts),
            Route("GET", f"{guild}/members", self.members),
            Route("GET", f"{guild}/members/search", self.search),
            Route("GET", f"{guild}/members/{{user_id}}", self.member),
        ]

    def gateway(self, call: Call) -> Reply:
        return Reply(200, {"url": self._gateway_url()})

    def gateway_bot(self, call: Call) -> Reply:
        limit: Json = {
            "total": IDENTIFY_BUDGET,
            "remaining": max(0, IDENTIFY_BUDGET - self._core.sessions.identifies),
            "reset_after": 86_400_000,
            "max_concurrency": 1,
        }
        shards = self._core.sessions.recommended_shards
        return Reply(200, {"url": self._gateway_url(), "shards": shards, "session_start_limit": limit})

    def _gateway_url(self) -> str:
        return self._core.base.replace("http://", "ws://", 1) + "/gateway"

    def me(self, call: Call) -> Reply:
        extra: Json = {"mfa_enabled": True, "locale": "en-US", "verified": True, "email": None, "premium_type": 0}
        return Reply(200, user_json(self._core.world.bot) | extra)

    def my_guilds(self, call: Call) -> Reply:
        guild = self._core.world.guild
        body: Json = {"id": guild.id, "name": guild.name, "icon": None, "banner": None, "owner": False}
        rights = in_guild(self._core.world, self._core.world.members[self._core.world.bot.id])
        return Reply(200, [body | {"permissions": str(int(rights)), "features": []}])

    def user(self, call: Call) -> Reply:
        user = self._core.world.users.get(call.params["user_id"])
        if user is None:
            raise known(10013)
        return Reply(200, user_json(user))

    def application(self, call: Call) -> Reply:
        return Reply(200, application_json(self._core.world))

    def open_dm(self, call: Call) -> Reply:
        user_id = str(shaped(call.form.payload).get("recipient_id", ""))
        user = self._core.world.users.get(user_id)
        if user is None:
            raise form_error(("recipient_id",), "USER_UNKNOWN", "Unknown User")
        if user.bot:
            raise known(50007)
        return Reply(200, self._core.renderer.channel(self._core.world.dm_with(user_id)))

    def guild(self, call: Call) -> Reply:
        self._check_guild(call)
        body = guild_json(self._core.world)
        if call.query.get("with_counts", "").lower() in ("1", "true"):
            count = len(self._core.world.members)
            body |= {"approximate_member_count": count, "approximate_presence_count": count}
        return Reply(200, body)

    def channels(self, call: Call) -> Reply:
        self._check_guild(call)
        world = self._core.world
        shown = [channel for channel in world.channels.values() if not channel.is_thread and channel.name]
        return Reply(200, [self._core.renderer.channel(channel) for channel in shown])

    def roles(self, call: Call) -> Reply:
        self._check_guild(call)
        return Reply(200, [role_json(role) for role in self._core.world.roles.values()])

    def role_counts(self, call: Call) -> Reply:
        self._check_guild(call)
        world = self._core.world
        rights = in_guild(world, world.members[world.bot.id])
        if not rights & Permission.MANAGE_ROLES and not rights & Permission.ADMINISTRATOR:
            raise known(50013)
        counts = {role_id: 0 for role_id in world.roles if role_id != world.guild.id}
        for member in world.members.values():
            for role_id in member.role_ids:
                counts[role_id] = counts.get(role_id, 0) + 1
        return Reply(200, counts)

    def members(self, call: Call) -> Reply:
        self._check_guild(call)
        if not self._core.world.application.guild_members:
            raise known(50001)
        limit, after = int(call.query.get("limit", "1")), int(call.query.get("after", "0"))
        ordered = sorted(self._core.world.members.values(), key=lambda member: int(member.user.id))
        page = [member for member in ordered if int(member.user.id) > after][: min(limit, MAX_PAGE)]
        return Reply(200, [member_json(member) for member in page])

    def search(self, call: Call) -> Reply:
        self._check_guild(call)
        start = call.query.get("query", "").lower()
        limit = int(call.query.get("limit", "1"))
        found = [member for member in self._core.world.members.values() if _is_called(member, start)]
        return Reply(200, [member_json(member) for member in found[: min(limit, MAX_PAGE)]])

    def member(self, call: Call) -> Reply:
        self._check_guild(call)
        member = self._core.world.members.get(call.params["user_id"])
        if member is None:
            raise known(10007 if call.params["user_id"] in self._core.world.users else 10013)
        return Reply(200, member_json(member))

    def _check_guild(self, call: Call) -> None:
        if call.params["guild_id"] != self._core.world.guild.id:
            raise known(10004)


def _is_called(member: Member, start: str) -> bool:
    return member.user.name.lower().startswith(start) or member.user.display_name.lower().startswith(start)
