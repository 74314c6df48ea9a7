"""CometAPI's adapter against a strict local CometAPI: its life, its two envelopes, and all it can refuse."""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.domain.capabilities import Naming
from bot.domain.errors import (
    ConfigError,
    Moderated,
    OutOfCredits,
    PollFailed,
    ProviderError,
    ProviderMisconfigured,
    ProviderUnavailable,
    RateLimited,
    ReferenceRefused,
    RequestRefused,
    SubmissionUnknown,
    TaskCancelled,
    TaskFailed,
    TaskVanished,
)
from bot.domain.money import Money
from bot.domain.shapes import ALL_SIZES, Model, Size
from bot.providers.base import Accounting, Done, History, Pending, SentReference, TaskState
from bot.providers.cometapi import CometApi
from bot.providers.cometapi_facts import COMETAPI
from bot.providers.http import HttpClient
from tests.support.adapters import numbered, told_apart, waits_told
from tests.support.cometapi import LocalCometApi
from tests.support.ordering import a_reference, an_order
from tests.support.twin_script import Play, Reply, SubmitFault

NOW = 1_760_000_000.0
LINK = "https://cdn.discordapp.com/attachments/1/2/ref.png"


@pytest.fixture
async def comet_api() -> AsyncIterator[LocalCometApi]:
    async with LocalCometApi.open() as service:
        yield service


@pytest.fixture
def comet(comet_api: LocalCometApi, http: HttpClient) -> CometApi:
    return comet_at(comet_api, http)


def comet_at(service: LocalCometApi, http: HttpClient, **changes: Any) -> CometApi:
    values: dict[str, Any] = {
        "api_key": service.api_key,
        "base_url": service.base_url,
        "quota_url": f"{service.base_url}/user/quota",
    }
    return CometApi(http=http, **(values | changes))


def ordered(**changes: Any) -> Any:
    return an_order(**({"references": (SentReference(tag="model", uri=LINK),)} | changes))


async def ended(comet: CometApi, task_id: str) -> Done:
    for _ in range(10):
        state = await comet.poll(task_id)
        if isinstance(state, Done):
            return state
    raise AssertionError("the task does not end")


async def failure_of(comet: CometApi, service: LocalCometApi, play: Play) -> ProviderError:
    service.script(play)
    task = (await comet.submit(ordered())).task_id
    with pytest.raises(ProviderError) as caught:
        await comet.poll(task)
    return caught.value


@pytest.mark.parametrize("wrapped", [False, True])
async def test_an_order_becomes_a_picture_in_either_envelope(
    comet: CometApi, comet_api: LocalCometApi, wrapped: bool
) -> None:
    comet_api.wrapped = wrapped
    task = (await comet.submit(ordered())).task_id
    seen: list[TaskState] = [await comet.poll(task), await comet.poll(task)]
    done = await ended(comet, task)
    assert seen == [Pending(task_id=task), Pending(task_id=task, progress=0.5, running=True)]
    assert done.cost is None
    assert (await comet.download(done.pictures[0])).startswith(b"\x89PNG")
    assert (comet_api.submissions, comet_api.billed) == (1, 0.32)


async def test_the_body_says_everything_that_was_ordered(comet: CometApi, comet_api: LocalCometApi) -> None:
    await comet.submit(ordered(prompt="@model 😀", seed=4_294_967_295, size=Size(1808, 768)))
    assert comet_api.tasks[0].body == {
        "model": "gen4_image",
        "promptText": "@model 😀",
        "ratio": "1808:768",
        "seed": 4_294_967_295,
        "referenceImages": [{"uri": LINK, "tag": "model"}],
        "contentModeration": {"publicFigureThreshold": "auto"},
    }


async def test_without_a_seed_none_is_sent_and_the_threshold_is_the_operators(
    http: HttpClient, comet_api: LocalCometApi
) -> None:
    await comet_at(comet_api, http, moderation="low").submit(ordered(seed=None))
    body = comet_api.tasks[0].body
    assert "seed" not in body
    assert body["contentModeration"] == {"publicFigureThreshold": "low"}


