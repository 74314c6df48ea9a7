"""What Discord accepts as message components, and the form in which it keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any

from .errors import FormErrors, Path
from .loose import a_list, an_object, objects
from .messages import Json, walk
from .selects import check_select

# Limits: Discord reference, "Component Reference".
MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_ROWS = 5
MAX_BUTTONS = 5
MAX_ALT_TEXT = 1024
MAX_CUSTOM_ID = 100
MAX_URL = 512


class Kind(IntEnum):
    """Component types (Discord reference, "Component Types")."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


SELECTS = frozenset({3, 5, 6, 7, 8})
IN_ROW = frozenset({2}) | SELECTS
IN_CONTAINER = frozenset({1, 9, 10, 12, 13, 14})
TOP_LEVEL_V2 = IN_CONTAINER | {17}
TOP_LEVEL_V1 = frozenset({1})


class ComponentCheck:
    """Walks a component tree and notes every breach at its path."""

    def __init__(self, *, errors: FormErrors, names: frozenset[str]) -> None:
        self._errors = errors
        self._names = names
        self._custom_ids: set[str] = set()
        self._checks: dict[int, Callable[[Path, Json], None]] = {
            Kind.ACTION_ROW: self._row,
            Kind.BUTTON: self._button,
            Kind.SECTION: self._section,
            Kind.TEXT_DISPLAY: self._text,
            Kind.THUMBNAIL: self._thumbnail,
            Kind.MEDIA_GALLERY: self._gallery,
            Kind.FILE: self._file,
            Kind.SEPARATOR: self._separator,
            Kind.CONTAINER: self._container,
            **dict.fromkeys(SELECTS, self._select),
        }

    def message(self, components: list[Any], *, v2: bool) -> None:
        """Check the components of a message."""
        path: Path = ("components",)
        if v2:
            self._children(path, components, TOP_LEVEL_V2)
            tree = list(walk(objects(components)))
            if len(tree) > MAX_COMPONENTS:
                self._errors.add(
                    path,
                    "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
                    "The maximum number of components in a message is 40",
                )
            if (
                sum(len(str(component.get("content", ""))) for component in tree if component.get("type") == 10)
                > MAX_TEXT
            ):
                self._errors.add(
                    path,
                    "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
                    "The total displayable text size of components exceeds the maximum of 4000",
                )
            return
        self._errors.length(path, components, 0, MAX_ROWS)
        self._children(path, components, TOP_LEVEL_V1)

    def _children(self, path: Path, children: Iterable[Any], allowed: frozenset[int]) -> None:
        for index, child in enumerate(children):
            self.one((*path, index), child, allowed)

    def one(self, path: Path, component: Any, allowed: frozenset[int]) -> None:
        """Check one component that must be of an allowed type."""
        found = an_object(component)
        if found is None:
            self._errors.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            return
        kind = found.get("type")
        if kind not in allowed:
            listed = ", ".join(str(each) for each in sorted(allowed))
            self._errors.add(path, "UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({listed}).')
            return
        self._checks[kind](path, found)

    def custom_id(self, path: Path, component: Json) -> None:
        """Check presence, length and uniqueness of a custom_id."""
        value = component.get("custom_id")
        where = (*path, "custom_id")
        if not isinstance(value, str):
            self._errors.required(where)
            return
        self._errors.length(where, value, 1, MAX_CUSTOM_ID)
        if value in self._custom_ids:
            self._errors.add(where, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        self._custom_ids.add(value)

    def _row(self, path: Path, row: Json) -> None:
        children = _list(row, "components")
        where = (*path, "components")
        self._errors.length(where, children, 1, MAX_BUTTONS)
        self._children(where, children, IN_ROW)
        kinds = [child.get("type") for child in objects(children)]
        if any(kind in SELECTS for kind in kinds) and len(kinds) > 1:
            self._errors.add(
                where, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width"
            )

    def _button(self, path: Path, button: Json) -> None:
        style = button.get("style")
        if style not in range(1, 7):
            self._errors.choices((*path, "style"), [1, 2, 3, 4, 5, 6])
            return
        label, emoji = button.get("label"), button.get("emoji")
        if label is not None:
            self._errors.length((*path, "label"), str(label), 0, 80)
        if style != 6 and not label and not emoji:
            self._errors.add(path, "BUTTON_COMPONENT_MISSING_LABEL_OR_EMOJI", "A button must have a label or an emoji")
        if style == 5:
            self._link(path, button)
        elif style != 6:
            if button.get("url") is not None:
                self._errors.add(
                    (*path, "url"), "BUTTON_COMPONENT_URL_NOT_ALLOWED", "A url cannot be used with this button style"
                )
            self.custom_id(path, button)

    def _link(self, path: Path, button: Json) -> None:
        url = button.get("url")
        if not isinstance(url, str):
            self._errors.required((*path, "url"))
            return
        self._errors.length((*path, "url"), url, 1, MAX_URL)
        if not url.startswith(("http://", "https://", "discord://")):
            self._scheme((*path, "url"), url, "'http', 'https', 'discord'")
        if button.get("custom_id") is not None:
            self._errors.add(
                (*path, "custom_id"),
                "BUTTON_COMPONENT_CUSTOM_ID_NOT_ALLOWED",
                "A custom id and url cannot both be specified",
            )

    def _select(self, path: Path, select: Json) -> None:
        self.custom_id(path, select)
        check_select(self._errors, path, select)

    def _section(self, path: Path, section: Json) -> None:
        children = _list(section, "components")
        self._errors.length((*path, "components"), children, 1, 3)
        self._children((*path, "components"), children, frozenset({10}))
        if section.get("accessory") is None:
            self._errors.required((*path, "accessory"))
        else:
            self.one((*path, "accessory"), section["accessory"], frozenset({2, 11}))

    def _text(self, path: Path, text: Json) -> None:
        content = text.get("content")
        if not isinstance(content, str):
            self._errors.required((*path, "content"))
        else:
            self._errors.length((*path, "content"), content, 1, MAX_TEXT)

    def _thumbnail(self, path: Path, thumbnail: Json) -> None:
        self._media((*path, "media"), thumbnail.get("media"))
        self._alt_text(path, thumbnail)

    def _gallery(self, path: Path, gallery: Json) -> None:
        items = _list(gallery, "items")
        self._errors.length((*path, "items"), items, 1, 10)
        for index, item in enumerate(items):
            self._media((*path, "items", index, "media"), item.get("media"))
            self._alt_text((*path, "items", index), item)

    def _file(self, path: Path, file: Json) -> None:
        self._media((*path, "file"), file.get("file"))
        url = str((an_object(file.get("file")) or {}).get("url", ""))
        if url and not url.startswith(("attachment://", "http://127.0.0.1")):
            self._errors.add(
                (*path, "file", "url"),
                "UNFURLED_MEDIA_ITEM_MUST_BE_ATTACHMENT",
                "The file must be an attachment:// reference",
            )

    def _separator(self, path: Path, separator: Json) -> None:
        if separator.get("spacing") not in (None, 1, 2):
            self._errors.choices((*path, "spacing"), [1, 2])

    def _container(self, path: Path, container: Json) -> None:
        children = _list(container, "components")
        self._errors.length((*path, "components"), children, 1, MAX_COMPONENTS)
        self._children((*path, "components"), children, IN_CONTAINER)
        color = container.get("accent_color")
        if color is not None and not 0 <= color <= 0xFFFFFF:
            self._errors.add(
                (*path, "accent_color"), "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215."
            )

    def _alt_text(self, path: Path, item: Json) -> None:
        description = item.get("description")
        if description is not None:
            self._errors.length((*path, "description"), description, 1, MAX_ALT_TEXT)

    def _media(self, path: Path, media: Any) -> None:
        url = (an_object(media) or {}).get("url")
        if not isinstance(url, str):
            self._errors.required((*path, "url"))
        elif url.startswith("attachment://"):
            if url.removeprefix("attachment://") not in self._names:
                message = "The referenced attachment was not found"
                self._errors.add((*path, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", message)
        elif not url.startswith(("http://", "https://")):
            self._scheme((*path, "url"), url, "'http', 'https'")

    def _scheme(self, path: Path, url: str, known: str) -> None:
        message = f'Scheme "{url.partition(":")[0]}" is not supported. Scheme must be one of ({known}).'
        self._errors.add(path, "URL_TYPE_INVALID_SCHEME", message)


def _list(component: Json, key: str) -> list[Any]:
    return a_list(component.get(key)) or []


def as_kept(components: list[Json], *, media: Callable[[str], Json]) -> list[Json]:
    """The components as Discord keeps them: ids given, defaults filled in, media resolved by a function."""
    taken = {component["id"] for component in walk(components) if component.get("id")}
    free = (number for number in range(1, 1000) if number not in taken)
    return [_kept(component, free=free, media=media) for component in components]


DEFAULTS: dict[int, Json] = {
    Kind.SEPARATOR: {"spacing": 1, "divider": True},
    Kind.CONTAINER: {"accent_color": None, "spoiler": False},
    Kind.THUMBNAIL: {"description": None, "spoiler": False},
    Kind.FILE: {"spoiler": False, "name": None, "size": None},
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
}


def _kept(component: Json, *, free: Iterable[int], media: Callable[[str], Json]) -> Json:
    given = {key: value for key, value in component.items() if value is not None}
    body = DEFAULTS.get(component["type"], {}) | given
    body["id"] = component.get("id") or next(iter(free))
    if "components" in body:
        body["components"] = [_kept(child, free=free, media=media) for child in body["components"]]
    if "accessory" in body:
        body["accessory"] = _kept(body["accessory"], free=free, media=media)
    for key in ("media", "file"):
        if key in body:
            body[key] = media(body[key]["url"])
    if "items" in body:
        plain = {"description": None, "spoiler": False}
        body["items"] = [plain | item | {"media": media(item["media"]["url"])} for item in body["items"]]
    return body
