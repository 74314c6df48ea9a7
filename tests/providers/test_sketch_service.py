"""The sketch service: durable tasks, turns, progress, cancelling, and what it forgets."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot.domain.errors import (
    OutputUnavailable,
    ProviderUnavailable,
    ReferenceRefused,
    TaskCancelled,
    TaskFailed,
    TaskVanished,
)
from bot.domain.money import FREE
from bot.domain.plan import plan
from bot.domain.request import SEED_MAX, ImageRequest
from bot.domain.shapes import ALL_SIZES, Model, Shape, Size
from bot.providers.base import Done, Pending, ReferenceFile, RemotePicture, SentReference, TaskState
from bot.providers.sketch import SKETCH, Sketch
from tests.support.ordering import a_reference, an_order

SMALL = Size(720, 720)


@pytest.fixture
async def sketch(tmp_path: Path) -> AsyncIterator[Sketch]:
    async with Sketch(folder=tmp_path, seconds=0) as sketch:
        yield sketch


def files(folder: Path) -> list[Path]:
    """One for each submission that ever arrived."""
    return sorted((folder / "tasks").glob("*.json"))


async def a_while(sketch: Sketch) -> None:
    """Until a painter is done, or a moment: asking without a pause would take the painters' time."""
    painters = list(sketch._painters.values())
    if painters:
        await asyncio.wait(painters, timeout=0.02, return_when=asyncio.FIRST_COMPLETED)


async def until(sketch: Sketch, task_id: str, kind: type[TaskState] = Done, *, running: bool = True) -> TaskState:
    """Poll until the task is done, or until it is running."""
    async with asyncio.timeout(60):
        while True:
            state = await sketch.poll(task_id)
            if isinstance(state, kind) and (not isinstance(state, Pending) or state.running is running):
                return state
            await a_while(sketch)


async def picture(sketch: Sketch, **order: object) -> bytes:
    done = await until(sketch, (await sketch.submit(an_order(**({"size": SMALL} | order)))).task_id)
    assert isinstance(done, Done)
    assert done.cost == FREE
    return await sketch.download(done.pictures[0])


def size_of(content: bytes) -> Size:
    with Image.open(io.BytesIO(content)) as image:
        return Size(*image.size)


async def test_an_order_becomes_a_picture_of_its_size(sketch: Sketch, tmp_path: Path) -> None:
    assert size_of(await picture(sketch, size=Size(720, 960))) == Size(720, 960)
    assert len(files(tmp_path)) == 1


async def test_the_same_order_gives_the_same_bytes_and_another_seed_another_picture(sketch: Sketch) -> None:
    first, again, other = [await picture(sketch, seed=seed) for seed in (SEED_MAX, SEED_MAX, 0)]
    assert first == again
    assert first != other


async def test_references_are_seen_in_the_picture(sketch: Sketch) -> None:
    sent = await sketch.prepare(a_reference("model"))
    without = await picture(sketch)
    with_one = await picture(sketch, references=(sent,))
    renamed = await picture(sketch, references=(replace(sent, tag="cloth"),))
    assert len({without, with_one, renamed}) == 3


async def test_turbo_paints_with_a_quicker_hand(sketch: Sketch) -> None:
    sent = await sketch.prepare(a_reference("model"))
    assert await picture(sketch, references=(sent,)) != await picture(
        sketch, references=(sent,), model=Model.GEN4_IMAGE_TURBO
    )


async def test_a_file_that_is_no_picture_is_refused_as_a_reference(sketch: Sketch) -> None:
    with pytest.raises(ReferenceRefused) as caught:
        await sketch.prepare(ReferenceFile(tag="model", content=b"text", media_type="image/png", sha256=""))
    assert caught.value.values["tag"] == "model"


@pytest.mark.parametrize("uri", ["sketch:reference/" + "0" * 64, "sketch:reference/../../etc/passwd", "https://x.y/z"])
async def test_a_reference_that_was_never_prepared_is_refused(sketch: Sketch, tmp_path: Path, uri: str) -> None:
    with pytest.raises(ReferenceRefused):
        await sketch.submit(an_order(references=(SentReference(tag="model", uri=uri),)))
    assert not files(tmp_path)


async def test_no_more_than_its_places_paint_at_once_and_the_rest_waits(tmp_path: Path) -> None:
    async with Sketch(folder=tmp_path, seconds=30) as sketch:
        tasks = [(await sketch.submit(an_order(size=SMALL))).task_id for _ in range(4)]
        states = [await sketch.poll(task) for task in tasks]
    assert [isinstance(state, Pending) and state.running for state in states] == [True, True, False, False]
    assert [isinstance(state, Pending) and state.throttled for state in states] == [False, False, True, True]


async def test_progress_really_advances(tmp_path: Path) -> None:
    async with Sketch(folder=tmp_path, seconds=0.5) as sketch:
        task = (await sketch.submit(an_order(size=SMALL))).task_id
        seen: list[float] = []
        async with asyncio.timeout(60):
            while isinstance(state := await sketch.poll(task), Pending):
                seen.append(state.progress or 0.0)
                await a_while(sketch)
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    assert all(0 <= progress < 1 for progress in seen)


