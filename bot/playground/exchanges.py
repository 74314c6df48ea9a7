"""What went over the wire: one record per call of the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request of the application and the answer it got."""

    method: str
    path: str  # as sent, without the base and the query
    template: str  # the path of Discord's OpenAPI description
    query: dict[str, str]
    request: Any  # the JSON body, or payload_json of a form
    files: tuple[str, ...]  # names of the files of a form
    status: int  # 0 when no answer was given
    response: Any
    headers: dict[str, str]  # of the answer
    at: float
    content_type: str = ""  # of the request


Observer = Callable[[Exchange], None]
