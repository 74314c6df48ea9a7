"""A bot under watch: its statements, when it takes jobs up, and how long its loop stands still.

    python -m bench.watched_bot FOLDER        settings come from the environment

Once a second and at the end it writes what it saw to `seen.json` in the folder; times are of the system's clock.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bot.live import run_bot
from bot.log import start_logging
from bot.running import until_stopped
from bot.settings_load import load_settings
from bot.settings_show import secrets

TICK = 0.005
CLAIM = "UPDATE jobs SET state=CASE"


class Watch:
    """What is seen; also the steps of the bot under watch."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "seen.json"
        self._statements = 0
        self._leased: list[float] = []
        self._begun: list[float] = []
        self._stall = 0.0
        event.listen(Engine, "before_cursor_execute", self._executed)

    def _executed(self, connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any) -> None:
        self._statements += 1
        if statement.startswith(CLAIM):
            self._leased.append(time.time())

    async def reached(self, step: str) -> None:
        """Remember when jobs were begun or resumed."""
        if step == "claimed":
            self._begun.append(time.time())

    async def stand_still(self) -> None:
        """Measure by how much a short sleep is late."""
        written = 0.0
        while True:
            if time.monotonic() > written + 1:
                self.write()
                written = time.monotonic()
            began = time.monotonic()
            await asyncio.sleep(TICK)
            self._stall = max(self._stall, time.monotonic() - began - TICK)

    def write(self) -> None:
        """Leave it to whoever measures."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        seen = {"statements": self._statements, "leased": self._leased, "begun": self._begun, "stall": self._stall}
        seen |= {"peak": used.ru_maxrss / 1024, "cpu": used.ru_utime + used.ru_stime}
        self._file.write_text(json.dumps(seen))


def main() -> int:
    """Run the bot until it is told to stop."""
    folder = Path(sys.argv[1])
    settings = load_settings().settings
    start_logging(settings.log, secrets=secrets(settings))
    watch = Watch(folder)

    async def run(stop: asyncio.Event) -> int:
        watching = asyncio.create_task(watch.stand_still())
        try:
            return await run_bot(settings, stop=stop, say=lambda _: None, steps=watch)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            watch.write()

    return until_stopped(run)


if __name__ == "__main__":
    sys.exit(main())
