"""What every image service promises, in the words of the protocol: one suite over all adapters."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.domain.capabilities import Naming
from bot.domain.errors import PollFailed, ProviderError, TaskCancelled, TaskVanished
from bot.domain.money import FREE, Money
from bot.domain.request import SEED_MAX
from bot.domain.shapes import ALL_SIZES, Model, Ratio, Resolution, Shape, Size
from bot.providers.base import Accounting, Done, History
from bot.providers.http import HttpClient
from tests.support.services import Stand, finished

# Runway and CometAPI, Segmind, WaveSpeedAI, ModelsLab: what each shape is in pixels there.
SIZE_TABLE = {
    "16:9 720p": ("1280:720", "1280:720", "1280:720", "1280:720"),
    "16:9 1080p": ("1920:1080", "1920:1080", "1920:1080", "1920:1080"),
    "9:16 720p": ("720:1280", "720:1280", "720:1280", "720:1280"),
    "9:16 1080p": ("1080:1920", "1080:1920", "1080:1920", "1080:1920"),
    "1:1 720p": ("720:720", "960:960", "720:720", None),
    "1:1 1080p": ("1080:1080", None, "1080:1080", None),
    "4:3 720p": ("960:720", "1104:832", "960:720", None),
    "4:3 1080p": ("1440:1080", None, "1440:1080", "1440:1080"),
    "3:4 720p": ("720:960", "832:1104", "720:960", "720:960"),
    "3:4 1080p": ("1080:1440", None, "1080:1440", "1080:1440"),
    "21:9 720p": ("1680:720", "1584:672", None, "1680:720"),
    "21:9 1080p": ("2112:912", None, None, "2112:912"),
    "1024:1024": ("1024:1024", None, None, "1024:1024"),
    "1168:880": ("1168:880", None, None, None),
    "1360:768": ("1360:768", None, None, "1360:768"),
    "1808:768": ("1808:768", None, None, "1808:768"),
}
COLUMNS = {"runway": 0, "cometapi": 0, "sketch": 0, "segmind": 1, "segmind-direct": 1, "wavespeed": 2, "modelslab": 3}


def shape_of(row: str) -> Shape:
    size = Size.parse(row)
    if size is not None:
        return Shape.of_size(size)
    ratio, resolution = row.split()
    return Shape(ratio=Ratio(ratio), resolution=Resolution(resolution))


def size_of(content: bytes) -> str:
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return f"{image.width}:{image.height}"


@pytest.mark.parametrize("row", SIZE_TABLE)
async def test_every_row_of_the_size_table_is_taken_or_not_offered(
    stand: Stand, row: str, request: pytest.FixtureRequest
) -> None:
    expected = SIZE_TABLE[row][COLUMNS[request.node.callspec.params["stand"]]]
    size = stand.facts.models[Model.GEN4_IMAGE].size_of(shape_of(row))
    assert (None if size is None else str(size)) == expected
    if size is not None:
        await stand.provider.submit(await stand.order(size=size))
    assert len(stand.local.tasks) == (size is not None)


async def test_a_size_that_is_not_offered_starts_nothing(stand: Stand) -> None:
    known = stand.facts.models[Model.GEN4_IMAGE]
    for size in {*ALL_SIZES, Size(1000, 1000)} - {*known.sizes.values(), *known.exact}:
        with pytest.raises(ProviderError):
            await stand.provider.submit(await stand.order(size=size))
    assert stand.local.tasks == []


@pytest.mark.parametrize("model", Model)
async def test_more_or_fewer_references_than_a_model_takes_start_nothing(stand: Stand, model: Model) -> None:
    known = stand.facts.models.get(model)
    if known is None:
        assert model is Model.GEN4_IMAGE_TURBO
        return
    taker = Model.GEN4_IMAGE if stand.facts.models[Model.GEN4_IMAGE].max_references else Model.GEN4_IMAGE_TURBO
    (sent,) = (await stand.order(taker, stand.facts.models[taker].max_references)).references[:1]
    for count in {known.min_references - 1, known.max_references + 1} - {-1}:
        references = tuple(replace(sent, tag=f"tag{number}") for number in range(count))
        with pytest.raises(ProviderError):
            await stand.provider.submit(await stand.order(model, references=references))
    assert stand.local.tasks == []


@pytest.mark.parametrize("model", Model)
async def test_a_seed_that_a_model_does_not_take_starts_nothing(stand: Stand, model: Model) -> None:
    known = stand.facts.models.get(model)
    if known is None or known.seeds is None:
        return  # a seed is never sent there
    for seed in {known.seeds[0] - 1, known.seeds[-1] + 1}:
        with pytest.raises(ProviderError):
            await stand.provider.submit(await stand.order(model, seed=seed))
    assert stand.local.tasks == []


@pytest.mark.parametrize("model", Model)
async def test_the_facts_fit_together(stand: Stand, model: Model) -> None:
    facts = stand.facts
    assert facts.concurrency > 0
    assert facts.poll_interval > 0
    assert facts.history is isinstance(stand.provider, History)
    assert isinstance(stand.provider, Accounting) is (stand.service is not None)
    known = facts.models.get(model)
    if known is None:
        return
    assert 0 <= known.min_references <= known.max_references <= 3
    assert model is Model.GEN4_IMAGE or known.min_references > 0, "turbo works from pictures"
    assert known.sizes
    assert all(ratio is key[0] for key, size in known.sizes.items() if (ratio := ALL_SIZES.get(size, key)[0]))
    assert set(known.prices) in ({*known.resolutions()}, set()), "a price for each of what is offered, or for none"
    assert all(price >= FREE for price in known.prices.values())
    assert known.seeds is None or (known.seeds[0] >= 0 and known.seeds[-1] <= SEED_MAX)


@pytest.mark.parametrize("model", Model)
@pytest.mark.parametrize("resolution", Resolution)
async def test_the_price_that_is_told_is_what_is_billed(stand: Stand, model: Model, resolution: Resolution) -> None:
    known = stand.facts.models.get(model)
    if known is None or resolution not in known.prices:
        return
    shape = Shape(resolution=resolution)
    size = known.size_of(shape)
    done = await finished(stand.provider, await stand.provider.submit(await stand.order(model, size=size)))
    dollar = 1.0 if stand.service is None else stand.service.dollar
    assert Money.dollars(str(stand.local.billed / dollar)) == known.price_of(shape)
    assert done.cost in {None, known.price_of(shape)}


@pytest.mark.parametrize("model", Model)
async def test_seeds_and_references_are_taken_up_to_their_limits(stand: Stand, model: Model) -> None:
    known = stand.facts.models.get(model)
    if known is None:
        assert model is Model.GEN4_IMAGE_TURBO
        return
    seeds = [None] if known.seeds is None else [None, known.seeds[0], known.seeds[-1]]
    for seed in seeds:
        await stand.provider.submit(await stand.order(model, seed=seed))
    for count in range(known.min_references, known.max_references + 1):
        await stand.provider.submit(await stand.order(model, count))
    assert len(stand.local.tasks) == len(seeds) + known.max_references - known.min_references + 1


async def test_an_order_becomes_a_picture_of_its_size_and_is_billed_once(stand: Stand) -> None:
    order = await stand.order()
    done = await finished(stand.provider, await stand.provider.submit(order))
    assert size_of(await stand.provider.download(done.pictures[0])) == str(order.size)
    assert (stand.local.submissions, len(stand.local.tasks)) == (1, 1)


async def test_a_finished_task_is_told_and_fetched_again(stand: Stand) -> None:
    done = await finished(stand.provider, await stand.provider.submit(await stand.order()))
    first = await stand.provider.download(done.pictures[0])
    again = await finished(stand.provider, await stand.provider.poll(done.task_id))
    assert await stand.provider.download(again.pictures[0]) == first
    assert len(stand.local.tasks) == 1


async def test_another_process_asks_for_the_task_of_this_one(stand: Stand) -> None:
    state = await stand.provider.submit(await stand.order())
    async with HttpClient() as http:
        later = stand.again(http=http)
        done = await finished(later, await later.poll(state.task_id))
        assert await later.download(done.pictures[0])
    assert stand.local.submissions == 1


async def test_preparing_costs_nothing_and_may_be_done_twice(stand: Stand) -> None:
    reference = stand.reference("model")
    first, second = [await stand.provider.prepare(reference) for _ in range(2)]
    assert (first.tag, second.tag) == ("model", "model")
    assert stand.local.submissions == 0
    model, known = next((model, known) for model, known in stand.facts.models.items() if known.max_references)
    others = (await stand.order(model, known.max_references)).references[1 : known.min_references]
    for sent in (first, second):
        await stand.provider.submit(await stand.order(model, references=(sent, *others)))
    assert len(stand.local.tasks) == 2


async def test_references_arrive_in_their_order_with_tags_or_places(stand: Stand) -> None:
    model, known = next((model, known) for model, known in stand.facts.models.items() if known.max_references > 1)
    order = await stand.order(model, 2, prompt="@cloth on @model, @nobody")
    await stand.provider.submit(order)
    ordered = stand.ordered(stand.local.tasks[0].body)
    assert ordered.uris == [sent.uri for sent in order.references]
    if known.naming is Naming.TAGS:
        assert ordered.tags == ["model", "cloth"]
        assert ordered.prompt == order.prompt
    else:
        places = "the second reference image (cloth) on the first reference image (model), @nobody"
        assert ordered.prompt == places


async def test_a_task_is_stopped_where_the_service_can_and_goes_on_where_it_cannot(stand: Stand) -> None:
    state = await stand.provider.submit(await stand.order())
    if not stand.facts.cancels:
        told = await stand.provider.cancel(state.task_id)
        assert await finished(stand.provider, told)
        return
    for _ in range(2):
        with pytest.raises(TaskCancelled):
            await stand.provider.cancel(state.task_id)
    with pytest.raises(TaskCancelled):
        await stand.provider.poll(state.task_id)


async def test_it_is_too_late_to_stop_a_finished_task(stand: Stand) -> None:
    done = await finished(stand.provider, await stand.provider.submit(await stand.order()))
    assert isinstance(await stand.provider.cancel(done.task_id), Done)
    assert len(stand.local.tasks) == 1


async def test_an_unknown_task_is_asked_for_again_and_then_gone(stand: Stand) -> None:
    if stand.service is not None:
        with pytest.raises(PollFailed):
            await stand.provider.poll("12345678")
    stand.now[0] += 60
    with pytest.raises(TaskVanished):
        await stand.provider.poll("12345678")
