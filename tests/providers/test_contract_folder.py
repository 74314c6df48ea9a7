"""What the sketch painter makes of faults in its folder, which is to it what the wire is to the other services."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.domain.errors import (
    OutputUnavailable,
    PollFailed,
    ProviderError,
    ProviderUnavailable,
    ReferenceRefused,
    TaskFailed,
    TaskVanished,
)
from bot.domain.money import FREE
from bot.providers.base import RemotePicture
from bot.providers.http import HttpClient
from tests.support.services import Stand, finished, open_stand

NOW = 1_760_000_000.0
DAY = 86_400.0


@pytest.fixture
async def painter(http: HttpClient, tmp_path: Path) -> AsyncIterator[Stand]:
    async with open_stand("sketch", http, [NOW], tmp_path) as stand:
        yield stand


def _file(place: Path) -> None:
    place.write_bytes(b"in the way")


def _dangling(place: Path) -> None:
    place.symlink_to("/dev/null/nowhere")


def _loop(place: Path) -> None:
    place.symlink_to(place)


IN_THE_WAY = [_file, _dangling, _loop]
NO_TASK = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"{}",
    b"7",
    b"\x00\xff\xfe",
    b"[" * 5000,
    b'{"prompt":1,"model":"gen4_image","size":"720:720","seed":7,"references":[],"end":null}',
    b'{"prompt":"a","model":"gen5","size":"720:720","seed":7,"references":[],"end":null}',
    b'{"prompt":"a","model":"gen4_image","size":"99999:99999","seed":7,"references":[],"end":null}',
    b'{"prompt":"a","model":"gen4_image","size":"720:720","seed":-1,"references":[],"end":null}',
    b'{"prompt":"a","model":"gen4_image","size":"720:720","seed":7,"references":[["a"]],"end":null}',
    b'{"prompt":"a","model":"gen4_image","size":"720:720","seed":7,"references":[],"end":"somehow"}',
]
NO_PICTURE = [b"", b"<html>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a"]


# -- the order ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", IN_THE_WAY)
async def test_an_order_that_cannot_be_written_down_has_not_started(
    painter: Stand, tmp_path: Path, block: Callable[[Path], None]
) -> None:
    order = await painter.order()
    block(tmp_path / "tasks")
    with pytest.raises(ProviderUnavailable):
        await painter.provider.submit(order)
    (tmp_path / "tasks").unlink()
    assert painter.local.tasks == []
    assert await finished(painter.provider, await painter.provider.submit(order))
    assert painter.local.submissions == 1


@pytest.mark.parametrize("block", IN_THE_WAY)
async def test_a_reference_that_cannot_be_kept_is_kept_later(
    painter: Stand, tmp_path: Path, block: Callable[[Path], None]
) -> None:
    block(tmp_path / "references")
    with pytest.raises(ProviderUnavailable):
        await painter.provider.prepare(painter.reference("model"))
    (tmp_path / "references").unlink()
    assert await painter.provider.prepare(painter.reference("model"))


FULL_DISK = """
import asyncio, pathlib, resource, sys
from bot.domain.errors import ProviderUnavailable
from bot.domain.shapes import Model, Size
from bot.providers.base import Order
from bot.providers.sketch import Sketch

async def order():
    async with Sketch(folder=pathlib.Path(sys.argv[1]), seconds=0) as sketch:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        try:
            await sketch.submit(Order(prompt="a cat", model=Model.GEN4_IMAGE, size=Size(720, 720), seed=7))
        except ProviderUnavailable:
            sys.exit(42)

