"""WaveSpeedAI's API: one paid request, then asking for its task, or looking it up in the history."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from bot.domain.capabilities import Naming, ProviderFacts
from bot.domain.errors import (
    Moderated,
    PollFailed,
    ProviderError,
    RequestRefused,
    SubmissionUnknown,
    TaskCancelled,
    TaskFailed,
)
from bot.domain.money import FREE, Money
from bot.providers.absences import Absences
from bot.providers.base import Account, Done, Order, Pending, ReferenceFile, RemotePicture, SentReference, TaskState
from bot.providers.failures import failure_text
from bot.providers.fetching import HostRule
from bot.providers.http import HttpClient
from bot.providers.orders import check_order
from bot.providers.outputs import fetch_picture, named_picture
from bot.providers.tags import named_by_place
from bot.providers.wavespeed_api import BASE_URL, PAGE, WaveSpeedApi
from bot.providers.wavespeed_facts import NAME, OUTPUT_HOSTS, PATHS, SHAPES, UPLOAD_LIFETIME, VANISH_GRACE, WAVESPEED
from bot.providers.wavespeed_history import SKEW, Sendings, Sought
from bot.providers.wavespeed_wire import Prediction

log = logging.getLogger(__name__)

_PAGES: Final = 5
_ENDED: Final = frozenset({"completed", "failed", "timeout", "deleted", "cancelled", "canceled"})


class WaveSpeed:
    """The adapter for WaveSpeedAI. Sends the paid request once and never again."""

    def __init__(
        self,
        *,
        http: HttpClient,
        api_key: str,
        facts: ProviderFacts = WAVESPEED,
        base_url: str = BASE_URL,
        output_hosts: Sequence[str] = OUTPUT_HOSTS,
        timeout: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._api = WaveSpeedApi(http=http, api_key=api_key, base_url=base_url, timeout=timeout, clock=clock)
        self._facts = facts
        self._clock = clock
        self._outputs = HostRule(suffixes=tuple(host.casefold() for host in output_hosts), loopback=self._api.local)
        self._absences = Absences(provider=NAME, grace=VANISH_GRACE, clock=clock)
        self._sendings = Sendings(window=timeout)

    def __repr__(self) -> str:
        return f"WaveSpeed({self._api!r})"

    @property
    def facts(self) -> ProviderFacts:
        """Models, sizes, prices and limits."""
        return self._facts

    async def prepare(self, reference: ReferenceFile) -> SentReference:
        """An upload to the service's own store, which keeps it for days."""
        asked_at = self._clock()
        link = await self._api.upload(reference)
        return SentReference(tag=reference.tag, uri=link, expires_at=asked_at + UPLOAD_LIFETIME)

    async def submit(self, order: Order) -> TaskState:
        """Send the paid request, once."""
        check_order(order, self._facts)
        fields = _fields(order)
        body = {"prompt": self._prompt(order), **fields}
        if order.references:
            body["reference_images"] = [sent.uri for sent in order.references]
        sought = _sought(order, self._clock())
        self._sendings.begin(sought)
        try:
            accepted = await self._api.submit(sought.path, body)
        except SubmissionUnknown:
            raise
        except ProviderError:
            self._sendings.settle(sought, None)
            raise
        self._sendings.settle(sought, accepted.id)
        return Pending(task_id=accepted.id)

    def _prompt(self, order: Order) -> str:
        if self._facts.models[order.model].naming is Naming.TEXT:
            return order.prompt
        return named_by_place(order.prompt, [sent.tag for sent in order.references])

    async def poll(self, task_id: str) -> TaskState:
        """Ask for a task's state."""
        self._sendings.know(task_id)
        task = await self._api.result(task_id)
        if task is None:
            raise self._absences.missing(task_id, "HTTP 404")
        self._absences.seen(task_id)
        try:
            state = _state_of(task)
        except PollFailed:
            raise
        except ProviderError as error:
            # A bill may still be taken back: only that nothing is left of it is certain.
            if await self._billed(task_id) == FREE:
                error.billed = FREE
            raise
        return replace(state, cost=await self._billed(task_id)) if isinstance(state, Done) else state

    async def cancel(self, task_id: str) -> TaskState:
        """Its state: the service stops nothing."""
        return await self.poll(task_id)

    async def download(self, picture: RemotePicture) -> bytes:
        """Fetch a finished picture, without the key."""
        return await fetch_picture(self._http, picture, provider=NAME, allowed=self._outputs)

    async def find(self, order: Order, *, since: float) -> TaskState | None:
        """The task that a submission of unknown fate started, looked up in the history of the last 7 days."""
        sought = _sought(order, since)
        listed = await self._listed(sought)
        task_id = self._sendings.match(sought, listed) if listed is not None else None
        if task_id is None:
            return None
        self._sendings.found(sought, task_id)
        return Pending(task_id=task_id)

    async def most_billed(self, order: Order, *, since: float) -> Money | None:
        """The dearest bill among the tasks that the submission may have started, once all of them have ended."""
        sought = _sought(order, since)
        listed = await self._listed(sought)
        tasks = self._sendings.candidates(sought, listed or ())
        if listed is None or not tasks or not all(_has_ended(task) for task in tasks):
            return None
        bills = await self._api.bills([task.id for task in tasks])
        return max(bills.values()) if len(bills) == len(tasks) else None

    async def _listed(self, sought: Sought) -> list[dict[str, Any]] | None:
        """The history back to the submission, or `None` when that is too long."""
        since = sought.since
        earliest = datetime.fromtimestamp(since - SKEW, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        listed: list[dict[str, Any]] = []
        for page in range(1, _PAGES + 1):
            asked = {"page": page, "page_size": PAGE, "model": sought.path, "created_after": earliest}
            entries = await self._api.listed(asked)
            listed += entries
            if len(entries) < PAGE or self._sendings.reaches_back(sought, entries):
                return listed
        # Somewhere further down may be another one like it.
        return None

    async def _billed(self, task_id: str) -> Money | None:
        """What the task was billed, where the service tells it. Best effort: a picture is not lost over its bill."""
        try:
            return (await self._api.bills([task_id])).get(task_id)
        except ProviderError as error:
            log.warning("wavespeed: no bill: %s", error.detail)
            return None

    async def account(self) -> Account:
        """What is left on the operator's account."""
        return Account(balance=await self._api.balance())


def _sought(order: Order, since: float) -> Sought:
    return Sought(path=PATHS[order.model], prompt=order.prompt, fields=_fields(order), since=since)


def _fields(order: Order) -> dict[str, Any]:
    """The body beside prompt and references. Shape and resolution are always said: what they are unsaid is disputed.

    Raises:
        RequestRefused: the service does not know the size.
    """
    if order.size not in SHAPES:
        raise RequestRefused(provider=NAME, detail=f"size {order.size}")
    ratio, resolution = SHAPES[order.size]
    fields: dict[str, Any] = {
        "aspect_ratio": ratio.value,
        "resolution": resolution.value,
        "enable_base64_output": False,
    }
    if order.seed is not None:
        fields["seed"] = order.seed
    return fields


def _has_ended(task: Prediction) -> bool:
    """Whether the task will not change any more."""
    return _status(task) in _ENDED


def _status(task: Prediction) -> str:
    return (task.status or "").strip().casefold()


def _state_of(task: Prediction) -> TaskState:
    match _status(task):
        case "completed":
            return _done(task)
        case "failed":
            raise failure_text(task.error or "", provider=NAME, billed=None)
        case "timeout" | "deleted" as status:
            raise TaskFailed(provider=NAME, detail=f"task {status}")
        case "cancelled" | "canceled":
            raise TaskCancelled(provider=NAME)
        case "created" | "pending" | "queued":
            return Pending(task_id=task.id)
        case "processing":
            return Pending(task_id=task.id, running=True)
        case _:
            log.warning("wavespeed: task with a status that is not known")
            return Pending(task_id=task.id)


def _done(task: Prediction) -> Done:
    """The pictures that were not flagged; a flag without a place of its own counts for all."""
    flags = task.nsfw
    if len(flags) != len(task.outputs):
        flags = [any(flags)] * len(task.outputs)
    shown = [output for output, flagged in zip(task.outputs, flags, strict=True) if not flagged]
    if shown:
        return Done(task_id=task.id, pictures=tuple(named_picture(output) for output in shown))
    if any(task.nsfw):
        raise Moderated("provider.moderated_output", provider=NAME, detail="nsfw")
    raise PollFailed(provider=NAME, detail="completed without a picture")
