"""The JSON types of request bodies, by key: whatever passes may be read without asking again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import FormErrors, Path
from .loose import a_list, an_integer, an_object

STRINGS = "content custom_id label title description placeholder url text name filename"
INTEGERS = (
    "type style flags accent_color color min_values max_values spacing min_length max_length auto_archive_duration "
    "rate_limit_per_user"
)
BOOLEANS = "disabled required default autocomplete nsfw archived locked invitable"
LISTS_OF_OBJECTS = "components fields items options choices attachments"
LISTS_OF_IDS = "parse users roles applied_tags"
LISTS_OF_INTEGERS = "contexts integration_types channel_types"
OBJECTS = (
    "accessory component media file image thumbnail footer author emoji allowed_mentions message_reference message "
    "name_localizations description_localizations"
)
SCALARS = "id value nonce message_id channel_id recipient_id default_member_permissions min_value max_value"


def check_shapes(errors: FormErrors, path: Path, value: Any) -> None:
    """Note every value whose JSON type is not the one its key has; null stands for absence everywhere."""
    found = an_object(value)
    if found is None:
        errors.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return
    for key, part in found.items():
        reader = _READERS.get(key)
        if part is not None and reader is not None:
            reader(errors, (*path, key), part)


def _embed(errors: FormErrors, path: Path, value: Any) -> None:
    """Embeds alone have a type in words."""
    found = an_object(value)
    plain = value if found is None else {key: part for key, part in found.items() if key != "type"}
    check_shapes(errors, path, plain)


def _string(errors: FormErrors, path: Path, value: Any) -> None:
    if not isinstance(value, str):
        errors.add(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.")


def _integer(errors: FormErrors, path: Path, value: Any) -> None:
    if an_integer(value) is None:
        errors.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')


def _boolean(errors: FormErrors, path: Path, value: Any) -> None:
    if not isinstance(value, bool):
        errors.add(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


def _scalar(errors: FormErrors, path: Path, value: Any) -> None:
    if isinstance(value, list | dict | bool):
        errors.add(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.")


def _list_of(each: Callable[[FormErrors, Path, Any], None]) -> Callable[[FormErrors, Path, Any], None]:
    def check(errors: FormErrors, path: Path, value: Any) -> None:
        listed = a_list(value)
        if listed is None:
            errors.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return
        for index, item in enumerate(listed):
            each(errors, (*path, index), item)

    return check


_READERS: dict[str, Callable[[FormErrors, Path, Any], None]] = {
    key: reader
    for keys, reader in (
        (STRINGS, _string),
        (INTEGERS, _integer),
        (BOOLEANS, _boolean),
        (SCALARS, _scalar),
        (OBJECTS, check_shapes),
        (LISTS_OF_OBJECTS, _list_of(check_shapes)),
        ("embeds", _list_of(_embed)),
        (LISTS_OF_IDS, _list_of(_scalar)),
        (LISTS_OF_INTEGERS, _list_of(_integer)),
    )
    for key in keys.split()
}


def shaped(value: Any, path: Path = ()) -> dict[str, Any]:
    """A request body whose types are right; raises the 50035 otherwise. No body at all is an empty one."""
    errors = FormErrors()
    body: Any = {} if value is None else value
    check_shapes(errors, path, body)
    errors.raise_if_any()
    return body
