"""Hatches bots that end themselves at a named step, each forked from a process that has everything imported.

Reads one JSON object a line, `{"environment": {...}, "folder": "..."}`, forks a bot and writes its pid. In the folder
`fate` says where the bot is to end, `steps` lists the steps it reached, `log` is what it wrote, and `exit-PID` appears
with its exit status once it is gone (negative: the signal).
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

from bot.live import run_bot
from bot.log import start_logging
from bot.running import until_stopped
from bot.settings_load import load_settings
from bot.settings_show import secrets

FATES = {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP, "pause": signal.SIGSTOP}
LINGER_SECONDS = 1.5

IMPORTED_LATE = (
    "alembic.command",
    "alembic.ddl.postgresql",
    "alembic.ddl.sqlite",
    "asyncpg",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.WebPImagePlugin",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
)


class Doom:
    """Steps that read the fate, such as `kill submitted 2`, at each step, so that it can be sealed at any time.

    Steps are counted from the first one after the fate was written.
    """

    def __init__(self, folder: Path) -> None:
        self._fate = folder / "fate"
        self._steps = folder / "steps"
        self._sealed = ""
        self._count = 0

    async def reached(self, step: str) -> None:
        """End or freeze this process when its time has come, or let the step take long."""
        with self._steps.open("a") as steps:
            steps.write(f"{step}\n")
        if not self._fate.exists():
            return
        fate = self._fate.read_text()
        if fate != self._sealed:
            self._sealed, self._count = fate, 0
        kind, wanted, number = fate.split()
        self._count += wanted in {step, "any"}
        if self._count == int(number):
            self._fate.unlink()
            self._sealed = ""
            if kind == "linger":
                await asyncio.sleep(LINGER_SECONDS)
                return
            if kind == "pause":
                await between_transactions()
            os.kill(os.getpid(), FATES[kind])


async def between_transactions() -> None:
    """Wait until nothing here is in a transaction: a frozen one would keep its locks from everybody."""
    for _ in range(10_000):
        names = (getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks())
        if not any(name.startswith(("SqliteConnection.", "PostgresPool.")) for name in names):
            return
        await asyncio.sleep(0)


def hatch(environment: dict[str, str], folder: Path) -> int:
    """Fork a bot; its pid. In the bot this does not return."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.environ.update(environment)
        os.chdir(folder)
        status = live(folder)
    except BaseException:  # noqa: BLE001 - the edge of the process: whatever it is belongs in its log
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def live(folder: Path) -> int:
    """The bot with its settings from the environment, stopped by signals; it says so when people can use it."""
    settings = load_settings().settings
    start_logging(settings.log, secrets=secrets(settings))

    def say(sentence: str) -> None:
        (folder / f"online-{os.getpid()}").write_text(sentence)

    return until_stopped(lambda stop: run_bot(settings, stop=stop, say=say, steps=Doom(folder)))


def bury(folders: dict[int, Path]) -> None:
    """Write down how each bot ended that is gone."""
    while folders:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        folder = folders.pop(pid)
        draft = folder / f".exit-{pid}"
        draft.write_text(str(os.waitstatus_to_exitcode(status)))
        draft.rename(folder / f"exit-{pid}")


def nursery() -> None:
    """Hatch a bot for each line until there are no more, then end those that are left."""
    folders: dict[int, Path] = {}

    def on_child(number: int, frame: FrameType | None) -> None:
        bury(folders)

    for name in IMPORTED_LATE:
        importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, on_child)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        folder = Path(order["folder"])
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = hatch(order["environment"], folder)
        folders[pid] = folder
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in list(folders):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    nursery()
