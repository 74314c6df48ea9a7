"""Runway's own API: one paid request, then asking for its task (docs.dev.runwayml.com; runwayml 5.24.0)."""

from __future__ import annotations

import base64
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

from pydantic import ValidationError

from bot.domain.capabilities import ProviderFacts
from bot.domain.errors import (
    OutputUnavailable,
    PollFailed,
    ProviderError,
    ProviderUnavailable,
    ReferenceRefused,
    SubmissionUnknown,
    TaskCancelled,
    TaskVanished,
)
from bot.domain.money import FREE, Money
from bot.domain.shapes import ALL_SIZES, Model
from bot.providers.absences import Absences
from bot.providers.base import Account, Done, Order, Pending, ReferenceFile, RemotePicture, SentReference, TaskState
from bot.providers.fetching import Answer, HostRule, is_loopback
from bot.providers.http import HttpClient
from bot.providers.keys import checked_key
from bot.providers.outputs import fetch_output
from bot.providers.runway_errors import poll_error, submit_error, task_failure, upload_error
from bot.providers.runway_facts import (
    API_VERSION,
    DATA_URI_LIMIT,
    NAME,
    OUTPUT_HOSTS,
    RUNWAY,
    UPLOAD_LIFETIME,
    UPLOAD_MARGIN,
    VANISH_GRACE,
)
from bot.providers.runway_wire import Accepted, Moderation, Organization, Task, UploadPlace, order_body

log = logging.getLogger(__name__)

BASE_URL: Final = "https://api.dev.runwayml.com"
_REMEMBERED: Final = 1000


