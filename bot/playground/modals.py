"""What Discord accepts as a modal."""

from __future__ import annotations

from typing import Any

from .components import ComponentCheck, Kind
from .errors import FormErrors, Path
from .loose import a_list, an_object
from .messages import Json
from .selects import check_option, check_select
from .shapes import shaped

# Limits: Discord reference, "Modal" and "Label".
MAX_TITLE = 45
MAX_TOP_LEVEL = 5
TOP_LEVEL = frozenset({1, 10, 18})
IN_LABEL = frozenset({3, 4, 5, 6, 7, 8, 19, 21, 22, 23})


def check_modal(data: Any) -> None:
    """Raise the 50035 for a modal Discord would refuse."""
    errors = FormErrors()
    path: Path = ("data",)
    modal = shaped(data, path)
    for key, most in (("custom_id", 100), ("title", MAX_TITLE)):
        text = modal.get(key)
        if not isinstance(text, str):
            errors.required((*path, key))
        else:
            errors.length((*path, key), text, 1, most)
    listed: list[Json] | None = a_list(modal.get("components"))
    if listed is None:
        errors.required((*path, "components"))
        errors.raise_if_any()
        return
    errors.length((*path, "components"), listed, 1, MAX_TOP_LEVEL)
    check = ModalCheck(errors=errors)
    for index, component in enumerate(listed):
        check.top_level((*path, "components", index), component)
    errors.raise_if_any()


class ModalCheck:
    """Walks a modal's components and notes every breach at its path."""

    def __init__(self, *, errors: FormErrors) -> None:
        self._errors = errors
        self._ids = ComponentCheck(errors=errors, names=frozenset())

    def top_level(self, path: Path, component: Json) -> None:
        """Check one top-level component."""
        kind = component.get("type")
        if kind not in TOP_LEVEL:
            message = f'Value of field "type" must be one of ({", ".join(map(str, sorted(TOP_LEVEL)))}).'
            self._errors.add(path, "UNION_TYPE_CHOICES", message)
        elif kind == Kind.TEXT_DISPLAY:
            self._ids.one(path, component, frozenset({10}))
        elif kind == Kind.ACTION_ROW:
            self._row(path, component)
        else:
            self._label(path, component)

    def _row(self, path: Path, row: Json) -> None:
        children: list[Json] = row.get("components") or []
        self._errors.length((*path, "components"), children, 1, 1)
        for index, child in enumerate(children):
            where = (*path, "components", index)
            if child.get("type") != Kind.TEXT_INPUT:
                self._errors.add(where, "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (4,).')
                continue
            self._text(where, child, "label", 1, 45)
            self._field(where, child)

    def _label(self, path: Path, label: Json) -> None:
        self._text(path, label, "label", 1, 45)
        if label.get("description") is not None:
            self._text(path, label, "description", 1, 100)
        field = an_object(label.get("component"))
        where = (*path, "component")
        if field is None:
            self._errors.required(where)
            return
        if field.get("type") not in IN_LABEL:
            message = f'Value of field "type" must be one of ({", ".join(map(str, sorted(IN_LABEL)))}).'
            self._errors.add(where, "UNION_TYPE_CHOICES", message)
            return
        self._field(where, field)

    def _field(self, path: Path, field: Json) -> None:
        self._ids.custom_id(path, field)
        match field["type"]:
            case Kind.TEXT_INPUT:
                self._text_input(path, field)
            case Kind.FILE_UPLOAD:
                self._between(path, field, "min_values", 0, 10)
                self._between(path, field, "max_values", 1, 10)
            case Kind.RADIO_GROUP:
                self._options(path, field, 2)
            case Kind.CHECKBOX_GROUP:
                self._options(path, field, 1)
            case Kind.CHECKBOX:
                pass
            case _:
                check_select(self._errors, path, field)

    def _text_input(self, path: Path, field: Json) -> None:
        if field.get("style") not in (1, 2):
            self._errors.choices((*path, "style"), [1, 2])
        for key, most in (("placeholder", 100), ("value", 4000)):
            if field.get(key) is not None:
                self._text(path, field, key, 0, most)
        self._between(path, field, "min_length", 0, 4000)
        self._between(path, field, "max_length", 1, 4000)

    def _options(self, path: Path, field: Json, least: int) -> None:
        options: list[Json] = field.get("options") or []
        self._errors.length((*path, "options"), options, least, 10)
        for index, option in enumerate(options):
            check_option(self._errors, (*path, "options", index), option)

    def _text(self, path: Path, field: Json, key: str, least: int, most: int) -> None:
        text = field.get(key)
        if not isinstance(text, str):
            self._errors.required((*path, key))
        else:
            self._errors.length((*path, key), text, least, most)

    def _between(self, path: Path, field: Json, key: str, least: int, most: int) -> None:
        value = field.get(key)
        if value is not None and not least <= value <= most:
            message = f"int value should be between {least} and {most}."
            self._errors.add((*path, key), "NUMBER_TYPE_MAX", message)
