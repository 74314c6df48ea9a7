"""Segmind: by its queue, or with the picture as the answer to the paid request (docs.segmind.com; segmind 1.3.0)."""

from __future__ import annotations

import base64
import hashlib
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode, urlsplit

from bot.domain.capabilities import ProviderFacts
from bot.domain.errors import PollFailed, ProviderUnavailable
from bot.domain.money import FREE
from bot.domain.shapes import Size
from bot.providers.absences import Absences
from bot.providers.base import Account, Done, Order, Pending, ReferenceFile, RemotePicture, SentReference, TaskState
from bot.providers.fetching import Answer, HostRule, is_loopback
from bot.providers.http import HttpClient
from bot.providers.keys import checked_key
from bot.providers.outputs import fetch_picture, is_picture, named_picture
from bot.providers.segmind_errors import poll_error, submit_error, task_failure, upload_error
from bot.providers.segmind_facts import (
    CLOCK_SKEW,
    DIRECT_SECONDS,
    HISTORY_WINDOW,
    LOW_CREDITS,
    NAME,
    OUTPUT_HOSTS,
    SEGMIND,
    SLUG,
    UPLOAD_LIFETIME,
    VANISH_GRACE,
)
from bot.providers.segmind_wire import (
    Record,
    balance,
    dollars,
    error_text,
    metrics_cost,
    pictures_in,
    record_of,
    records_of,
    status_of,
)
from bot.providers.tags import tag_or_place
from bot.providers.wire import object_of, task_id_or_none, texts

log = logging.getLogger(__name__)

BASE_URL: Final = "https://api.segmind.com"
UPLOAD_URL: Final = "https://workflows-api.segmind.com"
HISTORY_URL: Final = "https://api.spotprod.segmind.com"
_REMEMBERED: Final = 1000


