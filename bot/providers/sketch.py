"""The built-in painter: an image service without AI or network that says so on every picture."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bot.domain.capabilities import ModelFacts, ProviderFacts
from bot.domain.errors import (
    OutputUnavailable,
    PollFailed,
    ProviderUnavailable,
    ReferenceRefused,
    TaskCancelled,
    TaskFailed,
    TaskVanished,
)
from bot.domain.money import FREE
from bot.domain.request import SEED_MAX
from bot.domain.shapes import EXACT_SIZES, SIZES, Model, Resolution
from bot.providers.base import Done, Order, Pending, ReferenceFile, RemotePicture, SentReference, TaskState
from bot.providers.orders import check_order
from bot.providers.sketch_folder import KEPT_SECONDS, REFERENCE_SECONDS, Damaged, SketchFolder, SketchTask, TaskEnd
from bot.providers.sketch_frames import open_print
from bot.providers.sketch_paint import Painting, Subject, begin

log = logging.getLogger(__name__)

NAME: Final = "sketch"
_PICTURE: Final = "sketch:picture/"


def _model(model: Model, *, min_references: int) -> ModelFacts:
    return ModelFacts(
        model=model,
        sizes=SIZES,
        exact=EXACT_SIZES,
        prices=dict.fromkeys(Resolution, FREE),
        min_references=min_references,
        seeds=range(SEED_MAX + 1),
    )


SKETCH: Final = ProviderFacts(
    name=NAME,
    title="Sketch (no AI)",
    models={
        Model.GEN4_IMAGE: _model(Model.GEN4_IMAGE, min_references=0),
        Model.GEN4_IMAGE_TURBO: _model(Model.GEN4_IMAGE_TURBO, min_references=1),
    },
    concurrency=2,
    poll_interval=0.25,
    typical_seconds=2.0,
    cancels=True,
    reports_progress=True,
)


class Sketch:
    """A small image service of its own in a folder: its tasks outlive the process, as a remote service's do.

    Use as an async context manager, or call `aclose`. A picture takes about `seconds`, so that there is progress to
    see; 0 paints as fast as it can.
    """

    def __init__(
        self,
        *,
        folder: Path,
        facts: ProviderFacts = SKETCH,
        seconds: float = 1.5,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = SketchFolder(folder)
        self._facts = facts
        self._seconds = seconds
        self._clock = clock
        self._waiting: deque[str] = deque()
        self._painters: dict[str, asyncio.Task[None]] = {}
        self._progress: dict[str, float] = {}
        self._purged_at = 0.0

    @property
    def facts(self) -> ProviderFacts:
        """What it can do: everything, for nothing."""
        return self._facts

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Lay down the brushes; unfinished tasks go on when somebody asks for them after a restart."""
        self._waiting.clear()
        painters = list(self._painters.values())
        for painter in painters:
            painter.cancel()
        await asyncio.gather(*painters, return_exceptions=True)

    async def prepare(self, reference: ReferenceFile) -> SentReference:
        """Put the reference into the folder."""
        now = self._clock()
        try:
            await asyncio.to_thread(open_print, reference.tag, reference.content)
        except ValueError:
            raise ReferenceRefused(provider=NAME, detail="no picture", tag=reference.tag) from None
        try:
            uri = await asyncio.to_thread(self._folder.keep_reference, reference.content, now)
        except OSError as error:
            raise ProviderUnavailable(provider=NAME, detail=type(error).__name__) from None
        return SentReference(tag=reference.tag, uri=uri, expires_at=now + REFERENCE_SECONDS)

    async def submit(self, order: Order) -> TaskState:
        """Write the order down and get in line."""
        now = self._clock()
        check_order(order, self._facts)
        try:
            await self._purge(now)
            for reference in order.references:
                if await asyncio.to_thread(self._folder.reference, reference.uri) is None:
                    raise ReferenceRefused(provider=NAME, detail="reference is not there", tag=reference.tag)
            task = await asyncio.to_thread(
                self._folder.add,
                prompt=order.prompt,
                model=order.model,
                size=order.size,
                seed=order.seed or 0,
                references=[(reference.tag, reference.uri) for reference in order.references],
                now=now,
            )
        except OSError as error:
            raise ProviderUnavailable(provider=NAME, detail=type(error).__name__) from None
        return self._line_up(task.id)

    async def poll(self, task_id: str) -> TaskState:
        """The task's state; a task that a restart left unfinished goes on being painted."""
        at_work = task_id in self._painters or task_id in self._waiting
        task, finished = await self._look(task_id)
        if task.end is TaskEnd.CANCELLED:
            raise TaskCancelled(provider=NAME, billed=FREE)
        if task.end is TaskEnd.FAILED:
            raise TaskFailed(provider=NAME, detail="could not be painted", billed=FREE)
        if finished:
            return Done(task_id=task_id, pictures=(RemotePicture(url=_PICTURE + task_id),), cost=FREE)
        return self._state(task_id) if at_work else self._line_up(task_id)

    async def cancel(self, task_id: str) -> TaskState:
        """Stop a task; it costs nothing in any case."""
        if task_id in self._waiting:
            self._waiting.remove(task_id)
        painter = self._painters.get(task_id)
        if painter is not None:
            painter.cancel()
            await asyncio.wait([painter])
        task, finished = await self._look(task_id)
        if task.end is None and not finished:
            await self._end(task, TaskEnd.CANCELLED)
        return await self.poll(task_id)

    async def download(self, picture: RemotePicture) -> bytes:
        """The finished picture out of the folder."""
        task_id = (picture.url or "").removeprefix(_PICTURE)
        try:
            content = picture.content or await asyncio.to_thread(self._folder.picture, task_id)
        except (OSError, Damaged) as error:
            raise OutputUnavailable(provider=NAME, detail=type(error).__name__, reason="broken") from None
        if content is None:
            raise OutputUnavailable(provider=NAME, detail="picture is not there")
        return content

    async def _look(self, task_id: str) -> tuple[SketchTask, bool]:
        """The task and whether it has its picture."""
        try:
            task = await asyncio.to_thread(self._folder.task, task_id)
            finished = task is not None and await asyncio.to_thread(self._folder.finished, task)
        except OSError as error:
            raise PollFailed(provider=NAME, detail=type(error).__name__) from None
        except Damaged:
            raise TaskVanished(provider=NAME, detail="its file is damaged") from None
        if task is None:
            raise TaskVanished(provider=NAME, detail="no such task")
        return task, finished

    async def _end(self, task: SketchTask, end: TaskEnd) -> None:
        try:
            await asyncio.to_thread(self._folder.end, task, end, self._clock())
        except OSError as error:
            raise PollFailed(provider=NAME, detail=type(error).__name__) from None

    async def _purge(self, now: float) -> None:
        if now - self._purged_at > KEPT_SECONDS / 24:
            self._purged_at = now
            await asyncio.to_thread(self._folder.purge, now)

    def _line_up(self, task_id: str) -> Pending:
        if task_id not in self._painters and task_id not in self._waiting:
            self._waiting.append(task_id)
        self._start_painters()
        return self._state(task_id)

    def _start_painters(self) -> None:
        while self._waiting and len(self._painters) < self._facts.concurrency:
            task_id = self._waiting.popleft()
            self._progress[task_id] = 0.0
            self._painters[task_id] = asyncio.create_task(self._work(task_id), name=f"sketch-{task_id}")

    def _state(self, task_id: str) -> Pending:
        if task_id in self._waiting:
            return Pending(task_id=task_id, throttled=True)
        return Pending(task_id=task_id, progress=self._progress.get(task_id), running=True)

    async def _work(self, task_id: str) -> None:
        try:
            await self._paint(task_id)
        except Exception:
            log.exception("sketch task %s cannot be painted", task_id)
            await self._give_up(task_id)
        finally:
            self._painters.pop(task_id, None)
            self._progress.pop(task_id, None)
            self._start_painters()

    async def _paint(self, task_id: str) -> None:
        start = asyncio.get_running_loop().time()
        painting = await asyncio.to_thread(self._begin, task_id)
        for done, step in enumerate(painting.steps, 1):
            await asyncio.to_thread(step)
            self._progress[task_id] = done / (len(painting.steps) + 1)
            early = start + self._seconds * self._progress[task_id] - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, early))
        content = await asyncio.to_thread(painting.finished)
        finishing = asyncio.create_task(
            asyncio.to_thread(self._folder.finish, task_id, content, self._clock()), name=f"finish-{task_id}"
        )
        try:
            await asyncio.shield(finishing)
        finally:
            # A thread cannot be stopped, and who closes the painter may take the folder away next.
            await finishing

    def _begin(self, task_id: str) -> Painting:
        task = self._folder.task(task_id)
        if task is None:
            raise FileNotFoundError("task was purged")
        prints = [open_print(tag, self._folder.reference(uri) or b"") for tag, uri in task.references]
        return begin(
            Subject(prompt=task.prompt, seed=task.seed, size=task.pixels, loose=task.loose, prints=tuple(prints))
        )

    async def _give_up(self, task_id: str) -> None:
        try:
            task, _ = await self._look(task_id)
            await self._end(task, TaskEnd.FAILED)
        except (PollFailed, TaskVanished):
            log.warning("sketch task %s cannot be ended", task_id)
