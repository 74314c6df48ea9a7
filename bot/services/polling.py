"""When to ask for a task again: as often as the provider allows, more slowly when it is late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.job import Job, JobId
from bot.services.ports import Clock

SLOWEST = 20.0


class Wishes:
    """Wakes the job somebody wants to cancel, if it runs in this process."""

    def __init__(self) -> None:
        self._events: dict[JobId, asyncio.Event] = {}

    def of(self, job_id: JobId) -> asyncio.Event:
        """The job's event; dropped by `forget`."""
        return self._events.setdefault(job_id, asyncio.Event())

    def cancel(self, job_id: JobId) -> None:
        """Wake the job."""
        if job_id in self._events:
            self._events[job_id].set()

    def forget(self, job_id: JobId) -> None:
        """The job does not run here any more."""
        self._events.pop(job_id, None)


def poll_delay(*, interval: float, elapsed: float, typical: float) -> float:
    """Seconds until the next poll: the provider's interval, growing by a third of the overtime up to 20 s."""
    overtime = max(0.0, elapsed - 2 * typical)
    return max(interval, min(SLOWEST, overtime / 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The rests between the polls of one job."""

    interval: float
    typical: float
    clock: Clock
    wishes: Callable[[JobId], asyncio.Event]

    async def rest(self, job: Job) -> None:
        """Wait until the next poll is due, or somebody wants to cancel the job."""
        elapsed = self.clock() - (job.submitted_at or self.clock())
        delay = poll_delay(interval=self.interval, elapsed=elapsed, typical=self.typical)
        event = self.wishes(job.id)
        try:
            await asyncio.wait_for(event.wait(), delay)
        except TimeoutError:
            return
        event.clear()
