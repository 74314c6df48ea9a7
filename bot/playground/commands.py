"""The registry of the application's commands, global and of the guild."""

from __future__ import annotations

from typing import Any

from .changes import Change, Changes, ChangeType
from .command_rules import MAX_OF_TYPE, check_command
from .errors import FormErrors, known
from .loose import Json, an_object, objects
from .shapes import check_shapes, shaped
from .snowflakes import Snowflakes

KEPT = (
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "default_member_permissions",
    "dm_permission",
    "contexts",
    "integration_types",
    "nsfw",
    "options",
)


class CommandBook:
    """What is registered, globally and in the guild."""

    def __init__(self, *, application_id: str, snowflakes: Snowflakes, changes: Changes) -> None:
        self._application_id = application_id
        self._snowflakes = snowflakes
        self._changes = changes
        self._scopes: dict[str | None, dict[str, Json]] = {}

    def all(self, scope: str | None) -> list[Json]:
        """The commands of a scope: a guild's id, or None for the global ones."""
        return list(self._scopes.get(scope, {}).values())

    def usable(self) -> list[Json]:
        """The commands of every scope; a guild's command hides a global one of the same name and type."""
        found: dict[tuple[int, str], Json] = {}
        for scope in sorted(self._scopes, key=lambda scope: scope is not None):
            found |= {(command["type"], command["name"]): command for command in self.all(scope)}
        return list(found.values())

    def replace(self, scope: str | None, commands: list[Any]) -> list[Json]:
        """Register exactly these; commands that were there keep their ids."""
        errors = FormErrors()
        seen: set[tuple[int, str]] = set()
        for index, command in enumerate(commands):
            check_shapes(errors, (index,), command)
        errors.raise_if_any()
        for index, command in enumerate(commands):
            check_command(errors, (index,), command)
            key = _key(an_object(command) or {})
            if key in seen:
                errors.add((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
            seen.add(key)
        errors.raise_if_any()
        self._check_count(objects(commands))
        before = {_key(command): command for command in self.all(scope)}
        made = [self._made(scope, command, before.get(_key(command))) for command in objects(commands)]
        self._scopes[scope] = {command["id"]: command for command in made}
        self._changes.announce(Change(type=ChangeType.COMMANDS))
        return made

    def put(self, scope: str | None, command: Any) -> tuple[Json, bool]:
        """Register one, in place of one of the same name; the command, and whether it is new."""
        errors = FormErrors()
        body = shaped(command)
        check_command(errors, (), body)
        errors.raise_if_any()
        before = next((each for each in self.all(scope) if _key(each) == _key(body)), None)
        if before is None:
            self._check_count([*self.all(scope), body])
        made = self._made(scope, body, before)
        self._scopes.setdefault(scope, {})[made["id"]] = made
        self._changes.announce(Change(type=ChangeType.COMMANDS))
        return made, before is None

    def get(self, scope: str | None, command_id: str) -> Json:
        """One command, or 10063."""
        try:
            return self._scopes[scope][command_id]
        except KeyError:
            raise known(10063) from None

    def change(self, scope: str | None, command_id: str, changes: Any) -> Json:
        """Change parts of one command."""
        before = self.get(scope, command_id)
        body = before | shaped(changes)
        errors = FormErrors()
        check_command(errors, (), body)
        errors.raise_if_any()
        made = self._made(scope, body, before)
        self._scopes[scope][command_id] = made
        self._changes.announce(Change(type=ChangeType.COMMANDS))
        return made

    def remove(self, scope: str | None, command_id: str) -> None:
        """Remove one command."""
        self.get(scope, command_id)
        del self._scopes[scope][command_id]
        self._changes.announce(Change(type=ChangeType.COMMANDS))

    def _check_count(self, commands: list[Json]) -> None:
        for kind, most in MAX_OF_TYPE.items():
            if sum((command.get("type") or 1) == kind for command in commands) > most:
                raise known(30032)

    def _made(self, scope: str | None, command: Json, before: Json | None) -> Json:
        body: Json = {
            "id": before["id"] if before is not None else self._snowflakes.next(),
            "application_id": self._application_id,
            "version": self._snowflakes.next(),
            "type": command.get("type") or 1,
            "description": "",
            "default_member_permissions": None,
            "nsfw": False,
            "contexts": None,
            "integration_types": [0],
        }
        body |= {key: command[key] for key in KEPT if command.get(key) is not None}
        if body["default_member_permissions"] is not None:
            body["default_member_permissions"] = str(body["default_member_permissions"])
        if "options" in body:
            body["options"] = [_tidy(option) for option in objects(body["options"])]
        if scope is not None:
            body["guild_id"] = scope
        return body


def _key(command: Json) -> tuple[int, str]:
    return command.get("type") or 1, str(command.get("name"))


def _tidy(option: Json) -> Json:
    """An option as Discord gives it back: without empty values."""
    body = {key: value for key, value in option.items() if value is not None and value is not False and value != []}
    for key in ("options", "choices"):
        if key in body:
            body[key] = [_tidy(each) if key == "options" else each for each in objects(body[key])]
    return body