@pytest.mark.parametrize("size", sorted(ALL_SIZES), ids=str)
async def test_every_size_of_the_table_is_taken(comet: CometApi, comet_api: LocalCometApi, size: Size) -> None:
    await comet.submit(ordered(size=size))
    assert comet_api.tasks[0].body["ratio"] == str(size)


def test_what_it_can_do_is_what_its_documentation_says() -> None:
    model = COMETAPI.models[Model.GEN4_IMAGE]
    assert set(COMETAPI.models) == {Model.GEN4_IMAGE}
    assert (model.min_references, model.max_references, model.naming) == (1, 3, Naming.TAGS)
    assert set(model.prices.values()) == {Money.dollars("0.32")}
    assert COMETAPI.reference_links
    assert {COMETAPI.cancels, COMETAPI.history} == {False}


def test_it_tells_of_the_account_and_has_no_history(comet: CometApi) -> None:
    assert isinstance(comet, Accounting)
    assert not isinstance(comet, History)


async def test_a_request_without_references_is_refused_by_its_reason(comet: CometApi) -> None:
    with pytest.raises(RequestRefused) as caught:
        await comet.submit(an_order())
    assert caught.value.key == "refused.needs_references"


@pytest.mark.parametrize(
    ("link", "taken"),
    [
        (LINK, True),
        (f"{LINK}?ex={int(NOW) + 86_400:x}&is=1&hm=ab", True),
        (f"{LINK}?ex={int(NOW) + 60:x}&is=1&hm=ab", False),
        (f"{LINK}?ex={int(NOW) - 1:x}", False),
        (f"{LINK}?ex=never", False),
        (LINK.replace("https", "http"), False),
        ("https://127.0.0.1/ref.png", False),
        ("https://10.0.0.1/ref.png", False),
        ("https://localhost/ref.png", False),
        ("https://user:pass@cdn.discordapp.com/ref.png", False),
        ("https://cdn.discordapp.com:8443/ref.png", False),
        ("https://[", False),
        (f"{LINK}?{'a' * 2048}", False),
        ("data:image/png;base64,AAAA", False),
        ("", False),
        (None, False),
    ],
)
async def test_a_reference_goes_along_as_a_link_that_can_be_opened(
    http: HttpClient, link: str | None, taken: bool
) -> None:
    comet = CometApi(http=http, api_key="sk-x", clock=lambda: NOW)
    plain = a_reference()
    reference = type(plain)(tag="model", content=plain.content, media_type="image/png", sha256="", link=link)
    if taken:
        assert await comet.prepare(reference) == SentReference(tag="model", uri=link or "")
        return
    with pytest.raises(ReferenceRefused) as caught:
        await comet.prepare(reference)
    assert caught.value.key == "provider.reference_link"


async def test_a_link_to_this_machine_is_for_a_service_on_this_machine(
    comet: CometApi, comet_api: LocalCometApi
) -> None:
    plain = a_reference()
    link = comet_api.reference_link()
    sent = await comet.prepare(
        type(plain)(tag="model", content=plain.content, media_type="image/png", sha256="", link=link)
    )
    await comet.submit(ordered(references=(sent,)))
    assert comet_api.tasks[0].body["referenceImages"][0]["uri"] == link


def error(message: str, code: str = "") -> bytes:
    said = f'"message":"{message} (request id: 1)","type":"comet_api_error","param":"","code":"{code}"'
    return b'{"error":{' + said.encode() + b"}}"


