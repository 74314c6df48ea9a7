"""What every image service's adapter makes of faults: nothing is paid twice, and every error says what is known."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import httpx
import pytest

from bot.domain.errors import (
    ConfigError,
    Moderated,
    NotStarted,
    OutputUnavailable,
    PollFailed,
    ProviderError,
    ProviderMisconfigured,
    ProviderUnavailable,
    RateLimited,
    ReferenceRefused,
    RequestRefused,
    SubmissionUnknown,
    TaskFailed,
)
from bot.providers import outputs
from bot.providers.base import Provider, RemotePicture
from bot.providers.http import ATTEMPTS, HttpClient
from bot.providers.outputs import OUTPUT_REDIRECTS
from bot.provisioning import open_providers
from bot.settings import Settings
from tests.support.adapters import at_once
from tests.support.meddling import Meddler
from tests.support.services import OWN_HOSTS, SERVICES, Stand, finished
from tests.support.twin_script import OutputFault, Reply, SubmitFault

NOT_SENT = [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")]
LOST = [
    httpx.ReadTimeout("x"),
    httpx.WriteTimeout("x"),
    httpx.ReadError("x"),
    httpx.WriteError("x"),
    httpx.CloseError("x"),
    httpx.RemoteProtocolError("x"),
    OSError("x"),
]
GATEWAY = [408, 409, 425, 500, 501, 502, 503, 504, 520, 522, 524]
REFUSED = {
    301: ProviderMisconfigured,
    302: ProviderMisconfigured,
    307: ProviderMisconfigured,
    400: RequestRefused,
    401: ProviderMisconfigured,
    403: ProviderMisconfigured,
    404: ProviderMisconfigured,
    405: ProviderMisconfigured,
    413: ReferenceRefused,
    422: RequestRefused,
    429: RateLimited,
}
NO_STATE = [b"", b"{}", b"[]", b"null", b"<html>busy</html>", b'{"status":NaN}', b"[" * 5000]


async def refusal_of(provider: Provider, stand: Stand, **changes: Any) -> ProviderError:
    order = await stand.order(**changes)
    with pytest.raises(ProviderError) as caught:
        await provider.submit(order)
    return caught.value


# -- the paid request --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", NOT_SENT, ids=lambda error: type(error).__name__)
async def test_without_a_connection_nothing_has_started(remote: Stand, error: Exception) -> None:
    async with HttpClient(transport=Meddler(before=error), sleep=at_once) as http:
        assert isinstance(await refusal_of(remote.again(http=http), remote), ProviderUnavailable)
    assert remote.local.submissions == 0


async def test_where_nobody_listens_nothing_has_started(remote: Stand) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        nowhere = remote.again(base_url=f"http://127.0.0.1:{reserved.getsockname()[1]}")
        assert isinstance(await refusal_of(nowhere, remote), ProviderUnavailable)


@pytest.mark.parametrize("error", LOST, ids=lambda error: type(error).__name__)
async def test_when_the_answer_is_lost_the_fate_is_unknown_and_nothing_is_sent_again(
    remote: Stand, error: Exception
) -> None:
    async with HttpClient(transport=Meddler(after=error), sleep=at_once) as http:
        assert isinstance(await refusal_of(remote.again(http=http), remote), SubmissionUnknown)
    assert (remote.local.submissions, len(remote.local.tasks)) == (1, 1)


UNANSWERED = sorted(set(SubmitFault) - {SubmitFault.NONE, SubmitFault.TRICKLE})


@pytest.mark.parametrize("fault", UNANSWERED)
async def test_a_connection_that_breaks_leaves_the_fate_unknown(remote: Stand, fault: SubmitFault) -> None:
    if fault in {SubmitFault.HANG_BEFORE, SubmitFault.HANG_AFTER, SubmitFault.DRIP} and not remote.remote.queues:
        return  # a direct answer is waited for until the picture must be there
    remote.script(submit=fault)
    assert isinstance(await refusal_of(remote.again(timeout=0.3), remote), SubmissionUnknown)
    started = fault not in {SubmitFault.DROP_BEFORE, SubmitFault.HANG_BEFORE}
    assert (remote.local.submissions, len(remote.local.tasks)) == (1, started)


async def test_answers_and_pictures_that_come_byte_by_byte_are_taken_when_they_come_in_time(queue: Stand) -> None:
    queue.script(submit=SubmitFault.TRICKLE, output=OutputFault.TRICKLE)
    done = await finished(queue.provider, await queue.provider.submit(await queue.order()))
    assert (await queue.provider.download(done.pictures[0])).startswith(b"\x89PNG")
    assert (queue.local.submissions, len(queue.local.tasks)) == (1, 1)


async def test_the_operator_sets_how_long_an_answer_is_waited_for(queue: Stand, http: HttpClient) -> None:
    hosts = {name: queue.local.base_url + path for name, path in queue.remote.hosts.items()}
    table = {"api_key": queue.local.api_key, "timeout": 0.3, "price_720p": 1, "price_1080p": 1, **hosts}
    queue.script(submit=SubmitFault.HANG_AFTER)
    async with open_providers(Settings.model_validate({"providers": {queue.facts.name: table}}), http) as providers:
        async with asyncio.timeout(10):
            assert isinstance(await refusal_of(providers[queue.facts.name], queue), SubmissionUnknown)
    assert len(queue.local.tasks) == 1


@pytest.mark.parametrize("status", GATEWAY)
async def test_a_gateway_that_answers_for_the_service_does_not_deny_what_was_started(
    remote: Stand, status: int
) -> None:
    async with HttpClient(transport=Meddler(answer=(status, b"<html>gateway</html>")), sleep=at_once) as http:
        error = await refusal_of(remote.again(http=http), remote)
    # Runway alone documents that these two are given before anything starts.
    shed = remote.facts.name == "runway" and status in {502, 503}
    assert type(error) is (ProviderUnavailable if shed else SubmissionUnknown)
    assert (remote.local.submissions, len(remote.local.tasks)) == (1, 1)


@pytest.mark.parametrize("status", REFUSED)
async def test_a_refusal_starts_nothing_and_is_not_argued_with(remote: Stand, status: int) -> None:
    headers = {"Location": f"{remote.local.base_url}/elsewhere", "Retry-After": "7"}
    remote.script(reply=Reply(status=status, body=b'{"error":"no"}', headers=headers))
    error = await refusal_of(remote.provider, remote)
    assert type(error) is REFUSED[status]
    assert error.retry_in == (7.0 if status == 429 else None)
    assert (remote.local.submissions, len(remote.local.tasks)) == (1, 0)
    assert isinstance(error, NotStarted) is (status == 429)


async def test_a_key_that_is_not_accepted_starts_nothing(remote: Stand) -> None:
    assert type(await refusal_of(remote.again(api_key="wrong"), remote)) is ProviderMisconfigured
    assert remote.local.tasks == []


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("key", ["", " ", "with\nnewline", "schlüssel"])
def test_a_key_that_no_header_can_carry_is_the_operators_to_mend(http: HttpClient, name: str, key: str) -> None:
    with pytest.raises(ConfigError):
        SERVICES[name].adapter(http=http, api_key=key, **SERVICES[name].settings)


# -- asking for the task -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 522, 524])
async def test_a_state_that_is_not_told_now_is_told_later(queue: Stand, status: int) -> None:
    queue.script(polls=(Reply(status=status, body=b"<html>busy</html>"),) * ATTEMPTS)
    task = (await queue.provider.submit(await queue.order())).task_id
    with pytest.raises((PollFailed, RateLimited)):
        await queue.provider.poll(task)
    assert await finished(queue.provider, await queue.provider.poll(task))
    assert len(queue.local.tasks) == 1


@pytest.mark.parametrize("body", NO_STATE, ids=lambda body: body[:20].decode())
async def test_an_answer_without_a_state_ends_nothing(queue: Stand, body: bytes) -> None:
    queue.script(polls=(Reply(status=200, body=body),))
    task = (await queue.provider.submit(await queue.order())).task_id
    with pytest.raises(PollFailed):
        await queue.provider.poll(task)
    assert await finished(queue.provider, await queue.provider.poll(task))


@pytest.mark.parametrize("error", [*NOT_SENT, *LOST], ids=lambda error: type(error).__name__)
async def test_a_lost_connection_ends_no_task(queue: Stand, error: Exception) -> None:
    state = await queue.provider.submit(await queue.order())
    meddler = Meddler(after=error) if error in LOST else Meddler(before=error)
    async with HttpClient(transport=meddler, sleep=at_once) as http:
        with pytest.raises(PollFailed):
            await queue.again(http=http).poll(state.task_id)
    assert meddler.sent == (ATTEMPTS if error in LOST else 0)
    assert await finished(queue.provider, await queue.provider.poll(state.task_id))


async def test_what_was_declined_or_failed_stays_so_and_is_told_apart(queue: Stand) -> None:
    queue.local.script(queue.remote.moderated, queue.remote.failed)
    for kind in (Moderated, TaskFailed):
        task = (await queue.provider.submit(await queue.order())).task_id
        for provider in (queue.provider, queue.again()):
            with pytest.raises(ProviderError) as caught:
                await finished(provider, await provider.poll(task))
            assert type(caught.value) is kind
            assert not isinstance(caught.value, TaskFailed) or caught.value.retryable


async def test_a_task_without_an_end_goes_on(queue: Stand) -> None:
    queue.local.script(queue.remote.endless)
    task = (await queue.provider.submit(await queue.order())).task_id
    states = [await queue.provider.poll(task) for _ in range(3)]
    assert states[0] == states[1] == states[2]
    assert not isinstance(states[0], BaseException)


# -- fetching the picture ----------------------------------------------------------------------------------------------


async def made(stand: Stand, fault: OutputFault, good_after: int | None = None) -> tuple[str, RemotePicture]:
    stand.script(output=fault, good_output_after=good_after)
    done = await finished(stand.provider, await stand.provider.submit(await stand.order()))
    return done.task_id, done.pictures[0]


DAMAGED = set(OutputFault) - {OutputFault.NONE, OutputFault.REDIRECT, OutputFault.CUT, OutputFault.TRICKLE}
# Half a picture that is announced as a whole one is found out when it is decoded.


@pytest.mark.parametrize("fault", sorted(DAMAGED))
async def test_what_is_no_whole_picture_is_not_taken_and_a_fresh_link_may_help(
    queue: Stand, fault: OutputFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault is OutputFault.DRIP:
        monkeypatch.setattr(outputs, "OUTPUT_SECONDS", 0.3)
    loops = OUTPUT_REDIRECTS + 1 if fault is OutputFault.LOOP else 1
    task, picture = await made(queue, fault, good_after=loops)
    with pytest.raises(OutputUnavailable):
        await queue.provider.download(picture)
    monkeypatch.undo()
    fresh = await finished(queue.provider, await queue.provider.poll(task))
    assert (await queue.provider.download(fresh.pictures[0])).startswith(b"\x89PNG")
    assert len(queue.local.tasks) == 1


async def test_a_redirect_to_the_picture_is_followed(queue: Stand) -> None:
    _, picture = await made(queue, OutputFault.REDIRECT)
    assert (await queue.provider.download(picture)).startswith(b"\x89PNG")


class Visits:
    """Answers every request with a picture, and keeps where it went."""

    def __init__(self) -> None:
        self.hosts: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.hosts.append(request.url.host)
        assert "key" not in json.dumps(list(request.headers.items()))
        return httpx.Response(200, stream=httpx.ByteStream(b"\x89PNG\r\n\x1a\n"))


@pytest.mark.parametrize("name", SERVICES)
async def test_pictures_are_fetched_from_the_services_own_hosts_only(name: str) -> None:
    service, own, visits = SERVICES[name], OWN_HOSTS[name], Visits()
    async with HttpClient(transport=httpx.MockTransport(visits), sleep=at_once) as http:
        provider = service.adapter(http=http, api_key="canary-key", **service.settings)
        for address in (
            f"http://{own}/a.png",
            f"https://{own}:8443/a.png",
            f"https://someone:secret@{own}/a.png",
            "https://evil" + ".".join(own.split(".")[-2:]) + "/a.png",
            f"https://{own}.evil.example/a.png",
            "https://evil.example/a.png",
            "http://127.0.0.1/a.png",
            "https://localhost/a.png",
            "https://[::1]/a.png",
            "http://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
            "https://[",
            "",
        ):
            with pytest.raises(OutputUnavailable):
                await provider.download(RemotePicture(url=address))
        with pytest.raises(OutputUnavailable):
            await provider.download(RemotePicture())
        assert visits.hosts == []
        assert await provider.download(RemotePicture(url=f"https://{own}/a.png"))
    assert visits.hosts == [own]
