"""The calls of WaveSpeedAI's API: the key, the envelope around every answer, and what its codes mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from pydantic import ValidationError

from bot.domain.errors import PollFailed, ProviderUnavailable, SubmissionUnknown
from bot.domain.money import Money
from bot.providers.base import ReferenceFile
from bot.providers.fetching import Answer, HostRule, is_loopback
from bot.providers.http import PICTURE_ANSWER_CAP, HttpClient
from bot.providers.keys import checked_key
from bot.providers.refusals import poll_refusal, submit_refusal, upload_refusal
from bot.providers.wavespeed_facts import NAME
from bot.providers.wavespeed_wire import Balance, Envelope, Listed, Prediction, Uploaded, UploadPlace, billed_by_task

BASE_URL: Final = "https://api.wavespeed.ai/api/v3"

PAGE: Final = 100
"""Most entries that a page of history or bills has (wavespeed.ai, docs/predictions-api, docs/check-billings)."""
_BILL_SECONDS: Final = 5.0
"""A picture does not wait longer than this for its bill."""

_STILL_RUNNING: Final = 5004
"""The code of a synchronous call that took too long; its task goes on (wavespeed 2.0.5, api/client.py)."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """An answer out of its envelope: the status that counts, the service's words, and what it holds."""

    status: int
    text: str
    data: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


def _opened(answer: Answer) -> _Opened:
    """A failure may come as an HTTP status, or as a code inside an answer with 200."""
    try:
        envelope = Envelope.model_validate_json(answer.body)
    except ValidationError:
        # An error page, or an answer without an envelope: only a 2xx must not pass for a success.
        text = answer.body[:4096].decode("utf-8", "replace")
        return _Opened(0 if answer.ok else answer.status, text, {})
    status = answer.status
    if answer.ok and envelope.code is not None:
        status = envelope.code
    return _Opened(status, f"{envelope.message or ''} {envelope.data.get('error', '')}", envelope.data)


