"""CometAPI: Runway's API at another address, with its own envelopes and errors (apidoc.cometapi.com)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from bot.domain.capabilities import ProviderFacts
from bot.domain.errors import PollFailed, ReferenceRefused, TaskCancelled
from bot.providers.absences import Absences
from bot.providers.base import Account, Done, Order, Pending, ReferenceFile, RemotePicture, SentReference, TaskState
from bot.providers.cometapi_errors import poll_error, submit_error, task_failure
from bot.providers.cometapi_facts import (
    API_VERSION,
    COMETAPI,
    LINK_LENGTH,
    LINK_MARGIN,
    NAME,
    OUTPUT_HOSTS,
    VANISH_GRACE,
)
from bot.providers.cometapi_wire import Told, balance, is_unknown_task, told
from bot.providers.fetching import HostRule, is_loopback
from bot.providers.http import HttpClient
from bot.providers.keys import checked_key
from bot.providers.outputs import fetch_picture, named_picture
from bot.providers.runway_wire import Moderation, order_body

log = logging.getLogger(__name__)

BASE_URL: Final = "https://api.cometapi.com"
QUOTA_URL: Final = "https://query.cometapi.com/user/quota"


class CometApi:
    """The adapter for CometAPI. References go there as links only: it keeps no uploads."""

    def __init__(
        self,
        *,
        http: HttpClient,
        api_key: str,
        facts: ProviderFacts = COMETAPI,
        base_url: str = BASE_URL,
        quota_url: str = QUOTA_URL,
        moderation: Moderation = "auto",
        output_hosts: Sequence[str] = OUTPUT_HOSTS,
        timeout: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._key = checked_key(api_key, provider=NAME)
        self._http = http
        self._headers = {"Authorization": f"Bearer {self._key}", "X-Runway-Version": API_VERSION}
        self._facts = facts
        self._base = f"{base_url.rstrip('/')}/runwayml/v1"
        self._quota_url = quota_url
        self._moderation: Moderation = moderation
        self._timeout = timeout
        self._clock = clock
        local = is_loopback(urlsplit(base_url).hostname or "")
        self._outputs = HostRule(suffixes=tuple(host.casefold() for host in output_hosts), loopback=local)
        self._links = HostRule(public=True, loopback=local)
        self._absences = Absences(provider=NAME, grace=VANISH_GRACE, clock=clock)

    def __repr__(self) -> str:
        return f"CometApi(base_url={self._base!r})"

    @property
    def facts(self) -> ProviderFacts:
        """Models, sizes, prices and limits."""
        return self._facts

    async def prepare(self, reference: ReferenceFile) -> SentReference:
        """The link to the person's own file, while it can be opened.

        Raises:
            ReferenceRefused: there is none, or it has expired.
        """
        if reference.link is None or not self._opens(reference.link):
            raise ReferenceRefused("provider.reference_link", provider=NAME, detail="no link that can be opened")
        return SentReference(tag=reference.tag, uri=reference.link)

    async def submit(self, order: Order) -> TaskState:
        """Send the paid request, once."""
        url = f"{self._base}/text_to_image"
        body = order_body(order, moderation=order.moderation or self._moderation)
        answer = await self._http.post_once(
            url, body, provider=NAME, headers=self._headers, limit_seconds=self._timeout
        )
        ids = told(answer).ids if answer.ok else ()
        if not ids:
            raise submit_error(answer, self._clock())
        # Inside an envelope the outer one is the service's own name for the task.
        return Pending(task_id=ids[-1])

    async def poll(self, task_id: str) -> TaskState:
        """Ask for a task's state."""
        url = f"{self._base}/tasks/{quote(task_id, safe='')}"
        answer = await self._http.get_json(url, provider=NAME, headers=self._headers)
        found = told(answer)
        if not found.statuses and is_unknown_task(answer):
            raise self._absences.missing(task_id, f"HTTP {answer.status} task_not_exist")
        if not answer.ok:
            raise poll_error(answer, self._clock())
        if not found.statuses:
            raise PollFailed(provider=NAME, detail=f"HTTP {answer.status} without a task")
        if found.ids and task_id not in found.ids:
            raise PollFailed(provider=NAME, detail="answer about another task")
        self._absences.seen(task_id)
        return _state_of(task_id, found)

    async def cancel(self, task_id: str) -> TaskState:
        """The state: a task cannot be stopped there."""
        return await self.poll(task_id)

    async def download(self, picture: RemotePicture) -> bytes:
        """Fetch a finished picture, without the key."""
        return await fetch_picture(self._http, picture, provider=NAME, allowed=self._outputs)

    async def account(self) -> Account:
        """What is left on the operator's account. The key is part of the address, as the service wants it."""
        url = f"{self._quota_url}?{urlencode({'key': self._key})}"
        answer = await self._http.get_json(url, provider=NAME)
        left = balance(answer) if answer.ok else None
        if left is None:
            raise poll_error(answer, self._clock())
        return Account(balance=left)

    def _opens(self, link: str) -> bool:
        """Whether anybody on the internet can open the link, for some time yet."""
        try:
            parts = urlsplit(link)
            allowed = self._links.allows(scheme=parts.scheme, host=parts.hostname or "", port=parts.port)
            # Discord's signed links carry the second in which they expire, in hexadecimal (`ex`).
            expiries = [int(value, 16) for value in parse_qs(parts.query).get("ex", [])]
        except ValueError:
            return False
        soon = self._clock() + LINK_MARGIN
        plain = link.isascii() and link.isprintable() and parts.username is None and len(link) <= LINK_LENGTH
        return allowed and plain and all(expiry > soon for expiry in expiries)


def _state_of(task_id: str, found: Told) -> TaskState:
    if found.is_any("SUCCEEDED", "SUCCESS", "COMPLETED"):
        if not found.output:
            raise PollFailed(provider=NAME, detail="succeeded without a picture")
        return Done(task_id=task_id, pictures=tuple(named_picture(text) for text in found.output))
    if found.is_any("FAILED", "FAILURE"):
        raise task_failure(found)
    if found.is_any("CANCELLED", "CANCELED"):
        raise TaskCancelled(provider=NAME)
    if found.is_any("RUNNING", "IN_PROGRESS", "PROCESSING"):
        return Pending(task_id=task_id, progress=found.progress, running=True)
    if found.is_any("THROTTLED"):
        return Pending(task_id=task_id, throttled=True)
    if not found.is_any("PENDING", "QUEUED", "SUBMITTED", "NOT_START"):
        log.warning("cometapi: task with a status that is not known")
    return Pending(task_id=task_id)