class Runway:
    """The adapter for Runway. Sends the paid request once and never again."""

    def __init__(
        self,
        *,
        http: HttpClient,
        api_key: str,
        facts: ProviderFacts = RUNWAY,
        base_url: str = BASE_URL,
        moderation: Moderation = "auto",
        output_hosts: Sequence[str] = OUTPUT_HOSTS,
        timeout: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        key = checked_key(api_key, provider=NAME)
        self._http = http
        self._headers = {"Authorization": f"Bearer {key}", "X-Runway-Version": API_VERSION}
        self._facts = facts
        self._base = base_url.rstrip("/")
        self._moderation: Moderation = moderation
        self._timeout = timeout
        self._clock = clock
        local = is_loopback(urlsplit(base_url).hostname or "")
        self._outputs = HostRule(suffixes=tuple(host.casefold() for host in output_hosts), loopback=local)
        # Runway names no hosts for uploads: any public https host that its own answer names is taken.
        self._uploads = HostRule(public=True, loopback=local)
        self._absences = Absences(provider=NAME, grace=VANISH_GRACE, clock=clock)
        # What tasks of this process are estimated to cost; nothing depends on it.
        self._prices: OrderedDict[str, Money] = OrderedDict()

    def __repr__(self) -> str:
        return f"Runway(base_url={self._base!r})"

    @property
    def facts(self) -> ProviderFacts:
        """Models, sizes, prices and limits."""
        return self._facts

    async def prepare(self, reference: ReferenceFile) -> SentReference:
        """A data URI while it is short enough, otherwise an upload that can be used for a day."""
        uri = f"data:{reference.media_type};base64,{base64.b64encode(reference.content).decode('ascii')}"
        if len(uri) < DATA_URI_LIMIT:
            return SentReference(tag=reference.tag, uri=uri)
        return await self._upload(reference)

    async def submit(self, order: Order) -> TaskState:
        """Send the paid request, once."""
        url = f"{self._base}/v1/text_to_image"
        body = order_body(order, moderation=order.moderation or self._moderation)
        answer = await self._http.post_once(
            url, body, provider=NAME, headers=self._headers, limit_seconds=self._timeout
        )
        if not answer.ok:
            raise submit_error(answer, self._clock())
        try:
            accepted = Accepted.model_validate_json(answer.body)
        except ValidationError:
            raise SubmissionUnknown(provider=NAME, detail=f"HTTP {answer.status} without a task id") from None
        self._note_price(accepted.id, accepted.estimated or self._price_of(order))
        return Pending(task_id=accepted.id)

    async def poll(self, task_id: str) -> TaskState:
        """Ask for a task's state."""
        return self._state_of(await self._task(task_id))

    async def cancel(self, task_id: str) -> TaskState:
        """Stop a task. What was running is billed all the same, what waited is not (runwayml 5.24.0, tasks.delete)."""
        state = await self.poll(task_id)
        if isinstance(state, Done):
            return state
        price = self._prices.get(task_id) if state.running else FREE
        answer = await self._http.delete(self._task_url(task_id), provider=NAME, headers=self._headers)
        # A 404 comes for a deletion whose first answer was lost.
        if not answer.ok and answer.status != 404:
            raise poll_error(answer, self._clock())
        ended = await self._after_cancelling(task_id)
        if isinstance(ended, Done):
            return ended
        raise TaskCancelled(provider=NAME, billed=ended if ended is not None else price)

    async def download(self, picture: RemotePicture) -> bytes:
        """Fetch a finished picture, without the key."""
        if picture.content is not None:
            return picture.content
        if picture.url is None:
            raise OutputUnavailable(provider=NAME, detail="no link")
        return await fetch_output(self._http, picture.url, provider=NAME, allowed=self._outputs)

    async def account(self) -> Account:
        """Credits left, and what the tier allows for the plain model."""
        url = f"{self._base}/v1/organization"
        answer = await self._http.get_json(url, provider=NAME, headers=self._headers)
        if not answer.ok:
            raise poll_error(answer, self._clock())
        try:
            told = Organization.model_validate_json(answer.body)
        except ValidationError:
            raise PollFailed(provider=NAME, detail="no balance in the answer") from None
        limits, used = told.limits_of(Model.GEN4_IMAGE)
        return Account(
            balance=Money.credits(told.balance),
            concurrency=limits.at_once,
            submits_today=limits.a_day,
            submitted_today=used,
        )

    async def _upload(self, reference: ReferenceFile) -> SentReference:
        name = f"{reference.tag}.{reference.media_type.rpartition('/')[2]}"
        asked_at = self._clock()
        answer = await self._http.post_json(
            f"{self._base}/v1/uploads", {"filename": name, "type": "ephemeral"}, provider=NAME, headers=self._headers
        )
        if not answer.ok:
            raise upload_error(answer, self._clock())
        try:
            place = UploadPlace.model_validate_json(answer.body)
        except ValidationError:
            raise ProviderUnavailable(provider=NAME, detail="no upload place in the answer") from None
        file = (name, reference.content, reference.media_type)
        stored = await self._http.post_form(place.url, place.fields, file=file, allowed=self._uploads, provider=NAME)
        if stored.ok:
            expires_at = asked_at + UPLOAD_LIFETIME - UPLOAD_MARGIN
            return SentReference(tag=reference.tag, uri=place.uri, expires_at=expires_at)
        detail = f"upload: HTTP {stored.status}"
        if stored.status in {400, 411, 413, 415}:
            raise ReferenceRefused(provider=NAME, detail=detail)
        raise ProviderUnavailable(provider=NAME, detail=detail)

    async def _task(self, task_id: str) -> Task:
        """The task as the service tells it.

        Raises:
            PollFailed, RateLimited, ProviderMisconfigured: it cannot be told now.
            TaskVanished: it is not there, and was not there a while ago.
        """
        answer = await self._http.get_json(self._task_url(task_id), provider=NAME, headers=self._headers)
        if answer.status == 404:
            raise self._absences.missing(task_id, "HTTP 404")
        if not answer.ok:
            raise poll_error(answer, self._clock())
        task = _parsed(answer)
        if task.id != task_id:
            raise PollFailed(provider=NAME, detail="answer about another task")
        self._absences.seen(task_id)
        self._note_price(task_id, task.estimated)
        return task

    def _state_of(self, task: Task) -> TaskState:
        match task.status.strip().upper():
            case "SUCCEEDED":
                if not task.output:
                    raise PollFailed(provider=NAME, detail="succeeded without a picture")
                pictures = tuple(RemotePicture(url=url) for url in task.output)
                return Done(task_id=task.id, pictures=pictures, cost=task.cost)
            case "FAILED":
                raise task_failure(task, self._prices.get(task.id))
            case "CANCELLED" | "CANCELED":
                raise TaskCancelled(provider=NAME, billed=task.cost)
            case "RUNNING":
                return Pending(task_id=task.id, progress=task.progress, running=True)
            case "THROTTLED":
                return Pending(task_id=task.id, throttled=True)
            case "PENDING":
                return Pending(task_id=task.id)
            case _:
                log.warning("runway: task with a status that is not known")
                return Pending(task_id=task.id, progress=task.progress)

    async def _after_cancelling(self, task_id: str) -> Done | Money | None:
        """What the service says afterwards: a picture after all, what it bills, or nothing."""
        try:
            state = await self.poll(task_id)
        except TaskCancelled as error:
            return error.billed
        except (PollFailed, TaskVanished):
            return None
        except ProviderError as error:
            if error.billed is None:
                return None
            raise
        return state if isinstance(state, Done) else None

    def _note_price(self, task_id: str, price: Money | None) -> None:
        if price is not None:
            self._prices[task_id] = price
            self._prices.move_to_end(task_id)
        if len(self._prices) > _REMEMBERED:
            self._prices.popitem(last=False)

    def _price_of(self, order: Order) -> Money | None:
        model = self._facts.models.get(order.model)
        _, resolution = ALL_SIZES.get(order.size, (None, None))
        return model.prices.get(resolution) if model and resolution else None

    def _task_url(self, task_id: str) -> str:
        return f"{self._base}/v1/tasks/{quote(task_id, safe='')}"


def _parsed(answer: Answer) -> Task:
    try:
        return Task.model_validate_json(answer.body)
    except ValidationError:
        raise PollFailed(provider=NAME, detail=f"HTTP {answer.status} without a task") from None
