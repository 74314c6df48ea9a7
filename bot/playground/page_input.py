"""What the page sends: its JSON fields and files, checked and turned into what actors take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from aiohttp import web

from .actors import Upload
from .errors import ApiError
from .multipart import Form, FormFile, read_form

Json = dict[str, Any]


class BadInput(Exception):
    """The page sent something that makes no sense; str() is the sentence to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInput:
    """One request of the page: its fields and its files by index."""

    fields: Mapping[str, Any]
    files: Mapping[int, FormFile]

    @classmethod
    async def read(cls, request: web.Request) -> PageInput:
        """Read a JSON body or a form. BadInput when it is neither."""
        try:
            form: Form = await read_form(request)
        except ApiError as error:
            raise BadInput(error.message) from error
        if not isinstance(form.payload, dict):
            raise BadInput("The request carries no JSON object.")
        return cls(fields=cast(Json, form.payload), files=form.files)

    def text(self, name: str) -> str:
        """A field that must be a text."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise BadInput(f"The field {name!r} is missing.")
        return value

    def optional_text(self, name: str) -> str | None:
        """A text field, None when it is absent."""
        return None if self.fields.get(name) is None else self.text(name)

    def mapping(self, name: str) -> Json:
        """A field that is an object; empty when it is absent."""
        value = self.fields.get(name) or {}
        if not isinstance(value, dict):
            raise BadInput(f"The field {name!r} is not an object.")
        return cast(Json, value)

    def texts(self, name: str) -> list[str] | None:
        """A field that is a list of texts; None when it is absent."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise BadInput(f"The field {name!r} is not a list.")
        return [str(item) for item in cast(list[Any], value)]

    def uploads(self) -> list[Upload]:
        """All files, in order."""
        return [self._upload(index) for index in sorted(self.files)]

    def options(self) -> Json:
        """A command's options; {"file": n} becomes the n-th file."""
        return {name: self._option(value) for name, value in self.mapping("options").items()}

    def modal_values(self) -> Json:
        """A form's values; {"files": [n, …]} becomes those files."""
        return {name: self._modal_value(value) for name, value in self.mapping("fields").items()}

    def _option(self, value: Any) -> Any:
        return self._upload(_index(cast(Json, value).get("file"))) if isinstance(value, dict) else value

    def _modal_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        indexes = cast(Json, value).get("files")
        if not isinstance(indexes, list):
            raise BadInput("A form's files are not a list.")
        return [self._upload(_index(index)) for index in cast(list[Any], indexes)]

    def _upload(self, index: int) -> Upload:
        file = self.files.get(index)
        if file is None:
            raise BadInput(f"File {index} was not sent.")
        return Upload(filename=file.filename, data=file.data, content_type=file.content_type)


def _index(value: Any) -> int:
    if not isinstance(value, int):
        raise BadInput("A file is named by its number.")
    return value
