"""What Discord accepts as a select menu, in messages and in modals."""

from __future__ import annotations

from typing import Any

from .errors import FormErrors, Path
from .loose import a_list
from .messages import Json

# Limits: Discord reference, "String Select" and following.
MAX_OPTIONS = 25
STRING_SELECT = 3


def check_select(errors: FormErrors, path: Path, select: Json) -> None:
    """Check placeholder, bounds and options of a select menu."""
    placeholder = select.get("placeholder")
    if placeholder is not None:
        errors.length((*path, "placeholder"), placeholder, 0, 150)
    least, most = select.get("min_values"), select.get("max_values")
    if least is not None and not 0 <= least <= MAX_OPTIONS:
        errors.add((*path, "min_values"), "NUMBER_TYPE_MAX", "int value should be between 0 and 25.")
    if most is not None and not 1 <= most <= MAX_OPTIONS:
        errors.add((*path, "max_values"), "NUMBER_TYPE_MAX", "int value should be between 1 and 25.")
    if least is not None and most is not None and least > most:
        message = "The minimum values must be less than or equal to the maximum values"
        errors.add((*path, "min_values"), "SELECT_COMPONENT_INVALID_MIN_VALUES", message)
    if select["type"] == STRING_SELECT:
        _check_options(errors, (*path, "options"), select.get("options"))


def _check_options(errors: FormErrors, path: Path, options: Any) -> None:
    listed: list[Json] | None = a_list(options)
    if listed is None:
        errors.required(path)
        return
    errors.length(path, listed, 1, MAX_OPTIONS)
    seen: set[str] = set()
    for index, option in enumerate(listed):
        check_option(errors, (*path, index), option)
        value = str(option.get("value", ""))
        if value in seen:
            message = "The specified option value is already used"
            errors.add((*path, index, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        seen.add(value)


def check_option(errors: FormErrors, path: Path, option: Json) -> None:
    """Check label, value and description of one option (select, radio group or checkbox group)."""
    for key in ("label", "value"):
        text = option.get(key)
        if not isinstance(text, str):
            errors.required((*path, key))
        else:
            errors.length((*path, key), text, 1, 100)
    description = option.get("description")
    if description is not None:
        errors.length((*path, "description"), description, 0, 100)
