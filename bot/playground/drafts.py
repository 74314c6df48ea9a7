"""A message as an application asks for it: read from a request body, every limit checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .components import ComponentCheck
from .embeds import check_embeds
from .errors import FormErrors, known
from .loose import a_list, an_object, objects
from .messages import Json, MessageFlag
from .multipart import Form, FormFile
from .shapes import shaped

# Limits: Discord reference, "Create Message" and "Uploading Files".
MAX_CONTENT = 2000
MAX_FILES = 10
MAX_REQUEST_BYTES = 25 * 1024 * 1024
MAX_NONCE = 25
MAX_ALT_TEXT = 1024

ON_CREATE = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
ON_RESPONSE = ON_CREATE | MessageFlag.EPHEMERAL
ON_EDIT = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The message a message replies to."""

    message_id: str
    channel_id: str | None
    must_exist: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file of the request with what its attachments entry says about it."""

    file: FormFile
    filename: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a request asks a message to be. Keys absent from the request are not in `given`."""

    given: frozenset[str]
    content: str = ""
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    flags: int = 0
    new_files: tuple[NewFile, ...] = ()
    kept: tuple[str, ...] | None = None  # ids of attachments that stay; None: all
    descriptions: dict[str, str | None] = field(default_factory=dict[str, str | None])  # new texts of kept ones
    allowed_mentions: Json | None = None
    nonce: str | int | None = None
    enforce_nonce: bool = False
    reference: Reference | None = None


def read_draft(form: Form, *, allowed_flags: int, file_limit: int, body: Any = None) -> Draft:
    """Read and check the parts of a message that can be judged without the message's present state."""
    payload = shaped(form.payload if body is None else body)
    errors = FormErrors()
    _check_content(errors, payload)
    check_embeds(errors, payload.get("embeds"))
    _check_nonce(errors, payload)
    _check_mentions(errors, payload)
    flags = _flags(payload, allowed_flags)
    _check_files(form, file_limit)
    new_files, kept, descriptions = _attachments(errors, payload, form)
    errors.raise_if_any()
    return Draft(
        given=frozenset([*payload, "files"] if form.files else payload),
        content=payload.get("content") or "",
        embeds=objects(payload.get("embeds")),
        components=a_list(payload.get("components")) or [],
        flags=flags,
        new_files=new_files,
        kept=kept,
        descriptions=descriptions,
        allowed_mentions=an_object(payload.get("allowed_mentions")),
        nonce=payload.get("nonce"),
        enforce_nonce=bool(payload.get("enforce_nonce")),
        reference=_reference(payload),
    )


def check_whole(draft: Draft, *, content: str, embeds: list[Json], v2: bool, names: frozenset[str]) -> None:
    """Check what depends on the message as it will be: version 2, names of attachments."""
    errors = FormErrors()
    if v2:
        for key, value in (("content", content), ("embeds", embeds)):
            if value:
                message = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                errors.add((key,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)
    if "components" in draft.given:
        ComponentCheck(errors=errors, names=names).message(draft.components, v2=v2)
    errors.raise_if_any()


def _check_content(errors: FormErrors, payload: Json) -> None:
    content = payload.get("content")
    if content is None:
        return
    errors.length(("content",), content, 0, MAX_CONTENT)


def _check_nonce(errors: FormErrors, payload: Json) -> None:
    nonce = payload.get("nonce")
    if nonce is not None and len(str(nonce)) > MAX_NONCE:
        errors.add(("nonce",), "NONCE_TYPE_TOO_LONG", f"Nonce must be {MAX_NONCE} or fewer in length.")


def _check_mentions(errors: FormErrors, payload: Json) -> None:
    allowed = an_object(payload.get("allowed_mentions"))
    if allowed is None:
        return
    parse = a_list(allowed.get("parse")) or []
    for key in ("users", "roles"):
        ids = a_list(allowed.get(key)) or []
        errors.length(("allowed_mentions", key), ids, 0, 100)
        if key in parse and ids:
            message = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            errors.add(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def _flags(payload: Json, allowed: int) -> int:
    return (payload.get("flags") or 0) & int(allowed)  # Discord ignores the bits an application may not set


def _check_files(form: Form, limit: int) -> None:
    if len(form.files) > MAX_FILES:
        raise known(30015)
    sizes = [len(file.data) for file in form.files.values()]
    if any(size > limit for size in sizes) or sum(sizes) > MAX_REQUEST_BYTES:
        raise known(40005)


def _attachments(
    errors: FormErrors, payload: Json, form: Form
) -> tuple[tuple[NewFile, ...], tuple[str, ...] | None, dict[str, str | None]]:
    """Pair attachments entries with files; an entry with a known id keeps an attachment instead."""
    entries = a_list(payload.get("attachments"))
    notes: dict[int, Json] = {}
    kept: list[str] = []
    descriptions: dict[str, str | None] = {}
    for index, entry in enumerate(objects(entries)):
        path = ("attachments", index)
        number = _index(entry.get("id"))
        if number is None:
            errors.required((*path, "id"))
        elif number in form.files:
            notes[number] = entry
        elif number < MAX_FILES:
            message = "Attachment id does not match any file of the request"
            errors.add((*path, "id"), "ATTACHMENT_NOT_FOUND", message)
        else:
            kept.append(str(number))
            if "description" in entry:
                descriptions[str(number)] = entry["description"]
        description = entry.get("description")
        if description is not None:
            errors.length((*path, "description"), str(description), 0, MAX_ALT_TEXT)
    if len(notes) + len(kept) > MAX_FILES:
        raise known(30015)
    new = tuple(_new_file(file, notes.get(number, {})) for number, file in sorted(form.files.items()))
    return new, tuple(kept) if entries is not None else None, descriptions


def _new_file(file: FormFile, note: Json) -> NewFile:
    filename = str(note.get("filename") or file.filename)
    if note.get("is_spoiler") and not filename.startswith("SPOILER_"):
        filename = f"SPOILER_{filename}"
    return NewFile(file=file, filename=filename, description=note.get("description"))


def _index(value: object) -> int | None:
    """An attachment id: a number, or a string of digits."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None


def _reference(payload: Json) -> Reference | None:
    reference = an_object(payload.get("message_reference"))
    if reference is None or reference.get("message_id") is None:
        return None
    channel_id = reference.get("channel_id")
    return Reference(
        message_id=str(reference["message_id"]),
        channel_id=str(channel_id) if channel_id is not None else None,
        must_exist=reference.get("fail_if_not_exists", True) is not False,
    )
