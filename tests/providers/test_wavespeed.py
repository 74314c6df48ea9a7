"""WaveSpeedAI's tasks from the order to the picture, and every refusal on the way, against a strict local one."""

from __future__ import annotations

import base64
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.capabilities import Naming
from bot.domain.errors import (
    Moderated,
    NotStarted,
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
from bot.domain.money import FREE, Money
from bot.domain.shapes import SIZES, Model, Ratio, Resolution, Shape, Size
from bot.providers.base import Accounting, Done, History, Order, Pending, Provider, SentReference
from bot.providers.http import HttpClient
from bot.providers.wavespeed import WaveSpeed
from bot.providers.wavespeed_facts import WAVESPEED, leaving_tags
from tests.support.adapters import HEADERS, JSON, bodies, ended, numbered, outcome, survives, told_apart, waits_told
from tests.support.ordering import a_reference, an_order
from tests.support.twin_files import picture
from tests.support.twin_script import Play, Reply, SubmitFault
from tests.support.wavespeed import PIXELS, LocalWaveSpeed


@pytest.fixture
async def twin() -> AsyncIterator[LocalWaveSpeed]:
    async with LocalWaveSpeed.open() as twin:
        yield twin


@pytest.fixture
def wavespeed(twin: LocalWaveSpeed, http: HttpClient) -> WaveSpeed:
    return WaveSpeed(http=http, api_key=twin.api_key, base_url=twin.api)


async def started(wavespeed: WaveSpeed, **changes: Any) -> str:
    return (await wavespeed.submit(an_order(**changes))).task_id


async def failure_of(wavespeed: WaveSpeed, twin: LocalWaveSpeed, play: Play) -> ProviderError:
    twin.script(play)
    task = await started(wavespeed)
    with pytest.raises(ProviderError) as caught:
        await wavespeed.poll(task)
    return caught.value


async def test_an_order_becomes_a_picture_and_is_billed_once(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    provider: Provider = wavespeed
    task = await started(wavespeed)
    states = [await provider.poll(task), await provider.poll(task)]
    done = await ended(provider, task)
    assert states == [Pending(task_id=task), Pending(task_id=task, running=True)]
    assert await provider.download(done.pictures[0]) == picture("1280:720", 7)
    assert (twin.submissions, twin.billed, done.cost) == (1, 0.05, Money.dollars("0.05"))
    assert isinstance(provider, History)
    assert isinstance(provider, Accounting)


async def test_the_body_says_everything_that_was_ordered(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    sent = [await wavespeed.prepare(a_reference(tag)) for tag in ("model", "cloth")]
    await started(wavespeed, prompt="@cloth on @model 😀", references=tuple(sent), size=Size(1080, 1440))
    assert twin.tasks[0].body == {
        "_model": "runwayml/gen4-image",
        "prompt": "the second reference image (cloth) on the first reference image (model) 😀",
        "aspect_ratio": "3:4",
        "resolution": "1080p",
        "reference_images": [sent[0].uri, sent[1].uri],
        "seed": 7,
        "enable_base64_output": False,
    }


@pytest.mark.parametrize("model", Model)
async def test_tags_are_left_in_the_prompt_where_the_operator_says_so(
    twin: LocalWaveSpeed, http: HttpClient, model: Model
) -> None:
    wavespeed = WaveSpeed(http=http, api_key=twin.api_key, base_url=twin.api, facts=leaving_tags(WAVESPEED))
    sent = await wavespeed.prepare(a_reference("model"))
    await started(wavespeed, prompt="@model in the rain", references=(sent,), model=model)
    assert twin.tasks[0].body["prompt"] == "@model in the rain"
    assert twin.tasks[0].body["reference_images"] == [sent.uri]


async def test_without_seed_and_references_neither_is_sent(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    await started(wavespeed, seed=None)
    assert {"seed", "reference_images"}.isdisjoint(twin.tasks[0].body)


async def test_turbo_has_an_address_and_a_price_of_its_own(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    sent = await wavespeed.prepare(a_reference())
    await ended(wavespeed, await started(wavespeed, model=Model.GEN4_IMAGE_TURBO, references=(sent,)))
    assert twin.tasks[0].body["_model"] == "runwayml/gen4-image-turbo"
    facts = WAVESPEED.models[Model.GEN4_IMAGE_TURBO]
    assert (twin.billed, facts.min_references) == (0.03, 1)
    assert set(facts.prices.values()) == {Money.dollars("0.03")}


@pytest.mark.parametrize("shape", SIZES, ids=lambda shape: "-".join(shape))
async def test_every_cell_of_the_size_table(
    wavespeed: WaveSpeed, twin: LocalWaveSpeed, shape: tuple[Ratio, Resolution]
) -> None:
    facts = WAVESPEED.models[Model.GEN4_IMAGE]
    size = facts.size_of(Shape(ratio=shape[0], resolution=shape[1]))
    if shape[0] is Ratio.CINEMA:
        assert size is None
        return
    assert size is not None
    await started(wavespeed, size=size)
    body = twin.tasks[0].body
    assert (body["aspect_ratio"], body["resolution"]) == shape
    assert PIXELS[shape] == str(size)
    assert facts.prices[shape[1]] == Money.dollars(twin.tasks[0].price)


async def test_what_the_facts_leave_out_is_not_offered(wavespeed: WaveSpeed) -> None:
    facts = WAVESPEED.models[Model.GEN4_IMAGE]
    assert facts.size_of(Shape.of_size(Size(1024, 1024))) is None
    assert (
        (0 in facts.seeds, 2**31 - 1 in facts.seeds, 2**31 in facts.seeds)
        if facts.seeds
        else ()
        == (
            False,
            True,
            False,
        )
    )
    assert facts.naming is Naming.PLACES
    with pytest.raises(RequestRefused):
        await wavespeed.submit(an_order(size=Size(1, 1)))


REFUSALS: list[tuple[Play, type[ProviderError]]] = [
    (Play.answers(400, b'{"code":400,"message":"property aspect_ratio is invalid"}'), RequestRefused),
    (Play.answers(400, b'{"code":400,"message":"Insufficient credits"}'), OutOfCredits),
    (Play.answers(400, b'{"code":400,"message":"prompt flagged as sensitive content"}'), Moderated),
    (Play.answers(400, b'{"code":400,"message":"failed to download image"}'), ReferenceRefused),
    (Play.answers(400, b"<html>"), RequestRefused),
    (Play.answers(401, b'{"code":401,"message":"invalid key"}'), ProviderMisconfigured),
    (Play.answers(402), OutOfCredits),
    (Play.answers(403, b'{"code":403,"message":"account issue"}'), ProviderMisconfigured),
    (Play.answers(403, b'{"code":403,"message":"your balance is insufficient"}'), OutOfCredits),
    (Play.answers(404), ProviderMisconfigured),
    (Play.answers(301, Location="https://elsewhere.example/"), ProviderMisconfigured),
    (Play.answers(429), RateLimited),
    (Play.answers(500), SubmissionUnknown),
    (Play.answers(502), SubmissionUnknown),
    (Play.answers(503), SubmissionUnknown),
    (Play.answers(504), SubmissionUnknown),
    (Play.answers(200, b'{"code":400,"message":"bad"}'), RequestRefused),
    (Play.answers(200, b'{"code":401,"message":"bad"}'), ProviderMisconfigured),
    (Play.answers(200, b'{"code":429,"message":"slow down"}'), RateLimited),
    (Play.answers(200, b'{"code":500,"message":"bad"}'), SubmissionUnknown),
    (Play.answers(200, b'{"code":1001,"message":"what"}'), SubmissionUnknown),
    (Play.answers(200, b'{"code":5004,"message":"Sync mode timed out"}'), SubmissionUnknown),
    (Play.answers(200, b'{"code":200,"data":{"status":"created"}}'), SubmissionUnknown),
    (Play.answers(200, b"[]"), SubmissionUnknown),
    (Play(submit=SubmitFault.DROP_BEFORE), SubmissionUnknown),
    (Play(submit=SubmitFault.DROP_AFTER), SubmissionUnknown),
    (Play(submit=SubmitFault.GARBAGE), SubmissionUnknown),
    (Play(submit=SubmitFault.NO_ID), SubmissionUnknown),
]


@pytest.mark.parametrize(("play", "kind"), REFUSALS, ids=numbered(REFUSALS))
async def test_a_refused_submission_is_sent_once_and_told_apart(
    wavespeed: WaveSpeed, twin: LocalWaveSpeed, play: Play, kind: type[ProviderError]
) -> None:
    await told_apart(twin, lambda: started(wavespeed), play, kind)


async def test_a_silent_service_leaves_the_fate_unknown(twin: LocalWaveSpeed, http: HttpClient) -> None:
    wavespeed = WaveSpeed(http=http, api_key=twin.api_key, base_url=twin.api, timeout=0.2)
    twin.script(Play(submit=SubmitFault.HANG_BEFORE), Play(submit=SubmitFault.HANG_AFTER))
    for _ in range(2):
        with pytest.raises(SubmissionUnknown):
            await started(wavespeed)
    assert twin.submissions == 2


async def test_an_empty_account_is_told(http: HttpClient) -> None:
    async with LocalWaveSpeed.open(balance=0.01) as twin:
        with pytest.raises(OutOfCredits):
            await started(WaveSpeed(http=http, api_key=twin.api_key, base_url=twin.api))


async def test_the_wait_that_was_asked_for_is_handed_on(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    plays = Play.answers(429, Retry_After="17"), Play.answers(429)
    assert await waits_told(twin, lambda: started(wavespeed), plays) == [17.0, 10.0]


async def test_no_connection_means_that_nothing_was_sent(http: HttpClient) -> None:
    wavespeed = WaveSpeed(http=http, api_key="key", base_url="http://127.0.0.1:1/api/v3")
    with pytest.raises(ProviderUnavailable):
        await started(wavespeed)
    with pytest.raises(PollFailed):
        await wavespeed.poll("task")
    with pytest.raises(PollFailed):
        await wavespeed.find(an_order(), since=0)
    with pytest.raises(NotStarted):
        await wavespeed.prepare(a_reference())


@pytest.mark.parametrize(
    ("status", "text", "kind", "retryable"),
    [
        ("failed", "", TaskFailed, False),
        ("failed", "something odd", TaskFailed, False),
        ("failed", "upstream said HTTP 503", TaskFailed, True),
        ("failed", "HTTP 429 from the model", TaskFailed, True),
        ("failed", "content flagged by moderation", Moderated, None),
        ("failed", "SAFETY.INPUT.TEXT", Moderated, None),
        ("failed", "INTERNAL.BAD_OUTPUT.CODE01", TaskFailed, True),
        ("failed", "could not download image", ReferenceRefused, None),
        ("timeout", "", TaskFailed, False),
        ("deleted", "", TaskFailed, False),
        ("cancelled", "", TaskCancelled, None),
    ],
)
async def test_an_end_without_a_picture_is_told_apart(
    wavespeed: WaveSpeed,
    twin: LocalWaveSpeed,
    status: str,
    text: str,
    kind: type[ProviderError],
    retryable: bool | None,
) -> None:
    error = await failure_of(wavespeed, twin, Play.ends(status, f"{text} secret-failure-text" if text else None))
    assert type(error) is kind
    assert getattr(error, "retryable", None) is retryable
    assert error.billed == FREE
    assert "secret-failure-text" not in f"{error} {error.detail} {error.values}"


async def test_a_failure_inside_another_code_is_a_failure(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    task = await started(wavespeed)
    body = f'{{"code":500,"message":"failed","data":{{"id":"{task}","status":"failed","error":"x"}}}}'
    twin.tasks[0].proceed(Play(polls=(Reply(status=200, body=body.encode()),)))
    with pytest.raises(TaskFailed):
        await wavespeed.poll(task)


@pytest.mark.parametrize(
    ("flags", "outputs", "left"),
    [([True], 1, None), ([True, False], 2, 1), ([True], 2, None), ([], 1, 1), ([True], 0, None), ("yes", 1, 1)],
)
async def test_a_flagged_picture_is_withheld(
    wavespeed: WaveSpeed, twin: LocalWaveSpeed, flags: Any, outputs: int, left: int | None
) -> None:
    links = [f"{twin.base_url}/{number}" for number in range(outputs)]
    twin.script(Play(states=("completed",), shown={"has_nsfw_contents": flags, "outputs": links}))
    task = await started(wavespeed)
    if left is None:
        with pytest.raises(Moderated) as caught:
            await wavespeed.poll(task)
        assert caught.value.key == "provider.moderated_output"
    else:
        state = await wavespeed.poll(task)
        assert isinstance(state, Done)
        assert [each.url for each in state.pictures] == links[-left:]


@pytest.mark.parametrize("form", ["naked", "uri", "single"])
async def test_base64_in_the_answer_is_the_picture(wavespeed: WaveSpeed, twin: LocalWaveSpeed, form: str) -> None:
    content = picture("1280:720", 3)
    naked = base64.b64encode(content).decode()
    output = {"naked": [naked], "uri": [f"data:image/png;base64,{naked}"], "single": naked}[form]
    twin.script(Play(states=("completed",), shown={"outputs": output}))
    done = await ended(wavespeed, await started(wavespeed))
    assert done.pictures[0].url is None
    assert await wavespeed.download(done.pictures[0]) == content


async def test_a_success_without_a_picture_is_asked_for_again(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    error = await failure_of(wavespeed, twin, Play(states=("completed",), shown={"outputs": []}))
    assert type(error) is PollFailed


async def test_an_unknown_state_goes_on(wavespeed: WaveSpeed, twin: LocalWaveSpeed) -> None:
    twin.script(Play(states=("reticulating", "completed")))
    task = await started(wavespeed)
    assert await wavespeed.poll(task) == Pending(task_id=task)
    assert isinstance(await wavespeed.poll(task), Done)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=500), PollFailed),
        (Reply(status=400), PollFailed),
        (Reply(status=429), RateLimited),
        (Reply(status=401), ProviderMisconfigured),
        (Reply(status=403), ProviderMisconfigured),
        (Reply(status=200, body=b"<html>"), PollFailed),
        (Reply(status=200, body=b'{"code":200}'), PollFailed),
        (Reply(status=200, body=b'{"code":200,"data":{"id":"other","status":"completed"}}'), PollFailed),
        (Reply(status=200, body=b'{"code":500,"message":"oops"}'), PollFailed),
        (Reply(status=302, headers={"Location": "/"}), PollFailed),
        (Reply(status=200, body=b" " * 17_000_000), PollFailed),
    ],
)
async def test_a_state_that_cannot_be_read_is_asked_for_again(
    wavespeed: WaveSpeed, twin: LocalWaveSpeed, reply: Reply, kind: type[ProviderError]
) -> None:
    error = await failure_of(wavespeed, twin, Play(polls=(reply,) * 3))
    assert type(error) is kind


@pytest.mark.parametrize("coded", [False, True])
async def test_a_task_vanishes_only_after_a_grace(twin: LocalWaveSpeed, http: HttpClient, coded: bool) -> None:
    now = [0.0]
    wavespeed = WaveSpeed(http=http, api_key=twin.api_key, base_url=twin.api, clock=lambda: now[0])
    task = await started(wavespeed)
    gone = Reply(status=200 if coded else 404, body=b'{"code":404,"message":"not found"}')
    twin.tasks[0].proceed(Play(polls=(gone,) * 9))
    with pytest.raises(PollFailed):
        await wavespeed.poll(task)
    now[0] = 60
    with pytest.raises(TaskVanished):
        await wavespeed.poll(task)


async def test_another_process_can_ask_and_nothing_can_be_stopped(twin: LocalWaveSpeed, http: HttpClient) -> None:
    first, later = (WaveSpeed(http=http, api_key=twin.api_key, base_url=twin.api) for _ in range(2))
    task = await started(first)
    assert await later.cancel(task) == Pending(task_id=task)
    assert not later.facts.cancels


@pytest.mark.parametrize("old", [False, True])
async def test_references_are_uploaded_and_kept_for_days(twin: LocalWaveSpeed, http: HttpClient, old: bool) -> None:
    twin.only_old_uploads = old
    wavespeed = WaveSpeed(http=http, api_key=twin.api_key, base_url=twin.api, clock=lambda: 1000.0)
    reference = a_reference()
    sent = await wavespeed.prepare(reference)
    assert twin.uploads.files[sent.uri.rsplit("/", 1)[-1]] == reference.content
    assert (sent.tag, sent.expires_at) == ("model", 1000 + 6 * 86400)
    assert twin.submissions == 0


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=400, body=b'{"code":400,"message":"bad file"}'), ReferenceRefused),
        (Reply(status=413), ReferenceRefused),
        (Reply(status=401), ProviderMisconfigured),
        (Reply(status=403, body=b'{"code":403,"message":"insufficient balance"}'), OutOfCredits),
        (Reply(status=429), RateLimited),
        (Reply(status=500), ProviderUnavailable),
        (Reply(status=200, body=b"{}"), ProviderUnavailable),
        (Reply(status=200, body=b'{"code":200,"data":{"download_url":"https://x.y/z"}}'), ProviderUnavailable),
        (
            Reply(
                status=200,
                body=b'{"data":{"download_url":"https://x.y/z","upload":{"method":"PUT","url":"http://10.0.0.1/a"}}}',
            ),
            ProviderUnavailable,
        ),
        (
            Reply(
                status=200,
                body=b'{"data":{"download_url":"https://x.y/z","upload":{"method":"POST","url":"https://x.y/a"}}}',
            ),
            ProviderUnavailable,
        ),
    ],
)
async def test_an_upload_that_is_not_taken(
    wavespeed: WaveSpeed, twin: LocalWaveSpeed, reply: Reply, kind: type[ProviderError]
) -> None:
    twin.upload_reply = reply
    with pytest.raises(ProviderError) as caught:
        await wavespeed.prepare(a_reference())
    assert type(caught.value) is kind