class WaveSpeedApi:
    """WaveSpeedAI's API. `timeout` is how long one paid call may take, in seconds."""

    def __init__(
        self,
        *,
        http: HttpClient,
        api_key: str,
        base_url: str = BASE_URL,
        timeout: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {checked_key(api_key, provider=NAME)}"}
        self._base = base_url.rstrip("/")
        self._timeout = timeout
        self._clock = clock
        self.local = is_loopback(urlsplit(base_url).hostname or "")
        # Uploads lie at a host that the service's own answer names; none is documented.
        self._uploads = HostRule(public=True, loopback=self.local)

    def __repr__(self) -> str:
        return f"WaveSpeedApi(base_url={self._base!r})"

    async def submit(self, path: str, body: Mapping[str, Any]) -> Prediction:
        """Send a paid request, once.

        Raises:
            SubmissionUnknown: it may have started.
            ProviderError: any other; nothing started.
        """
        url = f"{self._base}/{path}"
        answer = await self._http.post_once(
            url, body, provider=NAME, headers=self._headers, limit_seconds=self._timeout
        )
        opened = _opened(answer)
        if not opened.ok and opened.status != _STILL_RUNNING:
            raise submit_refusal(opened.status, opened.text, provider=NAME, retry_in=self._wait(answer))
        try:
            return Prediction.model_validate(opened.data)
        except ValidationError:
            raise SubmissionUnknown(provider=NAME, detail=f"HTTP {answer.status} without a task id") from None

    async def result(self, task_id: str) -> Prediction | None:
        """A task, or `None` when it is not there.

        The address that a submission's answer gives is left alone: it is this one, and asking needs the id only.

        Raises:
            PollFailed, RateLimited, ProviderMisconfigured, OutOfCredits: it cannot be told now.
        """
        url = f"{self._base}/predictions/{quote(task_id, safe='')}/result"
        answer = await self._http.get_json(url, provider=NAME, headers=self._headers, cap_bytes=PICTURE_ANSWER_CAP)
        opened = _opened(answer)
        if opened.status == 404:
            return None
        try:
            prediction = Prediction.model_validate(opened.data)
        except ValidationError:
            prediction = None
        # A failed task is a failed task, whatever code stands around it.
        if not opened.ok and (not answer.ok or prediction is None or prediction.status is None):
            raise poll_refusal(opened.status, opened.text, provider=NAME, retry_in=self._wait(answer))
        if prediction is None:
            raise PollFailed(provider=NAME, detail=f"HTTP {answer.status} without a task")
        if prediction.id != task_id:
            raise PollFailed(provider=NAME, detail="answer about another task")
        return prediction

    async def listed(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A page of the history, the latest first.

        Raises:
            PollFailed, RateLimited, ProviderMisconfigured, OutOfCredits: it cannot be told now.
        """
        answer = await self._http.post_json(
            f"{self._base}/predictions", body, provider=NAME, headers=self._headers, failed=PollFailed,
            cap_bytes=PICTURE_ANSWER_CAP,
        )  # fmt: skip
        return self._entries(answer)

    async def bills(self, task_ids: Sequence[str]) -> dict[str, Money]:
        """What these tasks were billed, refunds taken off; those without a bill (yet) are left out.

        Raises:
            PollFailed, RateLimited, ProviderMisconfigured, OutOfCredits: it cannot be told now.
        """
        answer = await self._http.post_json(
            f"{self._base}/billings/search",
            {"prediction_uuids": list(task_ids), "page": 1, "page_size": PAGE},
            provider=NAME,
            headers=self._headers,
            failed=PollFailed,
            limit_seconds=_BILL_SECONDS,
        )
        entries = self._entries(answer)
        # A full page may not be all: then some refund may be missing.
        return billed_by_task(entries) if len(entries) < PAGE else {}

    async def balance(self) -> Money:
        """What is left on the account, from the address of the older documentation or that of the newer.

        Raises:
            PollFailed, RateLimited, ProviderMisconfigured, OutOfCredits: it cannot be told now.
        """
        answer = await self._http.get_json(f"{self._base}/balance", provider=NAME, headers=self._headers)
        if _opened(answer).status == 404:
            answer = await self._http.get_json(f"{self._base}/account/balance", provider=NAME, headers=self._headers)
        opened = _opened(answer)
        if not opened.ok:
            raise poll_refusal(opened.status, opened.text, provider=NAME, retry_in=self._wait(answer))
        try:
            if opened.data:
                return Balance.model_validate(opened.data).balance
            return Balance.model_validate_json(answer.body).balance
        except ValidationError:
            raise PollFailed(provider=NAME, detail="no balance in the answer") from None

    async def upload(self, reference: ReferenceFile) -> str:
        """The link under which the service finds the reference afterwards.

        Raises:
            NotStarted, ReferenceRefused, ProviderMisconfigured, OutOfCredits: it was not taken.
        """
        name = f"{reference.tag}.{reference.media_type.rpartition('/')[2]}"
        wanted = {"filename": name, "size": len(reference.content), "content_type": reference.media_type}
        answer = await self._http.post_json(f"{self._base}/media/uploads", wanted, provider=NAME, headers=self._headers)
        if _opened(answer).status in {404, 405}:
            return self._uploaded(await self._upload_form(name, reference))
        link = self._uploaded(answer)
        place = self._place(answer)
        stored = await self._http.put_file(
            place.url, reference.content, headers=place.headers, allowed=self._uploads, provider=NAME
        )
        if not stored.ok:
            # The file host's refusals say nothing about the account.
            status = 400 if stored.status in {400, 411, 413, 415} else 500
            raise upload_refusal(status, "", provider=NAME)
        return link

    async def _upload_form(self, name: str, reference: ReferenceFile) -> Answer:
        """The older way: the file itself, with the key."""
        return await self._http.post_form(
            f"{self._base}/media/upload/binary",
            {},
            file=(name, reference.content, reference.media_type),
            allowed=HostRule(public=True, loopback=self.local),
            provider=NAME,
            headers=self._headers,
        )

    def _entries(self, answer: Answer) -> list[dict[str, Any]]:
        """The entries of a page."""
        opened = _opened(answer)
        if not opened.ok:
            raise poll_refusal(opened.status, opened.text, provider=NAME, retry_in=self._wait(answer))
        try:
            return Listed.model_validate(opened.data).items
        except ValidationError:
            raise PollFailed(provider=NAME, detail="no page in the answer") from None

    def _wait(self, answer: Answer) -> float | None:
        return answer.retry_after(self._clock())

    def _uploaded(self, answer: Answer) -> str:
        opened = _opened(answer)
        if not opened.ok:
            raise upload_refusal(opened.status, opened.text, provider=NAME, retry_in=self._wait(answer))
        try:
            return Uploaded.model_validate(opened.data).url
        except ValidationError:
            raise ProviderUnavailable(provider=NAME, detail="no link in the answer to an upload") from None

    def _place(self, answer: Answer) -> UploadPlace:
        try:
            place = UploadPlace.model_validate(_opened(answer).data.get("upload"))
        except ValidationError:
            raise ProviderUnavailable(provider=NAME, detail="no upload place in the answer") from None
        if place.method.upper() != "PUT":
            raise ProviderUnavailable(provider=NAME, detail="upload place takes no PUT")
        return place
