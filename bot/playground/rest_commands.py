"""REST: registering application commands."""

from __future__ import annotations

from .api import Call, Reply, Route
from .core import Core
from .errors import ApiError, known
from .loose import a_list


class CommandRoutes:
    """Global commands and those of the guild."""

    def __init__(self, *, core: Core) -> None:
        self._core = core

    def routes(self) -> list[Route]:
        """The operations served here."""
        made: list[Route] = []
        everywhere = "/applications/{application_id}/commands"
        for base in (everywhere, "/applications/{application_id}/guilds/{guild_id}/commands"):
            one = f"{base}/{{command_id}}"
            made += [
                Route("GET", base, self.list),
                Route("PUT", base, self.replace),
                Route("POST", base, self.create),
                Route("GET", one, self.get),
                Route("PATCH", one, self.change),
                Route("DELETE", one, self.remove),
            ]
        return made

    def list(self, call: Call) -> Reply:
        return Reply(200, self._core.commands.all(self._scope(call)))

    def replace(self, call: Call) -> Reply:
        return Reply(200, self._core.commands.replace(self._scope(call), a_list(call.form.payload) or []))

    def create(self, call: Call) -> Reply:
        command, is_new = self._core.commands.put(self._scope(call), call.form.payload)
        return Reply(201 if is_new else 200, command)

    def get(self, call: Call) -> Reply:
        return Reply(200, self._core.commands.get(self._scope(call), call.params["command_id"]))

    def change(self, call: Call) -> Reply:
        changed = self._core.commands.change(self._scope(call), call.params["command_id"], call.form.payload)
        return Reply(200, changed)

    def remove(self, call: Call) -> Reply:
        self._core.commands.remove(self._scope(call), call.params["command_id"])
        return Reply(204)

    def _scope(self, call: Call) -> str | None:
        if call.params["application_id"] != self._core.world.application.id:
            raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
        guild_id = call.params.get("guild_id")
        if guild_id is not None and guild_id != self._core.world.guild.id:
            raise known(50001)
        return guild_id