@pytest.mark.parametrize(("status", "kind"), [(403, ProviderUnavailable), (413, ReferenceRefused)])
async def test_the_file_hosts_refusals_say_nothing_about_the_account(
    wavespeed: WaveSpeed, twin: LocalWaveSpeed, status: int, kind: type[ProviderError]
) -> None:
    twin.uploads.bucket_says = status
    with pytest.raises(ProviderError) as caught:
        await wavespeed.prepare(a_reference())
    assert type(caught.value) is kind


@pytest.mark.parametrize("at", ["balance", "account/balance"])
async def test_the_balance_is_found_at_either_address(wavespeed: WaveSpeed, twin: LocalWaveSpeed, at: str) -> None:
    twin.balance_at = at
    await ended(wavespeed, await started(wavespeed))
    assert (await wavespeed.account()).balance == Money.dollars("99.95")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401), ProviderMisconfigured),
        (Reply(status=500), PollFailed),
        (Reply(status=200, body=b'{"code":200,"data":{"balance":"lots"}}'), PollFailed),
        (Reply(status=200, body=b'{"code":200,"data":{"balance":1e999}}'), PollFailed),
        (Reply(status=200, body=b'{"code":200,"data":{"balance":' + b"9" * 400 + b"}}"), PollFailed),
    ],
)
async def test_a_balance_that_is_not_told(
    wavespeed: WaveSpeed, twin: LocalWaveSpeed, reply: Reply, kind: type[ProviderError]
) -> None:
    twin.balance_reply = reply
    with pytest.raises(ProviderError) as caught:
        await wavespeed.account()
    assert type(caught.value) is kind