REFUSALS: list[tuple[Play, type[ProviderError]]] = [
    (Play.answers(400, error("ratio is not supported")), RequestRefused),
    (Play.answers(400, error("Failed to fetch asset.")), ReferenceRefused),
    (Play.answers(400, error("insufficient balance")), OutOfCredits),
    (Play.answers(400, error("x", "reference_images_empty")), RequestRefused),
    (Play.answers(400, b"<html>"), RequestRefused),
    (Play.answers(401, error("invalid token")), ProviderMisconfigured),
    (Play.answers(401, error("user quota is not enough")), OutOfCredits),
    (Play.answers(402), OutOfCredits),
    (Play.answers(403, error("no access")), ProviderMisconfigured),
    (Play.answers(403, error("token quota exhausted")), OutOfCredits),
    (Play.answers(404, b"<html>"), ProviderMisconfigured),
    (Play.answers(405), ProviderMisconfigured),
    (Play.answers(301, b"<html>", Location="https://elsewhere.example/"), ProviderMisconfigured),
    (Play.answers(413), ReferenceRefused),
    (Play.answers(429), RateLimited),
    (Play.answers(429, error("quota exceeded")), OutOfCredits),
    (Play.answers(500, error("bad body", "invalid_request")), RequestRefused),
    (Play.answers(500, error("oops")), SubmissionUnknown),
    (Play.answers(502), SubmissionUnknown),
    (Play.answers(503), SubmissionUnknown),
    (Play.answers(504), SubmissionUnknown),
    (Play.answers(524), SubmissionUnknown),
    (Play.answers(200, b"<html>welcome</html>"), SubmissionUnknown),
    (Play.answers(200, b"[]"), SubmissionUnknown),
    (Play.answers(200, rb'{"id":"\ud800"}'), SubmissionUnknown),
    (Play.answers(200, error("user quota is not enough")), OutOfCredits),
    (Play.answers(200, error("x", "reference_images_empty")), RequestRefused),
    (Play.answers(200, error("flagged by moderation")), Moderated),
    (Play.answers(200, error("something")), SubmissionUnknown),
    (Play(submit=SubmitFault.DROP_BEFORE), SubmissionUnknown),
    (Play(submit=SubmitFault.DROP_AFTER), SubmissionUnknown),
    (Play(submit=SubmitFault.GARBAGE), SubmissionUnknown),
    (Play(submit=SubmitFault.NO_ID), SubmissionUnknown),
]


@pytest.mark.parametrize(("play", "kind"), REFUSALS, ids=numbered(REFUSALS))
async def test_a_refused_submission_is_sent_once_and_told_apart(
    comet: CometApi, comet_api: LocalCometApi, play: Play, kind: type[ProviderError]
) -> None:
    await told_apart(comet_api, lambda: comet.submit(ordered()), play, kind)


async def test_an_empty_account_is_known_as_such(http: HttpClient) -> None:
    async with LocalCometApi.open(balance=0.3) as poor:
        with pytest.raises(OutOfCredits):
            await comet_at(poor, http).submit(ordered())
        assert not poor.tasks


async def test_the_wait_that_was_asked_for_is_handed_on(comet: CometApi, comet_api: LocalCometApi) -> None:
    plays = Play.answers(429, Retry_After="17"), Play.answers(429)
    assert await waits_told(comet_api, lambda: comet.submit(ordered()), plays) == [17.0, 10.0]


async def test_an_answer_that_never_comes_leaves_the_fate_unknown(comet_api: LocalCometApi) -> None:
    comet_api.script(Play(submit=SubmitFault.HANG_AFTER))

    class Impatient(HttpClient):
        async def post_once(self, url: str, body: object, **options: Any) -> Any:
            hurried: Any = {**options, "limit_seconds": 0.2}
            return await super().post_once(url, body, **hurried)

    async with Impatient() as http:
        with pytest.raises(SubmissionUnknown):
            await comet_at(comet_api, http).submit(ordered())
    assert (comet_api.submissions, len(comet_api.tasks)) == (1, 1)


