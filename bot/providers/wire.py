"""Fields of services' answers, read with more trust in what matters than in what decorates."""

from __future__ import annotations

from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.providers.fetching import Answer

_LONGEST_ID = 200
_COMPLAINTS = (
    "error",
    "code",
    "type",
    "param",
    "message",
    "messege",
    "detail",
    "error_description",
    "failure",
    "fail_reason",
)
"""Fields in which services say what is wrong; `messege` is how one of them writes it."""


def share_or_none(value: object) -> float | None:
    """Progress from 0 to 1; anything else counts as not said."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return None
    return float(value)


def text_or_none(value: object) -> str | None:
    """A text; anything else counts as not said."""
    return value if isinstance(value, str) else None


def task_id_or_none(value: object) -> str | None:
    """A task's name as it can stand in an address; anything else is none."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        return None
    return value if value.isascii() and value.isprintable() else None


def items(value: object) -> list[Any]:
    """The items of a list; anything else has none."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def mapping(value: object) -> dict[str, Any]:
    """The fields of an object; anything else has none."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def texts(value: object) -> list[str]:
    """The texts in a list that say something."""
    return [item for item in items(value) if isinstance(item, str) and item]


def object_of(answer: Answer) -> dict[str, Any]:
    """The fields of an answer that is a JSON object; any other has none."""
    try:
        return mapping(answer.json())
    except ValueError:
        return {}


def words_of(answer: Answer) -> str:
    """What an answer says is wrong, in the service's own words: to be searched, never to be told."""
    body = object_of(answer)
    said = [part.get(name) for part in (body, mapping(body.get("error"))) for name in _COMPLAINTS]
    return " ".join(text for text in said if isinstance(text, str))


OptionalText = Annotated[str | None, BeforeValidator(text_or_none)]
Share = Annotated[float | None, BeforeValidator(share_or_none)]
Texts = Annotated[list[str], BeforeValidator(texts)]
Fields = Annotated[dict[str, Any], BeforeValidator(mapping)]
TaskId = Annotated[str, Field(min_length=1, max_length=_LONGEST_ID)]


class Wire(BaseModel):
    """An answer: what it holds beside the known fields is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)
