"""ModelsLab's API: one paid request that is answered with pictures or a task, then asking for it by POST."""

from __future__ import annotations

import base64
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

from pydantic import ValidationError

from bot.domain.capabilities import ProviderFacts
from bot.domain.errors import Moderated, PollFailed, ReferenceRefused, SubmissionUnknown
from bot.domain.shapes import Model
from bot.providers.absences import Absences
from bot.providers.base import Account, Done, Order, Pending, ReferenceFile, RemotePicture, SentReference, TaskState
from bot.providers.fetching import HostRule, is_loopback
from bot.providers.http import PICTURE_ANSWER_CAP, HttpClient
from bot.providers.keys import checked_key
from bot.providers.modelslab_errors import Told, poll_error, read, submit_error, upload_error
from bot.providers.modelslab_facts import (
    LABELS,
    LONGEST_REST,
    MODELSLAB,
    NAME,
    OUTPUT_HOSTS,
    REFERENCE_LIMIT,
    UPLOAD_LIFETIME,
    VANISH_GRACE,
)
from bot.providers.modelslab_wire import WalletReply
from bot.providers.orders import check_order
from bot.providers.outputs import fetch_picture, named_picture
from bot.providers.tags import named_by_place

BASE_URL: Final = "https://modelslab.com"

NAMELESS: Final = "nameless"
"""The task id of pictures that came at once and without an id; nobody can be asked about it."""

_AT_WORK: Final = frozenset({"processing", "queued", "pending"})
_REMEMBERED: Final = 1000


