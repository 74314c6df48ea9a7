"""WaveSpeedAI's API: one paid request, then asking for its task, or looking it up in the history."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from bot.domain.capabilities import ProviderFacts
from bot.domain.errors import (
    Moderated,
    PollFailed,
    ProviderError,
    RequestRefused,
    SubmissionUnknown,
    TaskCancelled,
    TaskFailed,
)
from bot.providers.absences import Absences
from bot.providers.base import Account, Done, Order, Pending, ReferenceFile, RemotePicture, SentReference, TaskState
from bot.providers.failures import failure_text
from bot.providers.fetching import HostRule
from bot.providers.http import HttpClient
from bot.providers.outputs import fetch_picture, named_picture
from bot.providers.tags import named_by_place
from bot.providers.wavespeed_api import BASE_URL, WaveSpeedApi
from bot.providers.wavespeed_facts import NAME, OUTPUT_HOSTS, PATHS, SHAPES, UPLOAD_LIFETIME, VANISH_GRACE, WAVESPEED
from bot.providers.wavespeed_history import SKEW, Sendings, Sought
from bot.providers.wavespeed_wire import Prediction

log = logging.getLogger(__name__)

_PAGE: Final = 100
"""Most entries that a page of the history has (wavespeed.ai, docs/predictions-api)."""
_PAGES: Final = 5


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
        fields = _fields(order)
        body = {"prompt": named_by_place(order.prompt, [sent.tag for sent in order.references]), **fields}
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

    async def poll(self, task_id: str) -> TaskState:
        """Ask for a task's state."""
        self._sendings.know(task_id)
        task = await self._api.result(task_id)
        if task is None:
            raise self._absences.missing(task_id, "HTTP 404")
        self._absences.seen(task_id)
        return _state_of(task)

    async def cancel(self, task_id: str) -> TaskState:
        """Its state: the service stops nothing."""
        return await self.poll(task_id)

    async def download(self, picture: RemotePicture) -> bytes:
        """Fetch a finished picture, without the key."""
        return await fetch_picture(self._http, picture, provider=NAME, allowed=self._outputs)

    async def find(self, order: Order, *, since: float) -> TaskState | None:
        """The task that a submission of unknown fate started, looked up in the history of the last 7 days."""
        sought = _sought(order, since)
        earliest = datetime.fromtimestamp(since - SKEW, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        listed: list[dict[str, Any]] = []
        for page in range(1, _PAGES + 1):
            asked = {"page": page, "page_size": _PAGE, "model": sought.path, "created_after": earliest}
            entries = await self._api.listed(asked)
            listed += entries
            if len(entries) < _PAGE or self._sendings.reaches_back(sought, entries):
                break
        else:
            # Somewhere further down may be another one like it.
            return None
        task_id = self._sendings.match(sought, listed)
        if task_id is None:
            return None
        self._sendings.found(sought, task_id)
        return Pending(task_id=task_id)

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


def _state_of(task: Prediction) -> TaskState:
    match (task.status or "").strip().casefold():
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
