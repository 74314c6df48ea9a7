"""What a person typed into a command, turned into interaction data the way Discord's client does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from .cdn import Files
from .command_rules import NESTING, OptionType
from .loose import Json, objects
from .payloads import member_json, role_json, user_json
from .rendering import Renderer
from .world import Channel, World


class ActionRefused(Exception):
    """Discord's own client would not have let the person do this; str() is the sentence to show."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a person drops it in."""

    filename: str
    data: bytes
    content_type: str | None = None
    description: str | None = None


class SelectKind(IntEnum):
    """Types of select menu (Discord reference, "Component Types")."""

    STRING = 3
    USER = 5
    ROLE = 6
    MENTIONABLE = 7
    CHANNEL = 8


# Kinds of file an attachment option may be limited to (Discord reference, "file_types").
FILE_KINDS = {
    "image": (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".heic", ".bmp", ".tiff"),
    "video": (".mp4", ".mov", ".webm", ".mkv"),
    "audio": (".mp3", ".wav", ".ogg", ".flac", ".m4a"),
}


def leaf(command: Json, path: list[str]) -> tuple[Json, list[Json]]:
    """The sub-command a path of names leads to, and the nesting options on the way."""
    node, nesting = command, list[Json]()
    for name in path:
        child = next((each for each in objects(node.get("options")) if each["name"] == name), None)
        if child is None or child["type"] not in NESTING:
            raise ActionRefused(f"/{command['name']} has no sub-command {name!r}.")
        node = child
        nesting.append(child)
    if any(each["type"] in NESTING for each in objects(node.get("options"))):
        raise ActionRefused(f"/{command['name']} needs one of its sub-commands.")
    return node, nesting