async def test_no_connection_means_that_nothing_was_sent(http: HttpClient) -> None:
    comet = CometApi(http=http, api_key="sk-x", base_url="http://127.0.0.1:1", quota_url="http://127.0.0.1:1/q")
    with pytest.raises(ProviderUnavailable):
        await comet.submit(ordered())
    for call in (comet.poll("x"), comet.account()):
        with pytest.raises(PollFailed):
            await call


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        ("SAFETY.INPUT.TEXT", Moderated, None),
        ("SAFETY.OUTPUT.IMAGE", Moderated, None),
        ("INPUT_PREPROCESSING.SAFETY.TEXT", Moderated, None),
        ("INPUT_PREPROCESSING.INTERNAL", TaskFailed, True),
        ("INTERNAL.BAD_OUTPUT.CODE01", TaskFailed, True),
        ("INTERNAL", TaskFailed, True),
        ("THIRD_PARTY.UNAVAILABLE", TaskFailed, True),
        ("ASSET.INVALID", ReferenceRefused, None),
        ("NEW.CODE", TaskFailed, False),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
async def test_runways_failure_codes_mean_what_they_mean_there(
    comet: CometApi,
    comet_api: LocalCometApi,
    wrapped: bool,
    code: str,
    kind: type[ProviderError],
    retryable: bool | None,
) -> None:
    comet_api.wrapped = wrapped
    error = await failure_of(comet, comet_api, Play.ends("FAILED", "secret-failure-text", failureCode=code))
    assert type(error) is kind
    assert getattr(error, "retryable", None) is retryable
    assert error.billed is None
    assert "secret-failure-text" not in f"{error} {error.values}"


@pytest.mark.parametrize(
    ("failure", "kind"),
    [("upstream timed out", TaskFailed), ("content flagged as NSFW", Moderated), ("", Moderated), (None, Moderated)],
)
async def test_a_failure_in_words_is_understood_and_a_silent_one_is_moderation(
    comet: CometApi, comet_api: LocalCometApi, failure: str | None, kind: type[ProviderError]
) -> None:
    assert type(await failure_of(comet, comet_api, Play.ends("failed", failure))) is kind
    comet_api.wrapped = True
    assert type(await failure_of(comet, comet_api, Play.ends("FAILED", failure))) is kind


@pytest.mark.parametrize("status", ["CANCELLED", "canceled"])
async def test_both_spellings_of_cancelled_are_understood(
    comet: CometApi, comet_api: LocalCometApi, status: str
) -> None:
    assert type(await failure_of(comet, comet_api, Play.ends(status))) is TaskCancelled


@pytest.mark.parametrize(
    ("status", "running", "throttled"),
    [
        ("pending", False, False),
        ("QUEUED", False, False),
        ("SUBMITTED", False, False),
        ("NOT_START", False, False),
        ("IN_PROGRESS", True, False),
        ("running", True, False),
        ("THROTTLED", False, True),
        ("DREAMING", False, False),
    ],
)
async def test_every_other_status_is_a_task_that_goes_on(
    comet: CometApi, comet_api: LocalCometApi, status: str, running: bool, throttled: bool
) -> None:
    comet_api.script(Play(states=(status,), shown={"progress": None}))
    task = (await comet.submit(ordered())).task_id
    assert await comet.poll(task) == Pending(task_id=task, running=running, throttled=throttled)


