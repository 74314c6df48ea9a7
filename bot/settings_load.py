"""Reads the settings: configuration file, then environment, then secret files; says what is wrong in plain lines."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from bot.domain.errors import ConfigError
from bot.settings import Settings
from bot.settings_fields import Leaf, leaves, sections

PREFIX = "BOT_"
FILE_SUFFIX = "_FILE"
CONFIG_VARIABLE = "BOT_CONFIG"
CONFIG_FILE = "config.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The settings in force, the file that some came from, and what the operator should hear about them."""

    settings: Settings
    file: Path | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A value as somebody gave it, and where."""

    value: Any
    origin: str


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What was read so far: the latest value of each setting, and every complaint."""

    known: Mapping[str, Leaf]
    tables: frozenset[str]
    given: dict[str, Given] = field(default_factory=dict[str, Given])
    complaints: list[str] = field(default_factory=list[str])


def load_settings(environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Loaded:
    """Read all sources. `folder` is where `config.toml` is looked for: the working directory unless given.

    Raises:
        ConfigError: something cannot be used; `lines` of its values has a line for each such thing.
    """
    environ = os.environ if environ is None else environ
    reading = _Reading(known=leaves(Settings), tables=frozenset(name for name, _ in sections(Settings)))
    file = _config_file(environ, folder or Path())
    if file is not None:
        _read_file(reading, file)
    secret_in_file = any(reading.known[key].hides(given.value) for key, given in reading.given.items())
    _read_environment(reading, environ)
    settings = _validated(reading)
    if settings is None or reading.complaints:
        raise ConfigError(detail="; ".join(reading.complaints), lines=tuple(reading.complaints))
    return Loaded(settings=settings, file=file, warnings=_warnings(settings, file if secret_in_file else None))


def _config_file(environ: Mapping[str, str], folder: Path) -> Path | None:
    named = environ.get(CONFIG_VARIABLE)
    if not named:
        return file if (file := folder / CONFIG_FILE).is_file() else None
    file = folder / named
    if not file.is_file():
        line = f"{CONFIG_VARIABLE}: there is no file {named}"
        raise ConfigError(detail=line, lines=(line,))
    return file


def _read_file(reading: _Reading, file: Path) -> None:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reading.complaints.append(f"{file}: cannot be read: {error}")
    except tomllib.TOMLDecodeError as error:
        reading.complaints.append(f"{file}: is not valid TOML: {error}")
    else:
        _take_table(reading, content, "", str(file))


def _read_environment(reading: _Reading, environ: Mapping[str, str]) -> None:
    # An empty variable counts as absent: container files pass unset ones on as empty.
    mine = {name: environ[name] for name in sorted(environ) if name.startswith(PREFIX) and environ[name]}
    mine.pop(CONFIG_VARIABLE, None)
    files: list[str] = []
    # Tables come before what they contain, so that the more exact variable wins.
    for name in sorted(mine, key=lambda name: name.count("__")):
        key = _key(name)
        if key in reading.tables or (key in reading.known and reading.known[key].listing):
            _take_json(reading, key, name, mine[name])
        elif name.endswith(FILE_SUFFIX) and key not in reading.known:
            files.append(name)
        else:
            _take(reading, key, mine[name], name)
    for name in files:
        _read_secret_file(reading, name, mine)


def _key(variable: str) -> str:
    return variable.removeprefix(PREFIX).lower().replace("__", ".")


def _variable(key: str) -> str:
    return PREFIX + key.replace(".", "__").upper()


def _take_json(reading: _Reading, key: str, variable: str, text: str) -> None:
    wanted = dict if key in reading.tables else list
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, wanted):
        example = '{"name": "value"}' if wanted is dict else '["first", "second"]'
        reading.complaints.append(f"{variable}: {key} must be JSON such as {example}")
    elif wanted is dict:
        _take_table(reading, cast("dict[str, Any]", value), key + ".", variable)
    else:
        _take(reading, key, cast("list[object]", value), variable)


def _take_table(reading: _Reading, table: Mapping[str, Any], prefix: str, origin: str) -> None:
    for name, value in table.items():
        key = prefix + name
        if key not in reading.tables:
            _take(reading, key, value, origin)
        elif isinstance(value, Mapping):
            _take_table(reading, cast("Mapping[str, Any]", value), key + ".", origin)
        else:
            reading.complaints.append(f"{origin}: {key} is a table of settings, not a value")


def _take(reading: _Reading, key: str, value: object, origin: str) -> None:
    if key in reading.known:
        reading.given[key] = Given(value=value, origin=origin)
    else:
        reading.complaints.append(_unknown(reading, key, origin))


def _read_secret_file(reading: _Reading, variable: str, mine: Mapping[str, str]) -> None:
    plain = variable.removesuffix(FILE_SUFFIX)
    key = _key(plain)
    leaf = reading.known.get(key)
    if leaf is None:
        reading.complaints.append(_unknown(reading, key, variable))
    elif not leaf.secret:
        reading.complaints.append(f"{variable}: only secrets can be given as files; use {plain}")
    elif plain in mine:
        reading.complaints.append(f"{variable}: {plain} is set too; keep one of them")
    else:
        try:
            value = Path(mine[variable]).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            reading.complaints.append(f"{variable}: {mine[variable]} cannot be read: {reason}")
        else:
            reading.given[key] = Given(value=value, origin=variable)


def _unknown(reading: _Reading, key: str, origin: str) -> str:
    from_environment = origin in {_variable(key), _variable(key) + FILE_SUFFIX}
    near = difflib.get_close_matches(key.lower(), [*reading.known, *reading.tables], n=1)
    what = f"{origin} is no setting" if from_environment else f"{origin}: {key} is no setting"
    if not near:
        return f"{what}; config.example.toml lists them all"
    meant = _variable(near[0]) + origin.removeprefix(_variable(key)) if from_environment else near[0]
    return f"{what}; did you mean {meant}?"


def _validated(reading: _Reading) -> Settings | None:
    tree: dict[str, Any] = {}
    for key, given in reading.given.items():
        *tables, name = key.split(".")
        table = tree
        for part in tables:
            table = table.setdefault(part, {})
        table[name] = given.value
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            reading.complaints.append(_bad_value(reading, one["loc"], one.get("ctx", {})))
        return None


def _bad_value(reading: _Reading, location: tuple[int | str, ...], context: Mapping[str, Any]) -> str:
    key = ".".join(part for part in location if isinstance(part, str))
    reason = context.get("error")
    leaf, given = reading.known.get(key), reading.given.get(key)
    if leaf is None or given is None:
        origin = next((one.origin for other, one in reading.given.items() if other.startswith(f"{key}.")), "settings")
        return f"{origin}: {key}: {reason or 'cannot be used as it is'}"
    shown = "this value (not shown)" if leaf.secret else _shown(given.value)
    return f"{given.origin}: {key} cannot be {shown}; allowed is {reason or leaf.allowed}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:79] + "…"


def _warnings(settings: Settings, file_with_secret: Path | None) -> tuple[str, ...]:
    found: list[str] = []
    if file_with_secret is not None and os.name == "posix" and file_with_secret.stat().st_mode & 0o077:
        found.append(f"{file_with_secret} holds a secret and can be read by others; run: chmod 600 {file_with_secret}")
    providers = settings.providers
    idle = [name for name in providers.order if name not in providers.active()]
    found.extend(f"providers.order names {name}, which is switched off or has no api_key" for name in idle)
    return tuple(found)
