"""What Discord accepts as an application command."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from typing import Any

from .errors import FormErrors, Path
from .loose import Json, a_list, an_object, objects

# Limits: Discord reference, "Application Commands".
MAX_OF_TYPE = {1: 100, 2: 15, 3: 15}
MAX_CHARACTERS = 8000
MAX_OPTIONS = 25
MAX_CHOICES = 25
SLASH_NAME = re.compile(r"[-_'\w]{1,32}")


class CommandType(IntEnum):
    """Where a command appears."""

    SLASH = 1
    USER = 2
    MESSAGE = 3


class OptionType(IntEnum):
    """Types of option (Discord reference, "Application Command Option Type")."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTING = frozenset({OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP})
CHOOSABLE = frozenset({OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER})


def check_command(errors: FormErrors, path: Path, value: Any) -> None:
    """Note every breach in one command."""
    command = an_object(value) or {}
    kind = command.get("type") or 1
    if kind not in (1, 2, 3):
        errors.choices((*path, "type"), [1, 2, 3])
        return
    _check_name(errors, path, command.get("name"), slash=kind == CommandType.SLASH)
    description = command.get("description")
    if kind == CommandType.SLASH:
        _check_description(errors, path, description)
        _check_options(errors, (*path, "options"), command.get("options"), depth=0)
        if _characters(command) > MAX_CHARACTERS:
            message = f"Command exceeds maximum size ({MAX_CHARACTERS})"
            errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", message)
    else:
        if description:
            message = "Context menu commands cannot have description"
            errors.add((*path, "description"), "APPLICATION_COMMAND_INVALID_DESCRIPTION", message)
        if command.get("options"):
            message = "Context menu commands cannot have options"
            errors.add((*path, "options"), "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS", message)
    for key in ("contexts", "integration_types"):
        if a_list(command.get(key)) == []:
            errors.length((*path, key), [], 1, 3)


def _check_name(errors: FormErrors, path: Path, name: Any, *, slash: bool) -> None:
    where = (*path, "name")
    if not isinstance(name, str):
        errors.required(where)
        return
    errors.length(where, name, 1, 32)
    # Devanagari and Thai vowel signs are allowed too; \w covers letters and digits of the other scripts.
    plain = "".join(char for char in name if unicodedata.category(char) not in ("Mn", "Mc"))
    if slash and (SLASH_NAME.fullmatch(plain) is None or name != name.lower()):
        errors.add(where, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_description(errors: FormErrors, path: Path, description: Any) -> None:
    if not isinstance(description, str) or not description:
        errors.required((*path, "description"))
    else:
        errors.length((*path, "description"), description, 1, 100)


def _check_options(errors: FormErrors, path: Path, value: Any, *, depth: int) -> None:
    if value is None:
        return
    options = objects(value)
    errors.length(path, list(options), 0, MAX_OPTIONS)
    names: set[str] = set()
    optional_seen = False
    kinds = {option.get("type") in NESTING for option in options}
    if len(kinds) > 1:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        errors.add(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    for index, option in enumerate(options):
        where = (*path, index)
        _check_option(errors, where, option, depth=depth)
        if option.get("name") in names:
            errors.add(
                (*where, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists"
            )
        names.add(str(option.get("name")))
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            errors.add(where, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_seen = optional_seen or not option.get("required")


def _check_option(errors: FormErrors, path: Path, option: Json, *, depth: int) -> None:
    kind = option.get("type")
    allowed = range(1, 12) if depth == 0 else range(3, 12)
    if kind not in allowed and not (depth == 1 and kind == OptionType.SUB_COMMAND):
        errors.choices((*path, "type"), list(allowed))
        return
    _check_name(errors, path, option.get("name"), slash=True)
    _check_description(errors, path, option.get("description"))
    if kind in NESTING:
        _check_options(errors, (*path, "options"), option.get("options"), depth=1 if kind == 2 else 2)
        return
    choices = a_list(option.get("choices"))
    if choices:
        _check_choices(errors, path, option, objects(choices))
    for key, least in (("min_length", 0), ("max_length", 1)):
        length = option.get(key)
        if length is not None and not least <= length <= 6000:
            errors.add((*path, key), "NUMBER_TYPE_MAX", "int value should be less than or equal to 6000.")


def _check_choices(errors: FormErrors, path: Path, option: Json, choices: list[Json]) -> None:
    where = (*path, "choices")
    if option["type"] not in CHOOSABLE:
        errors.add(where, "APPLICATION_COMMAND_OPTION_CHOICES_TYPE_INVALID", "This option type cannot have choices")
    if option.get("autocomplete"):
        message = "Autocomplete options cannot have choices"
        errors.add(where, "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_CHOICES", message)
    errors.length(where, list(choices), 0, MAX_CHOICES)
    names: set[str] = set()
    for index, choice in enumerate(choices):
        check_choice(errors, (*where, index), choice, kind=option["type"])
        if choice.get("name") in names:
            message = "Option choice name already exists"
            errors.add((*where, index, "name"), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", message)
        names.add(str(choice.get("name")))


def check_choice(errors: FormErrors, path: Path, choice: Json, *, kind: int) -> None:
    """Check one choice, fixed or offered by autocomplete."""
    name, value = choice.get("name"), choice.get("value")
    if not isinstance(name, str):
        errors.required((*path, "name"))
    else:
        errors.length((*path, "name"), name, 1, 100)
    if value is None:
        errors.required((*path, "value"))
    elif kind == OptionType.STRING:
        if not isinstance(value, str):
            errors.add((*path, "value"), "STRING_TYPE_CONVERT", "Could not interpret value as string.")
        else:
            errors.length((*path, "value"), value, 0, 100)
    elif isinstance(value, str):
        errors.add((*path, "value"), "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')


def _characters(command: Json) -> int:
    """Characters that count towards the limit of a command: names, descriptions and choice values."""
    total = 0
    for key in ("name", "description"):
        localized = an_object(command.get(f"{key}_localizations")) or {}
        longest = max((len(str(text)) for text in localized.values()), default=0)
        total += max(len(str(command.get(key) or "")), longest)
    for choice in objects(command.get("choices")):
        total += len(str(choice.get("name", ""))) + len(str(choice.get("value", "")))
    return total + sum(_characters(option) for option in objects(command.get("options")))