class Segmind:
    """The adapter for Segmind. `mode` is `queue` (v2: a task to ask about) or `direct` (v1: the picture at once)."""

    def __init__(
        self,
        *,
        http: HttpClient,
        api_key: str,
        facts: ProviderFacts = SEGMIND,
        base_url: str = BASE_URL,
        upload_url: str = UPLOAD_URL,
        history_url: str = HISTORY_URL,
        mode: Literal["queue", "direct"] = "queue",
        output_hosts: Sequence[str] = OUTPUT_HOSTS,
        timeout: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._headers = {"x-api-key": checked_key(api_key, provider=NAME)}
        self._facts = facts
        self._base = base_url.rstrip("/")
        self._upload_url = f"{upload_url.rstrip('/')}/upload-asset"
        self._history_url = f"{history_url.rstrip('/')}/inference-request/request-history"
        self._direct = mode == "direct"
        self._timeout = max(timeout, DIRECT_SECONDS) if self._direct else timeout
        self._clock = clock
        local = is_loopback(urlsplit(base_url).hostname or "")
        self._outputs = HostRule(suffixes=tuple(host.casefold() for host in output_hosts), loopback=local)
        self._links = HostRule(public=True, loopback=local)
        self._absences = Absences(provider=NAME, grace=VANISH_GRACE, clock=clock)
        # Tasks that already belong to an order, and orders whose answer is still to come: a lookup must claim neither.
        self._claimed: OrderedDict[str, None] = OrderedDict()
        self._sending: Counter[tuple[str, Size]] = Counter()

    def __repr__(self) -> str:
        return f"Segmind(base_url={self._base!r}, mode={'direct' if self._direct else 'queue'!r})"

    @property
    def facts(self) -> ProviderFacts:
        """Models, sizes, prices and limits."""
        return self._facts

    async def prepare(self, reference: ReferenceFile) -> SentReference:
        """Put the picture into Segmind's own storage."""
        encoded = base64.b64encode(reference.content).decode("ascii")
        body = {"data_urls": [f"data:{reference.media_type};base64,{encoded}"]}
        asked_at = self._clock()
        answer = await self._http.post_json(
            self._upload_url, body, provider=NAME, headers=self._headers, limit_seconds=60.0
        )
        if not answer.ok:
            raise upload_error(answer, self._clock())
        uri = next(iter(texts(object_of(answer).get("file_urls"))), None)
        if uri is None or not self._is_link(uri):
            raise ProviderUnavailable(provider=NAME, detail="no address of the upload in the answer")
        return SentReference(tag=reference.tag, uri=uri, expires_at=asked_at + UPLOAD_LIFETIME)

    async def submit(self, order: Order) -> TaskState:
        """Send the paid request, once."""
        key = (order.prompt, order.size)
        self._sending[key] += 1
        try:
            state = await (self._submit_direct(order) if self._direct else self._enqueue(order))
        finally:
            self._sending[key] -= 1
            if not self._sending[key]:
                del self._sending[key]
        self._claim(state.task_id)
        return state

    async def poll(self, task_id: str) -> TaskState:
        """Ask for a task's state: at the queue, which forgets after an hour, then in the record of past requests."""
        url = f"{self._base}/v2/requests/{quote(task_id, safe='')}"
        answer = await self._http.get_json(f"{url}/status", provider=NAME, headers=self._headers)
        if status_of(answer) == "COMPLETED":
            answer = await self._http.get_json(url, provider=NAME, headers=self._headers)
        if answer.status in {404, 410}:
            return await self._recorded(task_id, answer.status)
        state = self._state_of(task_id, answer)
        self._absences.seen(task_id)
        self._claim(task_id)
        return state

    async def cancel(self, task_id: str) -> TaskState:
        """The state: a task cannot be stopped there."""
        return await self.poll(task_id)

    async def download(self, picture: RemotePicture) -> bytes:
        """Fetch a finished picture, without the key."""
        return await fetch_picture(self._http, picture, provider=NAME, allowed=self._outputs)

    async def find(self, order: Order, *, since: float) -> TaskState | None:
        """The one request in the history with this prompt and size, of that time, that no other order has."""
        if self._sending[order.prompt, order.size]:
            raise PollFailed(provider=NAME, detail="the same is being submitted by another order")
        day = datetime.fromtimestamp(since - CLOCK_SKEW, UTC).date().isoformat()
        query = urlencode({"page": 1, "per_page": 100, "from_date": day, "model_name": SLUG})
        answer = await self._http.get_json(f"{self._history_url}?{query}", provider=NAME, headers=self._headers)
        if not answer.ok:
            raise poll_error(answer, self._clock())
        same = [record for record in records_of(answer) if self._may_be(record, order, since)]
        if len(same) != 1:
            return None
        self._claim(same[0].request_id)
        return Pending(task_id=same[0].request_id)

    async def account(self) -> Account:
        """What is left on the operator's account."""
        url = f"{self._base}/v1/get-user-credits"
        answer = await self._http.get_json(url, provider=NAME, headers=self._headers)
        if answer.status == 404:
            # "No credits found for the user" (docs.segmind.com, account and billing APIs).
            return Account(balance=FREE)
        left = balance(answer) if answer.ok else None
        if left is None:
            raise poll_error(answer, self._clock())
        return Account(balance=left)

    def _body(self, order: Order) -> dict[str, Any]:
        references = [
            {"uri": sent.uri, "tag": tag_or_place(sent.tag, place)} for place, sent in enumerate(order.references, 1)
        ]
        return {"promptText": order.prompt, "ratio": str(order.size), "referenceImages": references}

    async def _enqueue(self, order: Order) -> TaskState:
        url = f"{self._base}/v2/{SLUG}"
        answer = await self._http.post_once(
            url, self._body(order), provider=NAME, headers=self._headers, limit_seconds=self._timeout
        )
        task_id = task_id_or_none(object_of(answer).get("request_id"))
        if not answer.ok or task_id is None:
            raise submit_error(answer, self._clock())
        return Pending(task_id=task_id)

    async def _submit_direct(self, order: Order) -> TaskState:
        url = f"{self._base}/v1/{SLUG}"
        answer = await self._http.post_once(
            url, self._body(order), provider=NAME, headers=self._headers, limit_seconds=self._timeout, direct=True
        )
        # By its first bytes: the documentation shows the picture itself and, in a sample, JSON.
        if is_picture(answer.body):
            pictures = (RemotePicture(content=answer.body),)
        else:
            pictures = tuple(named_picture(text) for text in pictures_in(object_of(answer)))
        if not answer.ok or not pictures:
            raise submit_error(answer, self._clock())
        self._watch_credits(answer)
        digest = hashlib.sha256(answer.body).hexdigest()
        task_id = task_id_or_none(answer.headers.get("x-request-id")) or f"direct-{digest}"
        return Done(task_id=task_id, pictures=pictures, cost=dollars(answer.headers.get("x-cost")))

    def _watch_credits(self, answer: Answer) -> None:
        """Every direct answer says what is left; the operator is told before the account is empty."""
        left = dollars(answer.headers.get("x-remaining-credits"))
        if left is not None and left < LOW_CREDITS:
            log.warning("segmind: only %s are left on the account", left)

    def _state_of(self, task_id: str, answer: Answer) -> TaskState:
        match status_of(answer):
            case "COMPLETED":
                pictures = tuple(named_picture(text) for text in pictures_in(object_of(answer).get("output")))
                if not pictures:
                    raise PollFailed(provider=NAME, detail="completed without a picture")
                return Done(task_id=task_id, pictures=pictures, cost=metrics_cost(answer))
            case "FAILED":
                # Comes with a 422, which is no refusal of the question.
                raise task_failure(error_text(answer))
            case _ if not answer.ok:
                raise poll_error(answer, self._clock())
            case "PROCESSING":
                return Pending(task_id=task_id, running=True)
            case "QUEUED":
                return Pending(task_id=task_id)
            case "":
                raise PollFailed(provider=NAME, detail=f"HTTP {answer.status} without a status")
            case _:
                log.warning("segmind: task with a status that is not known")
                return Pending(task_id=task_id)

    async def _recorded(self, task_id: str, status: int) -> TaskState:
        """The state by the record of past requests.

        Raises:
            TaskVanished: it is not there either, and was not there a while ago.
        """
        url = f"{self._history_url}/{quote(task_id, safe='')}"
        answer = await self._http.get_json(url, provider=NAME, headers=self._headers)
        if not answer.ok and answer.status != 404:
            raise poll_error(answer, self._clock())
        record = record_of(answer)
        if record is None or record.request_id != task_id:
            raise self._absences.missing(task_id, f"HTTP {status}")
        self._absences.seen(task_id)
        if record.status == "FAILED":
            raise task_failure(record.error)
        if record.status == "COMPLETED" and record.url:
            return Done(task_id=task_id, pictures=(named_picture(record.url),), cost=record.cost)
        return Pending(task_id=task_id, running=True)

    def _may_be(self, record: Record, order: Order, since: float) -> bool:
        """Whether a record can be of this order's submission."""
        in_time = record.created is not None and -CLOCK_SKEW <= record.created - since <= HISTORY_WINDOW
        same = record.prompt == order.prompt and record.size == order.size
        return in_time and same and record.request_id not in self._claimed

    def _claim(self, task_id: str) -> None:
        self._claimed[task_id] = None
        self._claimed.move_to_end(task_id)
        if len(self._claimed) > _REMEMBERED:
            self._claimed.popitem(last=False)

    def _is_link(self, uri: str) -> bool:
        try:
            parts = urlsplit(uri)
            return self._links.allows(scheme=parts.scheme, host=parts.hostname or "", port=parts.port)
        except ValueError:
            return False
