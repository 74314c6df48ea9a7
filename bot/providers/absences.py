"""Tasks that a service says it does not know: for a while that may be too early, later they are gone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.domain.errors import PollFailed, ProviderError, TaskVanished

_REMEMBERED = 1000


@dataclass(slots=True, kw_only=True)
class Absences:
    """Since when each missing task is missing; `grace` in seconds. After a restart the grace begins anew."""

    provider: str
    grace: float
    clock: Callable[[], float]
    _since: OrderedDict[str, float] = field(default_factory=OrderedDict[str, float])

    def missing(self, task_id: str, detail: str) -> ProviderError:
        """The error for a task that is not there: ask again later, or it has vanished."""
        now = self.clock()
        since = self._since.setdefault(task_id, now)
        if len(self._since) > _REMEMBERED:
            self._since.popitem(last=False)
        if now - since < self.grace:
            return PollFailed(provider=self.provider, detail=f"{detail}, perhaps too early")
        return TaskVanished(provider=self.provider, detail=detail)

    def seen(self, task_id: str) -> None:
        """The task is there."""
        self._since.pop(task_id, None)
