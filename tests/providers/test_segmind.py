"""Segmind's adapter against a strict local Segmind: its life in the queue, directly, and by the history."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import httpx
import pytest

from bot.domain.capabilities import Naming
from bot.domain.errors import (
    ConfigError,
    Moderated,
    PollFailed,
    ProviderError,
    ProviderMisconfigured,
    RateLimited,
    ReferenceRefused,
    SubmissionUnknown,
    TaskFailed,
    TaskVanished,
)
from bot.domain.money import FREE, Money
from bot.domain.shapes import Model, Ratio, Resolution, Shape, Size
from bot.providers.base import Accounting, Done, History, Order, Pending, SentReference, TaskState
from bot.providers.http import HttpClient
from bot.providers.segmind import Segmind
from bot.providers.segmind_facts import SEGMIND
from tests.support.ordering import a_reference, an_order
from tests.support.segmind import RATIOS, LocalSegmind
from tests.support.twin_files import picture
from tests.support.twin_script import Play, Reply, SubmitFault

NOW = 1_760_000_000.0
HOUR = 3600
LINK = "https://images.segmind.com/assets/ref.png"


@pytest.fixture
def now() -> list[float]:
    return [NOW]


@pytest.fixture
async def local(now: list[float]) -> AsyncIterator[LocalSegmind]:
    async with LocalSegmind.open(clock=lambda: now[0]) as service:
        yield service


@pytest.fixture
def segmind(local: LocalSegmind, http: HttpClient) -> Segmind:
    return segmind_at(local, http)


@pytest.fixture
def direct(local: LocalSegmind, http: HttpClient) -> Segmind:
    return segmind_at(local, http, mode="direct")


def segmind_at(service: LocalSegmind, http: HttpClient, **changes: Any) -> Segmind:
    values: dict[str, Any] = {
        "api_key": service.api_key,
        "base_url": service.base_url,
        "upload_url": service.base_url,
        "history_url": service.base_url,
        "clock": service.clock,
    }
    return Segmind(http=http, **(values | changes))


def ordered(**changes: Any) -> Order:
    return an_order(**({"seed": None, "references": (SentReference(tag="model", uri=LINK),)} | changes))


async def ended(segmind: Segmind, task_id: str) -> Done:
    for _ in range(10):
        state = await segmind.poll(task_id)
        if isinstance(state, Done):
            return state
    raise AssertionError("the task does not end")


async def failure_of(segmind: Segmind, service: LocalSegmind, play: Play) -> ProviderError:
    service.script(play)
    task = (await segmind.submit(ordered())).task_id
    with pytest.raises(ProviderError) as caught:
        await segmind.poll(task)
    return caught.value


async def test_an_order_waits_in_the_queue_and_becomes_a_picture(segmind: Segmind, local: LocalSegmind) -> None:
    task = (await segmind.submit(ordered())).task_id
    seen: list[TaskState] = [await segmind.poll(task), await segmind.poll(task)]
    done = await ended(segmind, task)
    assert seen == [Pending(task_id=task), Pending(task_id=task, running=True)]
    assert done.cost == Money.dollars("0.1") == Money.dollars(local.billed)
    assert (await segmind.download(done.pictures[0])).startswith(b"\x89PNG")
    assert local.submissions == 1


async def test_the_body_holds_what_it_takes_and_nothing_else(segmind: Segmind, local: LocalSegmind) -> None:
    references = (SentReference(tag="model", uri=LINK), SentReference(tag="", uri=LINK))
    await segmind.submit(ordered(prompt="@model 😀", seed=7, references=references))
    assert local.tasks[0].body == {
        "promptText": "@model 😀",
        "ratio": "1280:720",
        "referenceImages": [{"uri": LINK, "tag": "model"}, {"uri": LINK, "tag": "ref_2"}],
    }


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [
        (Ratio.WIDE, Resolution.P720, "1280:720"),
        (Ratio.WIDE, Resolution.P1080, "1920:1080"),
        (Ratio.TALL, Resolution.P720, "720:1280"),
        (Ratio.TALL, Resolution.P1080, "1080:1920"),
        (Ratio.SQUARE, Resolution.P720, "960:960"),
        (Ratio.CLASSIC, Resolution.P720, "1104:832"),
        (Ratio.PORTRAIT, Resolution.P720, "832:1104"),
        (Ratio.CINEMA, Resolution.P720, "1584:672"),
    ],
)
async def test_every_cell_of_the_size_table_is_taken(
    segmind: Segmind, local: LocalSegmind, ratio: Ratio, resolution: Resolution, size: str
) -> None:
    found = SEGMIND.models[Model.GEN4_IMAGE].size_of(Shape(ratio=ratio, resolution=resolution))
    assert found is not None
    await segmind.submit(ordered(size=found))
    assert local.tasks[0].body["ratio"] == size


def test_what_it_can_do_is_what_its_documentation_says() -> None:
    model = SEGMIND.models[Model.GEN4_IMAGE]
    assert {str(size) for size in model.sizes.values()} == RATIOS
    assert [r for r in Ratio if model.size_of(Shape(ratio=r, resolution=Resolution.P1080))] == [Ratio.WIDE, Ratio.TALL]
    assert model.size_of(Shape.of_size(Size(1024, 1024))) is None
    assert (model.min_references, model.seeds, model.naming, set(SEGMIND.models)) == (
        1,
        None,
        Naming.TAGS,
        {Model.GEN4_IMAGE},
    )
    assert set(model.prices.values()) == {Money.dollars("0.10")}
    assert (SEGMIND.submits_per_minute, SEGMIND.cancels, SEGMIND.history) == (5, False, True)


def test_it_tells_of_the_account_and_has_a_history(segmind: Segmind) -> None:
    assert isinstance(segmind, Accounting)
    assert isinstance(segmind, History)


async def test_a_reference_is_uploaded_and_may_be_used_again(segmind: Segmind, local: LocalSegmind) -> None:
    reference = a_reference()
    sent = await segmind.prepare(reference)
    await segmind.submit(ordered(references=(sent,)))
    assert local.assets[sent.uri] == reference.content
    assert sent.expires_at == NOW + 24 * HOUR
    assert local.tasks[0].body["referenceImages"] == [{"uri": sent.uri, "tag": "model"}]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=400, body=b'{"error":"bad data"}'), ReferenceRefused),
        (Reply(status=401), ProviderMisconfigured),
        (Reply(status=413), ReferenceRefused),
        (Reply(status=429), RateLimited),
        (Reply(status=500), ProviderError),
        (Reply(status=200, body=b"{}"), ProviderError),
        (Reply(status=200, body=b"<html>"), ProviderError),
        (Reply(status=200, body=b'{"file_urls":["http://169.254.169.254/x"]}'), ProviderError),
        (Reply(status=200, body=b'{"file_urls":["https://["]}'), ProviderError),
        (Reply(status=200, body=b'{"file_urls":[7]}'), ProviderError),
    ],
)
async def test_an_upload_that_fails_costs_nothing(
    segmind: Segmind, local: LocalSegmind, reply: Reply, kind: type[ProviderError]
) -> None:
    local.uploads_answer = reply
    with pytest.raises(kind) as caught:
        await segmind.prepare(a_reference())
    assert not isinstance(caught.value, SubmissionUnknown)
    assert local.submissions == 0


NAKED = base64.b64encode(picture("1280:720", 1)).decode()


@pytest.mark.parametrize(
    "shape",
    [
        lambda link: link,
        lambda link: [link],
        lambda link: {"url": link},
        lambda link: [{"image_url": link}],
        lambda _: NAKED,
        lambda _: f"data:image/png;base64,{NAKED}",
    ],
)
async def test_an_output_of_any_shape_is_a_picture(
    segmind: Segmind, local: LocalSegmind, shape: Callable[[str], Any]
) -> None:
    local.shape = shape
    done = await ended(segmind, (await segmind.submit(ordered())).task_id)
    assert (await segmind.download(done.pictures[0])).startswith(b"\x89PNG")


@pytest.mark.parametrize("output", [None, "", [], {}, 7, [None, {"url": 3}]])
async def test_completed_without_a_picture_is_asked_for_again(
    segmind: Segmind, local: LocalSegmind, output: object
) -> None:
    local.shape = lambda _: output
    local.script(Play.ends("COMPLETED"))
    task = (await segmind.submit(ordered())).task_id
    with pytest.raises(PollFailed):
        await segmind.poll(task)
    local.shape = str
    assert isinstance(await segmind.poll(task), Done)


async def test_the_picture_can_be_the_answer_itself(direct: Segmind, local: LocalSegmind) -> None:
    state = await direct.submit(ordered())
    assert isinstance(state, Done)
    assert (await direct.download(state.pictures[0])).startswith(b"\x89PNG")
    assert (state.task_id, state.cost) == (local.tasks[0].id, Money.dollars("0.1"))
    assert [path for _, path, _ in local.requests] == ["/v1/runway-gen4-image"]


async def test_the_operator_is_told_when_an_answer_says_that_little_is_left(
    direct: Segmind, local: LocalSegmind, caplog: pytest.LogCaptureFixture
) -> None:
    await direct.submit(ordered())
    assert not caplog.records
    local.balance = 0.5
    await direct.submit(ordered())
    assert [record.message for record in caplog.records] == ["segmind: only $0.30 are left on the account"]


@pytest.mark.parametrize(("mode", "seconds"), [("queue", 30.0), ("direct", 180.0)])
async def test_a_direct_picture_is_waited_for_in_silence(mode: Literal["queue", "direct"], seconds: float) -> None:
    waits: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        waits.append(request.extensions["timeout"]["read"])
        return httpx.Response(504)

    async with HttpClient(transport=httpx.MockTransport(answer)) as http:
        with pytest.raises(SubmissionUnknown):
            await Segmind(http=http, api_key="SG_x", mode=mode).submit(ordered())
    assert waits == [seconds]


async def test_a_direct_picture_is_found_again_in_the_history(
    direct: Segmind, local: LocalSegmind, http: HttpClient
) -> None:
    task = (await direct.submit(ordered())).task_id
    local.tasks[0].created_at -= 2 * HOUR
    done = await ended(segmind_at(local, http, mode="direct"), task)
    assert (await direct.download(done.pictures[0])).startswith(b"\x89PNG")
    assert done.cost == Money.dollars("0.1")


async def test_a_direct_picture_without_headers_still_has_a_name(direct: Segmind, local: LocalSegmind) -> None:
    local.direct_headers = False
    state = await direct.submit(ordered())
    assert isinstance(state, Done)
    assert state.task_id.startswith("direct-")
    assert state.cost is None


async def test_a_direct_answer_may_be_json_with_a_picture(direct: Segmind, local: LocalSegmind) -> None:
    local.script(Play.answers(200, f'{{"image":"{NAKED}"}}'.encode()))
    state = await direct.submit(ordered())
    assert isinstance(state, Done)
    assert await direct.download(state.pictures[0]) == picture("1280:720", 1)


def error(text: str) -> bytes:
    return f'{{"error":"{text}"}}'.encode()


INVALID_TOKEN = b'{"error":"invalid_token","error_description":"expired","status_code":401}'
REFUSALS: list[tuple[Play, str]] = [
    (Play.answers(400, error("Bad Request")), "RequestRefused"),
    (Play.answers(400, error("Could not download image from url")), "ReferenceRefused"),
    (Play.answers(400, error("prompt violates content policy")), "Moderated"),
    (Play.answers(401, error("Missing Authorization or x-api-key in header")), "ProviderMisconfigured"),
    (Play.answers(401, INVALID_TOKEN), "ProviderMisconfigured"),
    (Play.answers(403, error("Forbidden")), "ProviderMisconfigured"),
    (Play.answers(404, error("Model not found")), "ProviderMisconfigured"),
    (Play.answers(405, b"<html>Method Not Allowed</html>", Content_Type="text/html"), "ProviderMisconfigured"),
    (Play.answers(406, error("Insufficient credits")), "OutOfCredits"),
    (Play.answers(406, error("Team spend limit reached")), "OutOfCredits"),
    (Play.answers(406, error("Invalid content type")), "RequestRefused"),
    (Play.answers(406, error("ratio must be one of")), "RequestRefused"),
    (Play.answers(410, error("Model retired")), "ProviderMisconfigured"),
    (Play.answers(413), "ReferenceRefused"),
    (Play.answers(422, b'{"status":"FAILED","error":"HTTP 503 upstream"}'), "TaskFailed"),
    (Play.answers(422, b'{"status":"FAILED","error":"SAFETY.INPUT.TEXT"}'), "Moderated"),
    (Play.answers(422, error("nothing known")), "RequestRefused"),
    (Play.answers(429, error("Rate limit exceeded")), "RateLimited"),
    (Play.answers(301, Location="https://elsewhere.example/"), "ProviderMisconfigured"),
    (Play.answers(500, error("Server Error")), "SubmissionUnknown"),
    (Play.answers(502, b"<html>"), "SubmissionUnknown"),
    (Play.answers(503), "SubmissionUnknown"),
    (Play.answers(504), "SubmissionUnknown"),
    (Play.answers(200, b"[]"), "SubmissionUnknown"),
    (Play.answers(200, b'{"request_id":7}'), "SubmissionUnknown"),
    (Play.answers(200, rb'{"request_id":"\ud800"}'), "SubmissionUnknown"),
    (Play.answers(200, b'{"error":"Insufficient credits"}'), "OutOfCredits"),
    (Play(submit=SubmitFault.DROP_BEFORE), "SubmissionUnknown"),
    (Play(submit=SubmitFault.DROP_AFTER), "SubmissionUnknown"),
    (Play(submit=SubmitFault.GARBAGE), "SubmissionUnknown"),
    (Play(submit=SubmitFault.NO_ID), "SubmissionUnknown"),
]


@pytest.mark.parametrize("mode", ["queue", "direct"])
@pytest.mark.parametrize(("play", "kind"), REFUSALS, ids=[f"{kind}-{i}" for i, (_, kind) in enumerate(REFUSALS)])
async def test_a_refused_submission_is_sent_once_and_told_apart(
    local: LocalSegmind, http: HttpClient, mode: str, play: Play, kind: str
) -> None:
    local.script(play)
    with pytest.raises(ProviderError) as caught:
        await segmind_at(local, http, mode=mode).submit(ordered())
    assert type(caught.value).__name__ == kind
    assert local.submissions == 1
    if kind != "SubmissionUnknown" and play.reply is not None and play.reply.status != 200:
        assert caught.value.billed == FREE


async def test_an_empty_account_is_known_as_such(http: HttpClient, now: list[float]) -> None:
    async with LocalSegmind.open(clock=lambda: now[0], balance=0.05) as poor:
        with pytest.raises(ProviderError) as caught:
            await segmind_at(poor, http).submit(ordered())
    assert type(caught.value).__name__ == "OutOfCredits"


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-rate-limit-reset-at-utc": "2025-10-09T08:53:50Z"}, 30.0),
        ({"x-rate-limit-reset-at-utc": "2025-10-09 08:53:50"}, 30.0),
        ({"x-rate-limit-reset-at-utc": "1760000030"}, 30.0),
        ({"x-rate-limit-reset-at-utc": "1760000030000"}, 30.0),
        ({"x-rate-limit-reset-at-utc": "2020-01-01T00:00:00Z"}, 0.0),
        ({"x-rate-limit-reset-at-utc": "soon"}, 10.0),
        ({"x-rate-limit-reset-at-utc": "nan"}, 10.0),
        ({"Retry-After": "17"}, 17.0),
        ({}, 10.0),
    ],
)
async def test_the_rate_limits_reset_is_the_wait(
    segmind: Segmind, local: LocalSegmind, headers: dict[str, str], wait: float
) -> None:
    local.script(Play(reply=Reply(status=429, body=b"{}", headers=headers)))
    with pytest.raises(RateLimited) as caught:
        await segmind.submit(ordered())
    assert caught.value.retry_in == wait


@pytest.mark.parametrize(
    ("text", "kind", "retryable"),
    [
        ("NSFW content detected", Moderated, None),
        ("SAFETY.OUTPUT.IMAGE", Moderated, None),
        ("INTERNAL.BAD_OUTPUT.CODE01", TaskFailed, True),
        ("Upstream service temporarily unavailable", TaskFailed, True),
        ("ratio not supported", TaskFailed, False),
        ("Failed to fetch image from url", ReferenceRefused, None),
        (None, TaskFailed, False),
    ],
)
async def test_a_failed_task_comes_with_a_422_and_is_not_billed(
    segmind: Segmind, local: LocalSegmind, text: str | None, kind: type[ProviderError], retryable: bool | None
) -> None:
    error = await failure_of(segmind, local, Play.ends("FAILED", text))
    assert type(error) is kind
    assert error.billed == FREE == Money.dollars(local.billed)
    assert getattr(error, "retryable", None) is retryable
    assert ("GET", f"/v2/requests/{local.tasks[0].id}/status", 422) in local.requests


async def test_a_failure_may_be_an_object(segmind: Segmind, local: LocalSegmind) -> None:
    play = Play.ends("FAILED", error={"message": "flagged as nsfw"})
    assert type(await failure_of(segmind, local, play)) is Moderated


async def test_a_status_that_nobody_knows_is_a_task_that_goes_on(
    segmind: Segmind, local: LocalSegmind, caplog: pytest.LogCaptureFixture
) -> None:
    local.script(Play.ends("DREAMING"))
    task = (await segmind.submit(ordered())).task_id
    assert await segmind.poll(task) == Pending(task_id=task)
    assert "not known" in caplog.text


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401), ProviderMisconfigured),
        (Reply(status=403), ProviderMisconfigured),
        (Reply(status=429), RateLimited),
        (Reply(status=400), PollFailed),
        (Reply(status=405, body=b"<html>"), PollFailed),
        (Reply(status=422, body=b"{}"), PollFailed),
        (Reply(status=500), PollFailed),
        (Reply(status=502), PollFailed),
        (Reply(status=504), PollFailed),
        (Reply(status=301, headers={"Location": "/"}), PollFailed),
        (Reply(status=200, body=b"<html>"), PollFailed),
        (Reply(status=200, body=b'{"status":7}'), PollFailed),
    ],
)
async def test_a_state_that_cannot_be_read_is_asked_for_again(
    segmind: Segmind, local: LocalSegmind, reply: Reply, kind: type[ProviderError]
) -> None:
    assert type(await failure_of(segmind, local, Play(polls=(reply,) * 3))) is kind


async def test_after_an_hour_the_history_tells_of_a_task(
    segmind: Segmind, local: LocalSegmind, now: list[float]
) -> None:
    task = (await segmind.submit(ordered())).task_id
    await segmind.poll(task)
    now[0] += HOUR + 1
    pending = await segmind.poll(task)
    local.task(task).state = "COMPLETED"
    done = await segmind.poll(task)
    local.task(task).state = "FAILED"
    with pytest.raises(TaskFailed) as caught:
        await segmind.poll(task)
    assert pending == Pending(task_id=task, running=True)
    assert isinstance(done, Done)
    assert done.cost == Money.dollars("0.1")
    assert caught.value.billed == FREE


async def test_a_task_that_the_history_does_not_know_either_vanishes_after_a_grace(
    segmind: Segmind, now: list[float]
) -> None:
    with pytest.raises(PollFailed):
        await segmind.poll("never-heard-of")
    now[0] += 31
    with pytest.raises(TaskVanished):
        await segmind.poll("never-heard-of")


async def test_a_history_that_does_not_answer_is_asked_again(segmind: Segmind, local: LocalSegmind) -> None:
    local.history_answer = Reply(status=500)
    with pytest.raises(PollFailed):
        await segmind.poll("never-heard-of")
    with pytest.raises(PollFailed):
        await segmind.find(ordered(), since=NOW)


async def test_a_lost_submission_is_found_by_its_prompt_and_size(
    segmind: Segmind, local: LocalSegmind, now: list[float]
) -> None:
    local.script(Play(), Play(submit=SubmitFault.DROP_AFTER), Play(submit=SubmitFault.DROP_AFTER))
    await segmind.submit(ordered())
    with pytest.raises(SubmissionUnknown):
        await segmind.submit(ordered())
    now[0] += 5
    with pytest.raises(SubmissionUnknown):
        await segmind.submit(ordered(prompt="a dog"))
    assert await segmind.find(ordered(references=()), since=NOW) == Pending(task_id=local.tasks[1].id)
    assert await segmind.find(ordered(prompt="a dog"), since=NOW + 5) == Pending(task_id=local.tasks[2].id)
    assert await segmind.find(ordered(prompt="a bird"), since=NOW) is None
    assert (await ended(segmind, local.tasks[1].id)).cost == Money.dollars("0.1")


async def test_a_request_that_another_order_has_is_never_found(segmind: Segmind, local: LocalSegmind) -> None:
    local.script(Play(), Play(submit=SubmitFault.DROP_BEFORE))
    await segmind.submit(ordered())
    with pytest.raises(SubmissionUnknown):
        await segmind.submit(ordered())
    assert await segmind.find(ordered(), since=NOW) is None


async def test_a_found_request_is_not_found_twice(segmind: Segmind, local: LocalSegmind) -> None:
    local.script(Play(submit=SubmitFault.DROP_AFTER), Play(submit=SubmitFault.DROP_BEFORE))
    for _ in range(2):
        with pytest.raises(SubmissionUnknown):
            await segmind.submit(ordered())
    assert await segmind.find(ordered(), since=NOW) is not None
    assert await segmind.find(ordered(), since=NOW) is None


async def test_two_that_could_be_it_are_none(segmind: Segmind, local: LocalSegmind) -> None:
    local.script(*[Play(submit=SubmitFault.DROP_AFTER)] * 2)
    for _ in range(2):
        with pytest.raises(SubmissionUnknown):
            await segmind.submit(ordered())
    assert await segmind.find(ordered(), since=NOW) is None


@pytest.mark.parametrize("seconds", [-60, 600])
async def test_a_request_of_another_time_is_not_it(
    segmind: Segmind, local: LocalSegmind, now: list[float], seconds: float
) -> None:
    local.script(Play(submit=SubmitFault.DROP_AFTER))
    with pytest.raises(SubmissionUnknown):
        await segmind.submit(ordered())
    assert await segmind.find(ordered(), since=NOW - seconds) is None


ROW = b'{"request_id":"a","model_status":"COMPLETED","request_body":%s%s}'
SENT = b'{"promptText":"a cat","ratio":"1280:720"}'
CREATED = b',"created_at":1760000000'


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"[" + ROW % (SENT, CREATED) + b"]", True),
        (b'{"data":{"requests":[' + ROW % (SENT, CREATED) + b"]}}", True),
        (b'{"results":[' + ROW % (rb'"{\"promptText\":\"a cat\",\"ratio\":\"1280:720\"}"', CREATED) + b"]}", True),
        (b'{"results":[' + ROW % (SENT, b"") + b"]}", False),
        (b'{"results":[' + ROW % (b"null", CREATED) + b"]}", False),
        (b'{"results":[7,null,{"request_id":5}]}', False),
        (b"<html>", False),
    ],
)
async def test_pages_of_the_history_are_read_in_any_envelope(
    segmind: Segmind, local: LocalSegmind, body: bytes, found: bool
) -> None:
    local.history_answer = Reply(status=200, body=body)
    assert await segmind.find(ordered(), since=NOW) == (Pending(task_id="a") if found else None)


async def test_the_balance_is_what_was_paid_and_what_was_given(
    segmind: Segmind, http: HttpClient, now: list[float]
) -> None:
    assert (await segmind.account()).balance == Money.dollars("100.018")
    async with LocalSegmind.open(clock=lambda: now[0], balance=0) as empty:
        assert (await segmind_at(empty, http).account()).balance == FREE


async def test_a_task_cannot_be_stopped_so_its_state_is_told(segmind: Segmind, local: LocalSegmind) -> None:
    task = (await segmind.submit(ordered())).task_id
    assert await segmind.cancel(task) == Pending(task_id=task)
    assert "DELETE" not in {method for method, _, _ in local.requests}


async def test_a_wrong_key_is_the_operators_to_mend(http: HttpClient, local: LocalSegmind) -> None:
    segmind = segmind_at(local, http, api_key="SG_wrong")
    calls = (segmind.submit(ordered()), segmind.poll("x"), segmind.account(), segmind.prepare(a_reference()))
    for call in (*calls, segmind.find(ordered(), since=NOW)):
        with pytest.raises(ProviderMisconfigured):
            await call
    with pytest.raises(ConfigError):
        Segmind(http=http, api_key="a\nb")


async def test_what_breaks_the_rules_is_not_accepted(segmind: Segmind, local: LocalSegmind) -> None:
    for bad in (ordered(references=()), ordered(size=Size(720, 720)), ordered(prompt="😀" * 501)):
        with pytest.raises(ProviderError):
            await segmind.submit(bad)
    assert not local.tasks


async def test_no_secret_reaches_logs_or_errors(
    local: LocalSegmind, http: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    segmind = segmind_at(local, http)
    texts = [repr(segmind)]
    local.script(*(play for play, _ in REFUSALS), Play.ends("FAILED", "secret-failure-text"), Play())
    for call in [segmind.submit(ordered(prompt="canary-prompt-5150")) for _ in range(len(REFUSALS) + 2)]:
        try:
            state = await call
            for _ in range(4):
                state = await segmind.poll(state.task_id)
                texts.append(repr(state))
        except ProviderError as error:
            texts.append("".join(traceback.format_exception(error)) + error.detail + repr(error.values))
    token = next(iter(local.outputs.outputs.values())).token
    for canary in (local.api_key, "canary-prompt-5150", token, "secret-failure-text", LINK):
        assert canary not in "\n".join(texts)
        assert canary not in caplog.text