TASK = bodies(
    id=st.just("t"),
    status=st.sampled_from(["completed", "failed", "processing", "timeout", "new"]),
    outputs=st.lists(st.text(max_size=20), max_size=2) | st.sampled_from(["https://[", "data:image/png;base64,AAAA"]),
    error=st.sampled_from(["nsfw", "\ud800"]),
    has_nsfw_contents=st.lists(st.booleans(), max_size=2),
    created_at=st.sampled_from(["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2025-01-01"]),
    download_url=st.sampled_from(["https://[", "https://a.b/"]),
    upload=st.fixed_dictionaries(
        {"method": st.just("PUT"), "url": st.sampled_from(["https://[", "https://a.b/\n", "https://a.b/c"])},
        optional={"headers": st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2)},
    ),
    balance=st.text(max_size=5),
    items=st.lists(JSON, max_size=3),
)


def _sealed(body: bytes, code: int | None) -> bytes:
    return body if code is None else b'{"code":%d,"message":"x","data":%s}' % (code, body)


@settings(max_examples=150, deadline=None)
@given(st.integers(200, 599), HEADERS, TASK, st.none() | st.sampled_from([200, 400, 404, 5004]))
async def test_whatever_comes_only_provider_errors_get_out(
    status: int, headers: dict[str, str], body: bytes, code: int | None
) -> None:
    def calls(http: HttpClient) -> list[Any]:
        wavespeed = WaveSpeed(http=http, api_key="key")
        order = an_order(references=(SentReference(tag="abc", uri="https://a.b/"),))
        return [
            wavespeed.submit(order),
            wavespeed.poll("t"),
            wavespeed.cancel("t"),
            wavespeed.find(order, since=1e9),
            wavespeed.account(),
            wavespeed.prepare(a_reference(size=(8, 8))),
        ]

    assert await survives(status, headers, _sealed(body, code), calls) == 6


async def test_no_secret_reaches_logs_or_errors(
    wavespeed: WaveSpeed, twin: LocalWaveSpeed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    order: Order = an_order(prompt="canary-prompt-5150")
    twin.script(*(play for play, _ in REFUSALS), Play.ends("failed", "secret-failure-text"), Play(states=("odd",)))
    texts = [repr(wavespeed), await outcome(wavespeed.prepare(a_reference()))]
    for _ in range(len(REFUSALS) + 3):
        texts.append(await outcome(wavespeed.submit(order)))
        texts.append(await outcome(wavespeed.find(order, since=twin.clock())))
        for task in twin.tasks[-1:]:
            texts += [await outcome(wavespeed.poll(task.id)) for _ in range(4)]
    joined = "\n".join(texts)
    tokens = [output.token for output in twin.outputs.outputs.values()]
    uploads = list(twin.uploads.files)
    assert tokens
    assert uploads
    for canary in (twin.api_key, order.prompt, "secret-failure-text", *tokens, *uploads):
        assert canary not in joined
        assert canary not in caplog.text