@dataclass(slots=True, kw_only=True)
class InputReader:
    """Turns values into options and collects the objects they resolve to."""

    world: World
    files: Files
    renderer: Renderer
    channel: Channel
    resolved: dict[str, Json] = field(default_factory=dict[str, Json])

    def options(self, spec: Json, values: Mapping[str, Any], *, focused: str | None = None) -> list[Json]:
        """The options of an interaction; with `focused` (autocomplete) nothing is required or checked."""
        specs = {option["name"]: option for option in objects(spec.get("options"))}
        unknown = [name for name in values if name not in specs]
        if unknown:
            raise ActionRefused(f"There is no option {unknown[0]!r}.")
        made: list[Json] = []
        for name, option in specs.items():
            if values.get(name) is None:
                if option.get("required") and focused is None:
                    raise ActionRefused(f"The option {name!r} is required.")
                continue
            body: Json = {"name": name, "type": option["type"]}
            if name == focused:
                body |= {"value": values[name], "focused": True}
            else:
                body["value"] = self._value(option, values[name])
            made.append(body)
        return made

    def _value(self, option: Json, value: Any) -> Any:
        readers: dict[int, Callable[[Json, Any], Any]] = {
            OptionType.STRING: self._string,
            OptionType.INTEGER: self._number,
            OptionType.NUMBER: self._number,
            OptionType.BOOLEAN: self._boolean,
            OptionType.USER: lambda _, given: self.user(given),
            OptionType.CHANNEL: lambda _, given: self._channel(given),
            OptionType.ROLE: lambda _, given: self._role(given),
            OptionType.MENTIONABLE: lambda _, given: self._mentionable(given),
            OptionType.ATTACHMENT: self._attachment,
        }
        return readers[option["type"]](option, value)

    def _string(self, option: Json, value: Any) -> str:
        text = str(value)
        least, most = option.get("min_length", 0), option.get("max_length", 6000)
        if not least <= len(text) <= most:
            raise ActionRefused(f"{option['name']}: must be between {least} and {most} characters.")
        self._check_choice(option, text)
        return text

    def _number(self, option: Json, value: Any) -> int | float:
        try:
            number = int(value) if option["type"] == OptionType.INTEGER else float(value)
        except (TypeError, ValueError):
            raise ActionRefused(f"{option['name']}: {value!r} is not a number.") from None
        if number < option.get("min_value", number) or number > option.get("max_value", number):
            raise ActionRefused(f"{option['name']}: {number} is out of range.")
        self._check_choice(option, number)
        return number

    def _boolean(self, option: Json, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ActionRefused(f"{option['name']}: choose True or False.")
        return value

    def _check_choice(self, option: Json, value: Any) -> None:
        choices = objects(option.get("choices"))
        if choices and value not in [choice["value"] for choice in choices]:
            raise ActionRefused(f"{option['name']}: {value!r} is not one of the choices.")

    def user(self, value: Any) -> str:
        """Resolve a user, by id or name."""
        try:
            user = self.world.find_user(str(value))
        except LookupError as error:
            raise ActionRefused(str(error)) from None
        self.resolved.setdefault("users", {})[user.id] = user_json(user)
        member = self.world.members.get(user.id)
        if member is not None:
            body = member_json(member, with_user=False) | {"permissions": "0"}
            del body["deaf"], body["mute"]
            self.resolved.setdefault("members", {})[user.id] = body
        return user.id

    def _channel(self, value: Any) -> str:
        try:
            channel = self.world.find_channel(str(value))
        except LookupError as error:
            raise ActionRefused(str(error)) from None
        body = self.renderer.channel(channel, for_user=self.world.bot.id)
        self.resolved.setdefault("channels", {})[channel.id] = body
        return channel.id

    def _role(self, value: Any) -> str:
        role = next((role for role in self.world.roles.values() if str(value) in (role.id, role.name)), None)
        if role is None:
            raise ActionRefused(f"There is no role {value!r}.")
        self.resolved.setdefault("roles", {})[role.id] = role_json(role)
        return role.id

    def _mentionable(self, value: Any) -> str:
        known_role = any(str(value) in (role.id, role.name) for role in self.world.roles.values())
        return self._role(value) if known_role else self.user(value)

    def _attachment(self, option: Json, value: Any) -> str:
        if not isinstance(value, Upload):
            raise ActionRefused(f"{option['name']}: drop in a file.")
        self.check_upload(value)
        kinds: list[str] = option.get("file_types") or []
        endings = [ending for kind in kinds for ending in FILE_KINDS.get(kind, (kind,))]
        if endings and not value.filename.lower().endswith(tuple(endings)):
            raise ActionRefused(f"{option['name']}: this kind of file is not accepted.")
        return self.attachment(value)

    def chosen(self, select: Json, values: Sequence[str]) -> list[str]:
        """What is chosen in a select menu: values, or ids of users, roles and channels, which are resolved."""
        kind = select["type"]
        if kind == SelectKind.STRING:
            known = [option["value"] for option in objects(select.get("options"))]
            if any(value not in known for value in values):
                raise ActionRefused("That is not one of the choices of this menu.")
            return list(values)
        readers: dict[int, Callable[[Any], str]] = {
            SelectKind.USER: self.user,
            SelectKind.ROLE: self._role,
            SelectKind.MENTIONABLE: self._mentionable,
            SelectKind.CHANNEL: self._channel,
        }
        return [readers[kind](value) for value in values] if kind in readers else list(values)

    def check_upload(self, upload: Upload) -> None:
        """Refuse a file larger than the guild allows."""
        if len(upload.data) > self.world.guild.attachment_size_limit:
            raise ActionRefused(f"{upload.filename}: your file is too powerful! The limit is 10 MB.")

    def attachment(self, upload: Upload) -> str:
        """Store a file as an ephemeral attachment of the interaction and resolve it."""
        kept = self.files.add(
            channel_id=self.channel.id,
            filename=upload.filename,
            data=upload.data,
            content_type=upload.content_type,
            description=upload.description,
            ephemeral=True,
        )
        self.resolved.setdefault("attachments", {})[kept.id] = self.renderer.attachment(kept)
        return kept.id