async def test_a_waiting_task_is_cancelled_for_nothing_and_its_place_passes_on(tmp_path: Path) -> None:
    async with Sketch(folder=tmp_path, seconds=30, facts=replace(SKETCH, concurrency=1)) as sketch:
        running, waiting, last = [(await sketch.submit(an_order(size=SMALL))).task_id for _ in range(3)]
        for task in (waiting, running):
            with pytest.raises(TaskCancelled) as caught:
                await sketch.cancel(task)
            assert caught.value.billed == FREE
        state = await sketch.poll(last)
    assert isinstance(state, Pending)
    assert state.running


async def test_a_cancelled_task_stays_cancelled_after_a_restart(tmp_path: Path) -> None:
    async with Sketch(folder=tmp_path, seconds=30) as sketch:
        task = (await sketch.submit(an_order(size=SMALL))).task_id
        with pytest.raises(TaskCancelled):
            await sketch.cancel(task)
    async with Sketch(folder=tmp_path, seconds=0) as later:
        for call in (later.poll, later.cancel):
            with pytest.raises(TaskCancelled):
                await call(task)


async def test_cancelling_a_finished_task_gives_the_picture(sketch: Sketch) -> None:
    task = (await sketch.submit(an_order(size=SMALL))).task_id
    await until(sketch, task)
    assert isinstance(await sketch.cancel(task), Done)


async def test_a_task_goes_on_after_a_restart_and_gives_the_picture_it_would_have_given(
    tmp_path: Path, sketch: Sketch
) -> None:
    order = an_order(size=SMALL, references=())
    async with Sketch(folder=tmp_path / "other", seconds=30) as first:
        task = (await first.submit(order)).task_id
        await until(first, task, Pending)
    async with Sketch(folder=tmp_path / "other", seconds=0) as second:
        done = await until(second, task)
        assert isinstance(done, Done)
        content = await second.download(done.pictures[0])
    assert content == await picture(sketch)
    assert len(files(tmp_path / "other")) == 1


async def test_finished_tasks_survive_a_restart(tmp_path: Path) -> None:
    async with Sketch(folder=tmp_path, seconds=0) as first:
        task = (await first.submit(an_order(size=SMALL))).task_id
        await until(first, task)
    async with Sketch(folder=tmp_path, seconds=0) as second:
        assert isinstance(await second.poll(task), Done)


async def test_tasks_references_and_pictures_are_forgotten_after_a_day(tmp_path: Path) -> None:
    now = [1_000_000.0]
    async with Sketch(folder=tmp_path, seconds=0, clock=lambda: now[0]) as sketch:
        sent = await sketch.prepare(a_reference("model"))
        task = (await sketch.submit(an_order(size=SMALL, references=(sent,)))).task_id
        done = await until(sketch, task)
        now[0] += 2 * 86_400
        fresh = (await sketch.submit(an_order(size=SMALL))).task_id
        with pytest.raises(TaskVanished):
            await sketch.poll(task)
        with pytest.raises(ReferenceRefused):
            await sketch.submit(an_order(references=(sent,)))
        assert isinstance(done, Done)
        with pytest.raises(OutputUnavailable):
            await sketch.download(done.pictures[0])
        await until(sketch, fresh)
    assert sent.expires_at is not None
    assert sent.expires_at < now[0]


@pytest.mark.parametrize("task", ["nothing", "../../secret", "0" * 32, ""])
async def test_a_task_that_was_never_there_has_vanished(sketch: Sketch, task: str) -> None:
    for call in (sketch.poll, sketch.cancel):
        with pytest.raises(TaskVanished):
            await call(task)
    with pytest.raises(OutputUnavailable):
        await sketch.download(RemotePicture(url=f"sketch:picture/{task}"))


async def test_a_full_disk_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "tasks").write_text("in the way")
    (tmp_path / "references").write_text("in the way")
    async with Sketch(folder=tmp_path, seconds=0) as sketch:
        with pytest.raises(ProviderUnavailable):
            await sketch.submit(an_order())
        with pytest.raises(ProviderUnavailable):
            await sketch.prepare(a_reference())


async def test_a_task_that_cannot_be_painted_fails_for_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Sketch(folder=tmp_path, seconds=30) as sketch:
        sent = await sketch.prepare(a_reference("model"))
        task = (await sketch.submit(an_order(size=SMALL, references=(sent,)))).task_id
    next((tmp_path / "references").glob("*")).unlink()
    async with Sketch(folder=tmp_path, seconds=0) as later:
        with pytest.raises(TaskFailed) as caught:
            await until(later, task)
    assert caught.value.billed == FREE
    assert "cannot be painted" in caplog.text


async def test_the_place_of_a_task_that_failed_is_free_again(tmp_path: Path) -> None:
    async with Sketch(folder=tmp_path, seconds=0, facts=replace(SKETCH, concurrency=1)) as sketch:
        sent = await sketch.prepare(a_reference("model"))
        bad = (await sketch.submit(an_order(size=SMALL, references=(sent,)))).task_id
        next((tmp_path / "references").glob("*")).unlink()
        good = (await sketch.submit(an_order(size=SMALL))).task_id
        assert isinstance(await until(sketch, good), Done)
        assert len({bad, good}) == 2


def test_it_can_serve_every_size_for_nothing() -> None:
    for size in ALL_SIZES:
        request = ImageRequest(prompt="a cat", seed=SEED_MAX, seed_chosen=True, shape=Shape.of_size(size))
        chosen = plan(request, [SKETCH])
        assert (chosen.size, chosen.price, chosen.notes) == (size, FREE, ())
