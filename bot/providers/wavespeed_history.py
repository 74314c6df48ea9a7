"""Which task of WaveSpeedAI's history a submission of unknown fate has started, if one can be told for certain."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from bot.providers.tags import was_named
from bot.providers.wavespeed_wire import Prediction

SKEW: Final = 5.0
"""Seconds by which the service's clock may differ from ours."""

_REMEMBERED: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A submission: the model's path, what was sent beside the references, and when.

    The prompt is the person's: references may have been named by their place in it.
    """

    path: str
    prompt: str = field(repr=False)
    fields: Mapping[str, Any]
    since: float

    def same_order(self, other: Sought) -> bool:
        """Whether both ask for the same, so that their tasks cannot be told apart."""
        return (self.path, self.prompt, self.fields) == (other.path, other.prompt, other.fields)


@dataclass(slots=True, kw_only=True)
class Sendings:
    """What this process has sent: the tasks that are accounted for, and the submissions that are not.

    `window` is how long after its beginning a submission may start a task, in seconds.
    """

    window: float
    _known: OrderedDict[str, None] = field(default_factory=OrderedDict[str, None])
    _open: list[Sought] = field(default_factory=list[Sought])

    def begin(self, sought: Sought) -> None:
        """A submission is about to be sent."""
        self._open.append(sought)
        del self._open[:-_REMEMBERED]

    def settle(self, sought: Sought, task_id: str | None) -> None:
        """The submission started this task, or none."""
        self._open = [each for each in self._open if each is not sought]
        if task_id is not None:
            self.know(task_id)

    def found(self, sought: Sought, task_id: str) -> None:
        """The history told which task the submission started."""
        own = self._own(sought)
        self.settle(own or sought, task_id)

    def know(self, task_id: str) -> None:
        """The task belongs to a job."""
        self._known[task_id] = None
        self._known.move_to_end(task_id)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def match(self, sought: Sought, listed: Iterable[Mapping[str, Any]]) -> str | None:
        """The task that can only be the submission's.

        Where the history tells what was ordered, that decides. Where it does not, a task is certain only when it is
        the one of its model in that time, this process has sent the submission, and no other of its model is open.
        """
        tasks = self.candidates(sought, listed)
        told = [task for task in tasks if task.input.get("prompt") is not None]
        equal = [task for task in told if _is_order(task.input, sought)]
        rivals = self._rivals(sought)
        if len(equal) == 1 and len(told) == len(tasks):
            return None if any(sought.same_order(rival) for rival in rivals) else equal[0].id
        if len(tasks) == 1 and not told and not rivals and self._own(sought) is not None:
            return tasks[0].id
        return None

    def candidates(self, sought: Sought, listed: Iterable[Mapping[str, Any]]) -> list[Prediction]:
        """The tasks of its model and time that belong to nobody: if the submission started one, it is among them."""
        return [task for each in listed if (task := self._candidate(sought, each)) is not None]

    def reaches_back(self, sought: Sought, listed: Iterable[Mapping[str, Any]]) -> bool:
        """Whether a page of the history, the latest first, ends before the submission began."""
        tasks = [task for each in listed if (task := _prediction(each)) is not None]
        return any(task.created_at is not None and task.created_at < sought.since - SKEW for task in tasks)

    def _candidate(self, sought: Sought, listed: Mapping[str, Any]) -> Prediction | None:
        task = _prediction(listed)
        if task is None:
            return None
        made = task.created_at
        timely = made is not None and -SKEW <= made - sought.since <= self.window + SKEW
        return task if timely and task.id not in self._known and _path(task.model) == sought.path else None

    def _own(self, sought: Sought) -> Sought | None:
        """The submission as this process knows it; after a restart there is none."""
        alike = [each for each in self._open if each.same_order(sought) and abs(each.since - sought.since) <= SKEW]
        return min(alike, key=lambda each: abs(each.since - sought.since), default=None)

    def _rivals(self, sought: Sought) -> list[Sought]:
        """Other open submissions of the model that may have started a task in the same time."""
        own = self._own(sought)
        reach = self.window + 2 * SKEW
        return [
            each
            for each in self._open
            if each is not own and each.path == sought.path and abs(each.since - sought.since) <= reach
        ]


def _prediction(listed: Mapping[str, Any]) -> Prediction | None:
    try:
        return Prediction.model_validate(listed)
    except ValidationError:
        return None


def _path(model: str | None) -> str:
    return (model or "").strip().strip("/").casefold()


def _is_order(told: Mapping[str, Any], sought: Sought) -> bool:
    prompt = told.get("prompt")
    if not isinstance(prompt, str) or not was_named(prompt, sought.prompt):
        return False
    return all(told.get(name) == value for name, value in sought.fields.items())