async def test_a_new_task_may_be_unknown_for_half_a_minute_and_is_then_gone(
    comet_api: LocalCometApi, http: HttpClient
) -> None:
    now = [NOW]
    comet = comet_at(comet_api, http, clock=lambda: now[0])
    unknown = Reply(status=200, body=b'{"code":"task_not_exist","message":"task_not_exist"}')
    comet_api.script(Play(polls=(unknown, unknown)))
    task = (await comet.submit(ordered())).task_id
    for wait in (0, 29):
        now[0] = NOW + wait
        with pytest.raises(PollFailed):
            await comet.poll(task)
    assert isinstance(await comet.poll(task), Pending)
    with pytest.raises(PollFailed):
        await comet.poll("never-heard-of")
    now[0] += 31
    with pytest.raises(TaskVanished):
        await comet.poll("never-heard-of")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401), ProviderMisconfigured),
        (Reply(status=403), ProviderMisconfigured),
        (Reply(status=403, body=error("user quota is not enough")), OutOfCredits),
        (Reply(status=429), RateLimited),
        (Reply(status=400), PollFailed),
        (Reply(status=500), PollFailed),
        (Reply(status=503), PollFailed),
        (Reply(status=524), PollFailed),
        (Reply(status=301, headers={"Location": "/"}), PollFailed),
        (Reply(status=200, body=b"<html>"), PollFailed),
        (Reply(status=200, body=b"{}"), PollFailed),
        (Reply(status=200, body=b'{"id":"another","status":"SUCCEEDED","output":["https://x.y/a"]}'), PollFailed),
        (Reply(status=200, body=b'{"status":"SUCCEEDED","output":[]}'), PollFailed),
        (Reply(status=200, body=b'{"code":"success","data":{"data":{"data":{"status":"SUCCEEDED"}}}}'), PollFailed),
    ],
)  # fmt: skip
async def test_a_state_that_cannot_be_read_is_asked_for_again(
    comet: CometApi, comet_api: LocalCometApi, reply: Reply, kind: type[ProviderError]
) -> None:
    error = await failure_of(comet, comet_api, Play(polls=(reply,) * 3))
    assert type(error) is kind


async def test_a_task_cannot_be_stopped_so_its_state_is_told(comet: CometApi, comet_api: LocalCometApi) -> None:
    task = (await comet.submit(ordered())).task_id
    assert await comet.cancel(task) == Pending(task_id=task)
    assert {method for method, _, _ in comet_api.requests} == {"POST", "GET"}


async def test_the_account_is_asked_at_its_own_address(comet: CometApi, comet_api: LocalCometApi) -> None:
    await ended(comet, (await comet.submit(ordered())).task_id)
    account = await comet.account()
    assert account.balance == Money.dollars("99.68")
    assert comet_api.quota_query == [f"key={comet_api.api_key}"]


async def test_a_wrong_key_is_the_operators_to_mend(http: HttpClient, comet_api: LocalCometApi) -> None:
    comet = comet_at(comet_api, http, api_key="sk-wrong&admin=1")
    for call in (comet.submit(ordered()), comet.poll("x"), comet.account()):
        with pytest.raises(ProviderMisconfigured):
            await call
    assert comet_api.quota_query == ["key=sk-wrong%26admin%3D1"]
    with pytest.raises(ConfigError):
        CometApi(http=http, api_key="a\nb")


async def test_no_secret_reaches_logs_or_errors(
    comet_api: LocalCometApi, http: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    comet = comet_at(comet_api, http)
    nowhere = comet_at(comet_api, http, quota_url="http://127.0.0.1:1/user/quota")
    texts = [repr(comet)]
    comet_api.script(*(play for play, _ in REFUSALS), Play.ends("FAILED", "secret-failure-text"), Play())
    for call in [comet.submit(ordered(prompt="canary-prompt-5150")) for _ in range(len(REFUSALS) + 2)]:
        try:
            state = await call
            for _ in range(4):
                state = await comet.poll(state.task_id)
                texts.append(repr(state))
        except ProviderError as error:
            texts.append("".join(traceback.format_exception(error)) + error.detail + repr(error.values))
    with pytest.raises(PollFailed) as caught:
        await nowhere.account()
    texts.append("".join(traceback.format_exception(caught.value)))
    token = next(iter(comet_api.outputs.outputs.values())).token
    for canary in (comet_api.api_key, "canary-prompt-5150", token, "secret-failure-text", LINK):
        assert canary not in "\n".join(texts)
        assert canary not in caplog.text
