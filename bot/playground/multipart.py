"""Request bodies of Discord's API: JSON, or multipart forms with payload_json and files[n]."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from .errors import known, malformed_body

FILE_FIELD = re.compile(r"(?:files\[([0-9]+)\]|file([0-9]*))")
DISPOSITION_NAME = re.compile(r'\bname="((?:[^"\\]|\\.)*)"')
DISPOSITION_FILENAME = re.compile(r'\bfilename="((?:[^"\\]|\\.)*)"')
DISPOSITION_FILENAME_EXT = re.compile(r"\bfilename\*=utf-8''([^;\s]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFile:
    """One uploaded file of a form."""

    index: int
    filename: str
    data: bytes
    content_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A request body: its JSON value (None when there was none) and its files by index."""

    payload: Any
    files: dict[int, FormFile]


async def read_form(request: web.Request) -> Form:
    """Read the body of a request, whatever its kind."""
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise known(40005) from error
    if request.content_type == "multipart/form-data":
        return parse_multipart(raw, request.headers["Content-Type"])
    if not raw:
        return Form(payload=None, files={})
    return Form(payload=parse_json(raw), files={})


def parse_json(raw: bytes | str) -> Any:
    """The JSON value of a body; Discord answers 50109 to anything else."""
    try:
        return json.loads(raw)
    except ValueError as error:
        raise malformed_body() from error


def parse_multipart(raw: bytes, content_type: str) -> Form:
    """Split a multipart body; done on the whole body at once because bodies are at most 25 MiB."""
    match = re.search(r'boundary="?([^";]+)"?', content_type)
    if match is None:
        raise malformed_body()
    delimiter = b"\r\n--" + match.group(1).encode()
    payload: Any = None
    files: dict[int, FormFile] = {}
    for part in (b"\r\n" + raw).split(delimiter)[1:]:
        if part.startswith(b"--"):
            break
        head, separator, data = part[2:].partition(b"\r\n\r\n")
        if not separator:
            raise malformed_body()
        headers = _headers(head)
        disposition = headers.get("content-disposition", "")
        field = DISPOSITION_NAME.search(disposition)
        if field is None:
            raise malformed_body()
        name = field.group(1)
        if name == "payload_json":
            payload = parse_json(data)
        elif (slot := FILE_FIELD.fullmatch(name)) is not None:
            index = int(slot.group(1) or slot.group(2) or 0)
            files[index] = FormFile(
                index=index,
                filename=_filename(disposition),
                data=data,
                content_type=headers.get("content-type"),
            )
    return Form(payload=payload, files=files)


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("utf-8", "replace").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _filename(disposition: str) -> str:
    extended = DISPOSITION_FILENAME_EXT.search(disposition)
    if extended is not None:
        return unquote(extended.group(1))
    plain = DISPOSITION_FILENAME.search(disposition)
    return plain.group(1).replace('\\"', '"') if plain is not None else "file"