asyncio.run(order())
"""


def test_a_disk_that_is_full_leaves_no_half_order_behind(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], timeout=60, check=False)
    assert ended.returncode == 42
    assert list((tmp_path / "tasks").glob("*.json")) == []


async def test_an_order_that_nobody_waits_for_any_more_is_written_once_or_not_at_all(painter: Stand) -> None:
    order = await painter.order()
    for pause in (0.0, 0.001, 0.005, 0.02):
        sending = asyncio.create_task(painter.provider.submit(order))
        await asyncio.sleep(pause)
        sending.cancel()
        await asyncio.wait([sending])
    assert painter.local.submissions <= 4


async def test_a_reference_that_is_gone_is_refused_and_one_that_was_damaged_costs_nothing(
    painter: Stand, tmp_path: Path
) -> None:
    order = await painter.order(count=1)
    (kept,) = (tmp_path / "references").iterdir()
    kept.write_bytes(b"damaged")
    with pytest.raises(TaskFailed) as caught:
        await finished(painter.provider, await painter.provider.submit(order))
    assert caught.value.billed == FREE
    kept.unlink()
    with pytest.raises(ReferenceRefused):
        await painter.provider.submit(order)
    assert painter.local.submissions == 1


# -- asking for the task -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", NO_TASK, ids=lambda content: ascii(content[:40]))
async def test_a_task_whose_file_is_damaged_is_gone_and_disturbs_no_other(
    painter: Stand, tmp_path: Path, content: bytes
) -> None:
    damaged = (await painter.provider.submit(await painter.order())).task_id
    (tmp_path / "tasks" / f"{damaged}.json").write_bytes(content)
    for provider in (painter.provider, painter.again()):
        for call in (provider.cancel, provider.poll):
            with pytest.raises(TaskVanished):
                await call(damaged)
    assert await finished(painter.provider, await painter.provider.submit(await painter.order()))


async def test_a_half_written_task_is_gone(painter: Stand, tmp_path: Path) -> None:
    task = (await painter.provider.submit(await painter.order())).task_id
    file = tmp_path / "tasks" / f"{task}.json"
    whole = file.read_bytes()
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        with pytest.raises(TaskVanished):
            await painter.provider.poll(task)


async def test_a_disk_that_cannot_be_read_ends_nothing(painter: Stand, tmp_path: Path) -> None:
    done = await finished(painter.provider, await painter.provider.submit(await painter.order()))
    (tmp_path / "tasks").rename(tmp_path / "elsewhere")
    (tmp_path / "tasks").symlink_to("/dev/null/nowhere")
    for call in (painter.provider.poll, painter.provider.cancel):
        with pytest.raises(PollFailed):
            await call(done.task_id)
    (tmp_path / "tasks").unlink()
    (tmp_path / "elsewhere").rename(tmp_path / "tasks")
    assert await painter.provider.poll(done.task_id) == done


@pytest.mark.parametrize("task", ["", "..", "../tasks", "0" * 32, "0" * 5000, "\0", "é", "A" * 32, "a/b", "a\nb"])
async def test_a_name_that_is_no_tasks_leads_nowhere(painter: Stand, task: str) -> None:
    for call in (painter.provider.poll, painter.provider.cancel):
        with pytest.raises(TaskVanished):
            await call(task)
    with pytest.raises(OutputUnavailable):
        await painter.provider.download(RemotePicture(url=f"sketch:picture/{task}"))


# -- fetching the picture ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [*NO_PICTURE, None], ids=lambda content: ascii(content))
async def test_a_damaged_picture_is_not_taken_and_painted_anew(
    painter: Stand, tmp_path: Path, content: bytes | None
) -> None:
    done = await finished(painter.provider, await painter.provider.submit(await painter.order()))
    whole = await painter.provider.download(done.pictures[0])
    file = tmp_path / "pictures" / done.task_id
    file.write_bytes(whole[: len(whole) // 2] if content is None else content)
    later = painter.again()
    with pytest.raises(OutputUnavailable):
        await later.download(done.pictures[0])
    fresh = await finished(later, await later.poll(done.task_id))
    assert await later.download(fresh.pictures[0]) == whole
    assert painter.local.submissions == 1


@pytest.mark.parametrize("block", IN_THE_WAY)
async def test_a_picture_that_cannot_be_kept_costs_nothing(
    painter: Stand, tmp_path: Path, block: Callable[[Path], None]
) -> None:
    block(tmp_path / "pictures")
    with pytest.raises(TaskFailed) as caught:
        await finished(painter.provider, await painter.provider.submit(await painter.order()))
    assert caught.value.billed == FREE
    assert painter.local.submissions == 1


# -- what else lies there ----------------------------------------------------------------------------------------------


async def test_junk_in_the_folder_disturbs_nobody_however_old_it_is(painter: Stand, tmp_path: Path) -> None:
    for name in ("tasks", "references", "pictures"):
        place = tmp_path / name
        (place / "folder.json" / "deep").mkdir(parents=True)
        (place / "é \n.json").write_bytes(b"\xff" * 100)
        (place / ("0" * 32)).write_bytes(b"")
        (place / "dangling.json").symlink_to("nowhere")
        (place / "loop").symlink_to("loop")
        (place / "outside").symlink_to(tmp_path.parent)
        os.mkfifo(place / "pipe")
    painter.now[0] += 2 * DAY
    order = await painter.order()
    done = await finished(painter.provider, await painter.provider.submit(order))
    assert await painter.provider.download(done.pictures[0])
    painter.now[0] += 2 * DAY
    assert await finished(painter.provider, await painter.provider.submit(order))
    assert tmp_path.parent.is_dir()
    assert (tmp_path / "tasks" / "folder.json" / "deep").is_dir()


async def test_no_prompt_is_told_when_something_breaks(
    painter: Stand, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    order = await painter.order(count=1, prompt="canary-prompt-5150")
    texts = [repr(painter.provider), repr(order)]
    for damage in ("references", "tasks"):
        task = (await painter.provider.submit(order)).task_id
        for file in (tmp_path / damage).iterdir():
            file.write_bytes(b"damaged canary-file-5150")
        with pytest.raises(ProviderError) as caught:
            await finished(painter.provider, await painter.provider.poll(task))
        texts.append(f"{caught.value!r} {caught.value.detail}")
    assert caplog.text
    for canary in ("canary-prompt-5150", "canary-file-5150"):
        assert canary not in "".join(texts)
        assert canary not in caplog.text
