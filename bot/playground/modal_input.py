"""What a person filled into a modal, turned into interaction data the way Discord's client does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .command_input import ActionRefused, InputReader, Upload
from .components import Kind
from .loose import Json, a_list, an_object, objects


def submission(modal: Json, fields: Mapping[str, Any], reader: InputReader) -> list[Json]:
    """The components of a modal submit interaction. Fields that are not given keep their default."""
    left = dict(fields)
    made: list[Json] = []
    for number, component in enumerate(objects(modal["components"]), start=1):
        body: Json = {"type": component["type"], "id": component.get("id") or number}
        if component["type"] == Kind.ACTION_ROW:
            body["components"] = [_field(inner, left, reader) for inner in objects(component["components"])]
        elif component["type"] == Kind.LABEL:
            body["component"] = _field(component["component"], left, reader)
        made.append(body)
    if left:
        raise ActionRefused(f"The form has no field {next(iter(left))!r}.")
    return made


def _field(spec: Json, left: dict[str, Any], reader: InputReader) -> Json:
    """One filled-in field, taken out of what is left."""
    custom_id = spec["custom_id"]
    value = left.pop(custom_id, None)
    body: Json = {"type": spec["type"], "custom_id": custom_id, "id": spec.get("id") or 100 + len(left)}
    match spec["type"]:
        case Kind.TEXT_INPUT:
            body["value"] = _text(spec, value)
        case Kind.FILE_UPLOAD:
            body["values"] = _files(spec, value, reader)
        case Kind.RADIO_GROUP:
            body["value"] = _one_of(spec, value)
        case Kind.CHECKBOX:
            body["value"] = bool(spec.get("default")) if value is None else bool(value)
        case Kind.CHECKBOX_GROUP:
            body["values"] = _several(spec, value)
        case _:
            chosen = _several(spec, value)
            body["values"] = reader.chosen(spec, chosen)
    return body


def _is_required(spec: Json) -> bool:
    return spec.get("required") is not False


def _text(spec: Json, value: Any) -> str:
    text = str(spec.get("value") or "") if value is None else str(value)
    least = spec.get("min_length") or (1 if _is_required(spec) else 0)
    most = spec.get("max_length") or 4000
    if (text or _is_required(spec)) and not least <= len(text) <= most:
        raise ActionRefused(f"{spec['custom_id']}: must be between {least} and {most} characters.")
    return text


def _files(spec: Json, value: Any, reader: InputReader) -> list[str]:
    uploads = [each for each in a_list(value) or [] if isinstance(each, Upload)]
    least = spec.get("min_values", 1) if _is_required(spec) else 0
    most = spec.get("max_values", 1)
    if not least <= len(uploads) <= most:
        raise ActionRefused(f"{spec['custom_id']}: takes between {least} and {most} files.")
    for upload in uploads:
        reader.check_upload(upload)
    return [reader.attachment(upload) for upload in uploads]


def _one_of(spec: Json, value: Any) -> str | None:
    options = objects(spec.get("options"))
    default = next((option["value"] for option in options if option.get("default")), None)
    chosen = default if value is None else str(value)
    if chosen is None and _is_required(spec):
        raise ActionRefused(f"{spec['custom_id']}: choose one.")
    if chosen is not None and chosen not in [option["value"] for option in options]:
        raise ActionRefused(f"{spec['custom_id']}: {chosen!r} is not one of the choices.")
    return chosen


def _several(spec: Json, value: Any) -> list[str]:
    options = objects(spec.get("options"))
    defaults = [str(option["value"]) for option in options if option.get("default")]
    defaults += [str((an_object(each) or {}).get("id")) for each in a_list(spec.get("default_values")) or []]
    listed = [value] if a_list(value) is None else a_list(value) or []
    given = defaults if value is None else [str(each) for each in listed]
    least = spec.get("min_values", 1) if _is_required(spec) else 0
    most = spec.get("max_values", len(options) if spec["type"] == Kind.CHECKBOX_GROUP else 1)
    if not least <= len(given) <= most:
        raise ActionRefused(f"{spec['custom_id']}: takes between {least} and {most} choices.")
    known = [option["value"] for option in options]
    if options and any(each not in known for each in given):
        raise ActionRefused(f"{spec['custom_id']}: that is not one of the choices.")
    return given
