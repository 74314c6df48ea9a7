"""The folder of the sketch service: tasks, references and pictures, each a file that survives any restart."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationError

from bot.domain.request import SEED_MAX
from bot.domain.shapes import ALL_SIZES, Model, Size
from bot.providers.wire import Wire

KEPT_SECONDS: Final = 24 * 60 * 60
"""Tasks are forgotten after a day, as at other services."""
REFERENCE_SECONDS: Final = 12 * 60 * 60
_REFERENCE: Final = re.compile(r"sketch:reference/([0-9a-f]{64})")
_TASK: Final = re.compile(r"[0-9a-f]{32}")


_WHOLE: Final = ((b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"), (b"\xff\xd8\xff", b"\xff\xd9"))
"""How a PNG and a JPEG begin and end."""


class Damaged(Exception):
    """A file of the folder does not hold what was written: somebody else has changed it."""


class TaskEnd(StrEnum):
    """How a task ended without a picture."""

    CANCELLED = "cancelled"
    FAILED = "failed"


def _known_size(text: str) -> str:
    if Size.parse(text) not in ALL_SIZES:
        raise ValueError("no size that can be ordered")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchTask:
    """One submission as it lies in the folder. `references` are tags with addresses in the same folder."""

    id: str
    prompt: str = field(repr=False)
    model: str
    size: str
    seed: int
    references: tuple[tuple[str, str], ...] = ()
    end: TaskEnd | None = None

    @property
    def pixels(self) -> Size:
        """The size ordered."""
        size = Size.parse(self.size)
        assert size is not None, "a task with another size is not read"
        return size

    @property
    def loose(self) -> bool:
        """Whether the quicker hand was ordered."""
        return self.model == Model.GEN4_IMAGE_TURBO


class _Stored(Wire):
    """A task as its file has it."""

    prompt: str
    model: Model
    size: Annotated[str, AfterValidator(_known_size)]
    seed: int = Field(ge=0, le=SEED_MAX)
    references: tuple[tuple[str, str], ...] = Field(max_length=3)
    end: TaskEnd | None


class SketchFolder:
    """Reads and writes the folder; every method blocks. `tasks/` has one file for each submission."""

    def __init__(self, folder: Path) -> None:
        self._tasks = folder / "tasks"
        self._references = folder / "references"
        self._pictures = folder / "pictures"

    def keep_reference(self, content: bytes, now: float) -> str:
        """Store a reference; returns its address."""
        digest = hashlib.sha256(content).hexdigest()
        _write(self._references / digest, content, now)
        return f"sketch:reference/{digest}"

    def reference(self, uri: str) -> bytes | None:
        """A stored reference, `None` when there is none at the address."""
        match = _REFERENCE.fullmatch(uri)
        return _read(self._references / match[1]) if match else None

    def add(
        self, *, prompt: str, model: Model, size: Size, seed: int, references: Iterable[tuple[str, str]], now: float
    ) -> SketchTask:
        """Write a new task, durably."""
        task = SketchTask(
            id=secrets.token_hex(16),
            prompt=prompt,
            model=model.value,
            size=str(size),
            seed=seed,
            references=tuple(references),
        )
        self._save(task, now)
        return task

    def task(self, task_id: str) -> SketchTask | None:
        """The task, `None` when it is unknown or was purged.

        Raises:
            Damaged: its file holds no task.
        """
        content = _read(self._task_file(task_id)) if _TASK.fullmatch(task_id) else None
        if content is None:
            return None
        try:
            stored = _Stored.model_validate_json(content)
        except ValidationError:
            raise Damaged(f"task {task_id}") from None
        return SketchTask(id=task_id, **dict(stored))

    def end(self, task: SketchTask, end: TaskEnd, now: float) -> None:
        """Note that the task ended without a picture."""
        self._save(replace(task, end=end), now)

    def finish(self, task_id: str, content: bytes, now: float) -> None:
        """Store the task's picture."""
        _write(self._pictures / task_id, content, now)

    def picture(self, task_id: str) -> bytes | None:
        """The task's picture, `None` while there is none.

        Raises:
            Damaged: it is no whole picture any more. It is taken away, so that it can be painted anew.
        """
        file = self._pictures / task_id
        content = _read(file) if _TASK.fullmatch(task_id) else None
        if content is not None and not any(content.startswith(head) and content.endswith(end) for head, end in _WHOLE):
            file.unlink(missing_ok=True)
            raise Damaged(f"picture of task {task_id}")
        return content

    def finished(self, task: SketchTask) -> bool:
        """Whether the task has its picture."""
        return (self._pictures / task.id).is_file()

    def purge(self, now: float) -> None:
        """Forget what is older than a day; what is no file of ours stays, and disturbs nobody."""
        for folder in (self._tasks, self._pictures, self._references):
            for file in folder.glob("*"):
                with suppress(OSError):
                    if now - file.lstat().st_mtime > KEPT_SECONDS:
                        file.unlink(missing_ok=True)

    def _task_file(self, task_id: str) -> Path:
        return self._tasks / f"{task_id}.json"

    def _save(self, task: SketchTask, now: float) -> None:
        _write(self._task_file(task.id), json.dumps(asdict(task)).encode(), now)


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _write(file: Path, content: bytes, now: float) -> None:
    """Write a file so that after any crash it is there whole, or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with draft.open("wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    os.utime(draft, (now, now))
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
