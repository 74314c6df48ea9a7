"""What the page sends: its JSON fields and files, checked and turned into what actors take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from .actors import Upload
from .errors import ApiError
from .loose import Json, a_list, an_integer, an_object
from .multipart import Form, FormFile, read_form


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
        fields = an_object(form.payload)
        if fields is None:
            raise BadInput("The request carries no JSON object.")
        return cls(fields=fields, files=form.files)

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
        value = an_object(self.fields.get(name) or {})
        if value is None:
            raise BadInput(f"The field {name!r} is not an object.")
        return value

    def texts(self, name: str) -> list[str] | None:
        """A field that is a list of texts; None when it is absent."""
        if self.fields.get(name) is None:
            return None
        values = a_list(self.fields[name])
        if values is None:
            raise BadInput(f"The field {name!r} is not a list.")
        return [str(item) for item in values]

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
        named = an_object(value)
        return value if named is None else self._upload(_index(named.get("file")))

    def _modal_value(self, value: Any) -> Any:
        named = an_object(value)
        if named is None:
            return value
        indexes = a_list(named.get("files"))
        if indexes is None:
            raise BadInput("A form's files are not a list.")
        return [self._upload(_index(index)) for index in indexes]

    def _upload(self, index: int) -> Upload:
        file = self.files.get(index)
        if file is None:
            raise BadInput(f"File {index} was not sent.")
        return Upload(filename=file.filename, data=file.data, content_type=file.content_type)


def _index(value: Any) -> int:
    index = an_integer(value)
    if index is None:
        raise BadInput("A file is named by its number.")
    return index
