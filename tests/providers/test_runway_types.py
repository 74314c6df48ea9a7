"""What the adapter sends to Runway is what Runway's own library would send, by its types and on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import pytest
from pydantic import TypeAdapter, ValidationError
from runwayml import AsyncRunwayML
from runwayml.types import text_to_image_create_params as params

from bot.domain.shapes import ALL_SIZES, Model, Size
from bot.providers.base import Order
from bot.providers.http import HttpClient
from bot.providers.runway import Runway
from tests.support.ordering import a_reference, an_order
from tests.support.runway import LocalRunway

TYPES = {Model.GEN4_IMAGE: params.Gen4Image, Model.GEN4_IMAGE_TURBO: params.Gen4ImageTurbo}
NAMES = {
    "promptText": "prompt_text",
    "referenceImages": "reference_images",
    "contentModeration": "content_moderation",
    "publicFigureThreshold": "public_figure_threshold",
}
"""A field's name in the library's types, where it is not the one on the wire."""


def in_python(value: object) -> Any:
    """A body with the names of the library."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return {NAMES.get(name, name): in_python(each) for name, each in fields.items()}
    return [in_python(each) for each in cast("list[object]", value)] if isinstance(value, list) else value


def plain(value: object) -> Any:
    """What was validated, with every lazy list read to its end."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in cast("Mapping[str, object]", value).items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(each) for each in cast("Iterable[object]", value)]
    return value


def checked(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body by the library's type for its model. Fields that the type does not have would be missing in it."""
    adapter: TypeAdapter[Any] = TypeAdapter(TYPES[Model(body["model"])])
    return plain(adapter.validate_python(in_python(body)))


async def sent(runway: Runway, service: LocalRunway, order: Order) -> dict[str, Any]:
    await runway.submit(order)
    return service.tasks[-1].body


@pytest.mark.parametrize("size", sorted(ALL_SIZES), ids=str)
@pytest.mark.parametrize("model", Model)
async def test_every_size_is_one_of_the_types(runway: Runway, service: LocalRunway, model: Model, size: Size) -> None:
    references = (await runway.prepare(a_reference("model")),)
    body = await sent(runway, service, an_order(model=model, size=size, references=references))
    assert checked(body) == in_python(body)


@pytest.mark.parametrize("moderation", ["auto", "low"])
@pytest.mark.parametrize("seed", [None, 0, 4_294_967_295])
@pytest.mark.parametrize("count", [0, 1, 2, 3])
async def test_the_library_sends_the_same(
    service: LocalRunway, http: HttpClient, moderation: Any, seed: int | None, count: int
) -> None:
    runway = Runway(http=http, api_key=service.api_key, base_url=service.base_url, moderation=moderation)
    references = tuple([await runway.prepare(a_reference(tag)) for tag in ("model", "cloth", "hat")[:count]])
    ours = await sent(runway, service, an_order(prompt="@model 😀", seed=seed, references=references))
    assert checked(ours) == in_python(ours)
    async with AsyncRunwayML(api_key=service.api_key, base_url=service.base_url, max_retries=0) as library:
        await library.text_to_image.create(**in_python(ours))
    assert service.tasks[-1].body == ours
    assert len(service.tasks) == 2


def test_the_types_know_what_is_wrong() -> None:
    body = {"model": "gen4_image", "promptText": "a cat", "ratio": "1280:720"}
    assert checked(body) == in_python(body)
    assert checked(body | {"negativePrompt": "a dog"}) != in_python(body | {"negativePrompt": "a dog"})
    with pytest.raises(ValidationError):
        checked(body | {"ratio": "960:960"})
    with pytest.raises(ValidationError):
        checked(body | {"model": "gen4_image_turbo"})