class ModelsLab:
    """The adapter for ModelsLab. Sends the paid request once and never again. The key goes into every body.

    With `labels` a shape is sent as the label that the service prints for it, otherwise in pixels.
    """

    def __init__(
        self,
        *,
        http: HttpClient,
        api_key: str,
        facts: ProviderFacts = MODELSLAB,
        base_url: str = BASE_URL,
        labels: bool = False,
        output_hosts: Sequence[str] = OUTPUT_HOSTS,
        timeout: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._key = checked_key(api_key, provider=NAME)
        self._facts = facts
        self._base = base_url.rstrip("/")
        self._labels = labels
        self._timeout = timeout
        self._clock = clock
        local = is_loopback(urlsplit(base_url).hostname or "")
        self._outputs = HostRule(suffixes=tuple(host.casefold() for host in output_hosts), loopback=local)
        self._absences = Absences(provider=NAME, grace=VANISH_GRACE, clock=clock)
        # Until when tasks of this process will not be done by the service's own guess; nothing depends on it.
        self._rests: OrderedDict[str, float] = OrderedDict()

    def __repr__(self) -> str:
        return f"ModelsLab(base_url={self._base!r})"

    @property
    def facts(self) -> ProviderFacts:
        """Models, sizes, prices and limits."""
        return self._facts

    async def prepare(self, reference: ReferenceFile) -> SentReference:
        """An upload that can be used for a day."""
        uri = f"data:{reference.media_type};base64,{base64.b64encode(reference.content).decode('ascii')}"
        if len(uri) > REFERENCE_LIMIT:
            raise ReferenceRefused("provider.reference_too_large", provider=NAME, detail="above 5 MB")
        asked_at = self._clock()
        answer = await self._http.post_json(
            f"{self._base}/api/v6/base64_to_url", {"key": self._key, "base64_string": uri}, provider=NAME
        )
        told = read(answer, self._clock())
        links = [link for link in told.reply.links if link.startswith(("https://", "http://"))]
        if told.reply.kind != "success" or not links:
            raise upload_error(told)
        return SentReference(tag=reference.tag, uri=links[0], expires_at=asked_at + UPLOAD_LIFETIME)

    async def submit(self, order: Order) -> TaskState:
        """Send the paid request, once."""
        path, body = self._request(order)
        answer = await self._http.post_once(
            f"{self._base}/api/v7/images/{path}", body, provider=NAME, limit_seconds=self._timeout
        )
        told = read(answer, self._clock())
        reply = told.reply
        if reply.kind == "success" and (reply.links or reply.id):
            return _done(told, reply.id or NAMELESS) if reply.links else Pending(task_id=reply.id or NAMELESS)
        if reply.kind in _AT_WORK:
            if reply.id is None:
                raise SubmissionUnknown(provider=NAME, detail=f"HTTP {answer.status} without a task id")
            return self._at_work(told, reply.id)
        raise submit_error(told)

    async def poll(self, task_id: str) -> TaskState:
        """Ask for a task's state, but not before the service has said that it may be done."""
        if self._clock() < self._rests.get(task_id, 0.0):
            return Pending(task_id=task_id, running=True)
        told = await self._fetched(task_id)
        if told.unknown_task:
            raise self._absences.missing(task_id, f"HTTP {told.answer.status}")
        reply = told.reply
        if reply.id not in {None, task_id}:
            raise PollFailed(provider=NAME, detail="answer about another task")
        self._absences.seen(task_id)
        if reply.kind == "success":
            return _done(told, task_id)
        if reply.kind in _AT_WORK:
            return self._at_work(told, task_id)
        raise poll_error(told)

    async def cancel(self, task_id: str) -> TaskState:
        """Its state: the service stops nothing."""
        return await self.poll(task_id)

    async def download(self, picture: RemotePicture) -> bytes:
        """Fetch a finished picture, without the key."""
        return await fetch_picture(self._http, picture, provider=NAME, allowed=self._outputs)

    async def account(self) -> Account:
        """What is left on the operator's account."""
        told = await self._asked("api/wallet_balance", {})
        if not told.answer.ok or told.reply.kind in {"error", "failed"}:
            raise poll_error(told)
        try:
            return Account(balance=WalletReply.model_validate_json(told.answer.body).data.balance)
        except ValidationError:
            raise PollFailed(provider=NAME, detail="no balance in the answer") from None

    def _request(self, order: Order) -> tuple[str, dict[str, Any]]:
        """Path and body. Turbo is another call: it works from exactly two pictures and decides the shape."""
        prompt = named_by_place(order.prompt, [sent.tag for sent in order.references])
        body: dict[str, Any] = {"key": self._key, "model_id": order.model.value, "prompt": prompt}
        check_order(order, self._facts)
        if order.model is Model.GEN4_IMAGE_TURBO:
            first, second = order.references
            return "image-to-image", body | {"init_image": first.uri, "init_image_2": second.uri}
        return "text-to-image", body | {"aspect_ratio": LABELS[order.size] if self._labels else str(order.size)}

    async def _fetched(self, task_id: str) -> Told:
        """What the service says about a task, at the older address where the newer one is not there."""
        told = await self._asked(f"api/v7/images/fetch/{quote(task_id, safe='')}", {})
        if told.answer.status == 404 and not told.reply.kind:
            return await self._asked("api/v6/images/fetch", {"request_id": task_id})
        return told

    async def _asked(self, path: str, body: dict[str, Any]) -> Told:
        """A question that costs nothing; the key goes along in its body."""
        answer = await self._http.post_json(
            f"{self._base}/{path}",
            {"key": self._key, **body},
            provider=NAME,
            cap_bytes=PICTURE_ANSWER_CAP,
            failed=PollFailed,
        )
        return read(answer, self._clock())

    def _at_work(self, told: Told, task_id: str) -> Pending:
        self._rests[task_id] = self._clock() + min(told.reply.eta or 0.0, LONGEST_REST)
        self._rests.move_to_end(task_id)
        if len(self._rests) > _REMEMBERED:
            self._rests.popitem(last=False)
        return Pending(task_id=task_id, running=True)


def _done(told: Told, task_id: str) -> Done:
    if told.reply.nsfw:
        raise Moderated("provider.moderated_output", provider=NAME, detail="nsfw")
    if not told.reply.links:
        raise PollFailed(provider=NAME, detail="success without a picture")
    return Done(task_id=task_id, pictures=tuple(named_picture(link) for link in told.reply.links))
