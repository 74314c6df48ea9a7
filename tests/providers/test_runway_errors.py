"""What becomes of Runway's refusals, failures and silences: the right error, and never a second submission."""

from __future__ import annotations

import contextlib
import json
import logging
import traceback
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    TaskFailed,
)
from bot.domain.money import FREE, Money
from bot.domain.shapes import Model
from bot.providers.base import SentReference
from bot.providers.http import HttpClient
from bot.providers.runway import Runway
from tests.support.adapters import numbered, told_apart, waits_told
from tests.support.ordering import a_reference, an_order
from tests.support.runway import LocalRunway
from tests.support.runway_script import Reply, Scenario, SubmitFault


async def failure_of(runway: Runway, service: LocalRunway, scenario: Scenario) -> ProviderError:
    service.script(scenario)
    task = (await runway.submit(an_order())).task_id
    for _ in range(5):
        try:
            await runway.poll(task)
        except ProviderError as error:
            return error
    raise AssertionError("the task does not fail")


@pytest.mark.parametrize(
    ("code", "kind", "retryable", "credits"),
    [
        ("SAFETY.INPUT.TEXT", Moderated, None, 5),
        ("SAFETY.INPUT.IMAGE", Moderated, None, 5),
        ("SAFETY.OUTPUT.IMAGE", Moderated, None, 5),
        ("safety.input.text", Moderated, None, 5),
        ("SAFETY", Moderated, None, 5),
        ("INPUT_PREPROCESSING.SAFETY.TEXT", Moderated, None, 0),
        ("INPUT_PREPROCESSING.SAFETY.THIRD_PARTY", Moderated, None, 0),
        ("INPUT_PREPROCESSING.INTERNAL", TaskFailed, True, 0),
        ("INTERNAL.BAD_OUTPUT.CODE01", TaskFailed, True, 0),
        ("INTERNAL.BAD_OUTPUT.01", TaskFailed, True, 0),
        ("INTERNAL", TaskFailed, True, 0),
        (None, TaskFailed, True, 0),
        ("THIRD_PARTY.UNAVAILABLE", TaskFailed, True, 0),
        ("ASSET.INVALID", ReferenceRefused, None, 0),
        ("SOMETHING.NEW", TaskFailed, False, 0),
        ("INTERNALISH", TaskFailed, False, 0),
    ],
)
async def test_a_failure_code_tells_what_can_be_done(
    runway: Runway,
    service: LocalRunway,
    code: str | None,
    kind: type[ProviderError],
    retryable: bool | None,
    credits: int,
) -> None:
    error = await failure_of(runway, service, Scenario.fails(code))
    assert type(error) is kind
    assert error.billed == Money.credits(credits) == Money.credits(service.billed)
    assert getattr(error, "retryable", None) is retryable
    assert "secret-failure-text" not in f"{error} {error.detail} {error.values}"


async def test_without_a_cost_only_moderation_counts_as_billed(runway: Runway, service: LocalRunway) -> None:
    moderated = await failure_of(runway, service, Scenario.fails("SAFETY.INPUT.TEXT", says_cost=False))
    failed = await failure_of(runway, service, Scenario.fails("INTERNAL", says_cost=False))
    preprocessing = await failure_of(
        runway, service, Scenario.fails("INPUT_PREPROCESSING.SAFETY.TEXT", says_cost=False)
    )
    assert (moderated.billed, failed.billed, preprocessing.billed) == (Money.credits(5), None, None)


async def test_a_cost_of_nothing_is_believed(runway: Runway, service: LocalRunway) -> None:
    assert (await failure_of(runway, service, Scenario.fails("SAFETY.OUTPUT.IMAGE", credits=0))).billed == FREE


REFUSALS: list[tuple[Scenario, type[ProviderError]]] = [
    (Scenario.out_of_credits(), OutOfCredits),
    (
        Scenario.answers(400, b'{"error":"Validation of body failed","issues":[{"path":["promptText"]}]}'),
        RequestRefused,
    ),
    (Scenario.answers(400, b'{"error":"x","issues":[{"path":["referenceImages",1,"uri"]}]}'), ReferenceRefused),
    (Scenario.answers(400, b'{"error":"Failed to fetch asset. 404"}'), ReferenceRefused),
    (Scenario.answers(400, b'{"error":"Invalid asset aspect ratio. Got 0.462."}'), ReferenceRefused),
    (Scenario.answers(400, b'{"error":"Invalid data URI."}'), ReferenceRefused),
    (Scenario.answers(400, b"<html>"), RequestRefused),
    (Scenario.answers(400, b'{"error":null,"issues":[null,3,{"path":[{},1.5]}]}'), RequestRefused),
    (Scenario.answers(401), ProviderMisconfigured),
    (Scenario.answers(403), ProviderMisconfigured),
    (Scenario.answers(404), ProviderMisconfigured),
    (Scenario.answers(301, Location="https://elsewhere.example/"), ProviderMisconfigured),
    (Scenario.answers(413), ReferenceRefused),
    (Scenario.answers(429), RateLimited),
    (Scenario.answers(502), ProviderUnavailable),
    (Scenario.answers(503), ProviderUnavailable),
    (Scenario.answers(500), SubmissionUnknown),
    (Scenario.answers(504), SubmissionUnknown),
    (Scenario.answers(524), SubmissionUnknown),
    (Scenario.answers(418), SubmissionUnknown),
    (Scenario.answers(200, b"[]"), SubmissionUnknown),
    (Scenario(submit=SubmitFault.DROP_BEFORE), SubmissionUnknown),
    (Scenario(submit=SubmitFault.DROP_AFTER), SubmissionUnknown),
    (Scenario(submit=SubmitFault.GARBAGE), SubmissionUnknown),
    (Scenario(submit=SubmitFault.NO_ID), SubmissionUnknown),
]


@pytest.mark.parametrize(("scenario", "kind"), REFUSALS, ids=numbered(REFUSALS))
async def test_a_refused_submission_is_sent_once_and_told_apart(
    runway: Runway, service: LocalRunway, scenario: Scenario, kind: type[ProviderError]
) -> None:
    await told_apart(service, lambda: runway.submit(an_order()), scenario, kind)


async def test_which_reference_was_refused_is_told(runway: Runway, service: LocalRunway) -> None:
    service.script(REFUSALS[2][0])
    with pytest.raises(ReferenceRefused) as caught:
        await runway.submit(an_order())
    assert caught.value.values["position"] == 2


async def test_the_wait_that_was_asked_for_is_handed_on(runway: Runway, service: LocalRunway) -> None:
    plays = Scenario.answers(429, Retry_After="17"), Scenario.answers(429, Retry_After="soon")
    assert await waits_told(service, lambda: runway.submit(an_order()), plays) == [17.0, 10.0]


async def test_no_connection_means_that_nothing_was_sent(http: HttpClient, service: LocalRunway) -> None:
    runway = Runway(http=http, api_key=service.api_key, base_url="http://127.0.0.1:1")
    with pytest.raises(ProviderUnavailable) as submitted:
        await runway.submit(an_order())
    with pytest.raises(PollFailed):
        await runway.poll("task")
    with pytest.raises(NotStarted):
        await runway.prepare(a_reference(size=(1400, 1400), noisy=True))
    assert submitted.value.provider == "runway"


async def test_a_wrong_key_is_the_operators_to_mend(http: HttpClient, service: LocalRunway) -> None:
    runway = Runway(http=http, api_key="key_wrong", base_url=service.base_url)
    for call in (runway.submit(an_order()), runway.poll("x"), runway.account()):
        with pytest.raises(ProviderMisconfigured):
            await call
    assert not service.tasks


async def test_an_order_that_breaks_the_rules_is_refused_by_name(runway: Runway, service: LocalRunway) -> None:
    with pytest.raises(RequestRefused) as caught:
        await runway.submit(an_order(prompt="😀" * 501))
    with pytest.raises(ReferenceRefused):
        await runway.submit(an_order(model=Model.GEN4_IMAGE_TURBO))
    assert caught.value.values["field"] == "promptText"
    assert not service.tasks


async def test_asking_is_repeated_over_short_troubles(runway: Runway, service: LocalRunway) -> None:
    busy = (Reply(status=503), Reply(status=429, headers={"Retry-After": "1"}))
    service.script(Scenario(polls=busy, queue=0, running=()))
    state = await runway.poll((await runway.submit(an_order())).task_id)
    assert type(state).__name__ == "Done"
    assert service.tasks[0].polls == 3


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=500), PollFailed),
        (Reply(status=429), RateLimited),
        (Reply(status=403), ProviderMisconfigured),
        (Reply(status=400), PollFailed),
        (Reply(status=200, body=b"not json"), PollFailed),
        (Reply(status=200, body=b'{"id":5}'), PollFailed),
        (Reply(status=302, headers={"Location": "/"}), PollFailed),
        (Reply(status=200, body=b"[" * 100_000), PollFailed),
        (Reply(status=200, body=b" " * 3_000_000), PollFailed),
    ],
)
async def test_a_state_that_cannot_be_read_is_asked_for_again(
    runway: Runway, service: LocalRunway, reply: Reply, kind: type[ProviderError]
) -> None:
    error = await failure_of(runway, service, Scenario(polls=(reply,) * 3))
    assert type(error) is kind


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
TASKISH = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just("t") | JSON,
        "status": st.sampled_from(["SUCCEEDED", "FAILED", "RUNNING", "CANCELED", "NEW"]) | JSON,
        "output": JSON | st.lists(st.text(max_size=20), max_size=2),
        "failureCode": JSON | st.sampled_from(["SAFETY.X", "ASSET", "\ud800"]),
        "cost": JSON | st.fixed_dictionaries({"credits": JSON}),
        "estimatedCost": JSON,
        "error": JSON,
        "issues": JSON | st.lists(st.fixed_dictionaries({"path": JSON, "message": JSON}), max_size=2),
        "runwayUri": JSON,
        "uploadUrl": JSON | st.sampled_from(["https://[", "http://127.0.0.1/", "https://a.b/\n"]),
        "fields": JSON | st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
        "creditBalance": JSON,
        "progress": JSON,
    },
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "content-encoding", "location", "content-type"]),
    st.sampled_from(
        ["gzip", "nan", "-5", "1e999", "Wed, 99 Foo", "https://x.y/", "0", "identity", "Thu, 01 Jan 1970 00:00:00"]
    ),
)


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(200, 599),
    HEADERS,
    st.one_of(TASKISH.map(_encoded), JSON.map(_encoded), st.binary(max_size=60)),
)
async def test_whatever_comes_only_provider_errors_get_out(status: int, headers: dict[str, str], body: bytes) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    async def at_once(_: float) -> None:
        return None

    large = a_reference(size=(8, 8))
    reference = type(large)(tag="model", content=b"x" * 4_000_000, media_type="image/png", sha256="")
    async with HttpClient(transport=httpx.MockTransport(answer), sleep=at_once) as http:
        runway = Runway(http=http, api_key="key_x")
        sent = SentReference(tag="abc", uri="data:")
        asked = 0
        for call in (
            runway.submit(an_order(references=(sent,))),
            runway.poll("t"),
            runway.cancel("t"),
            runway.account(),
            runway.prepare(reference),
        ):
            with contextlib.suppress(ProviderError):
                await call
            asked += 1
    assert asked == 5


async def test_no_secret_reaches_logs_or_errors(
    http: HttpClient, caplog: pytest.LogCaptureFixture, service: LocalRunway
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    prompt = "canary-prompt-5150"
    runway = Runway(http=http, api_key=service.api_key, base_url=service.base_url)
    texts = [repr(runway), repr(http)]
    service.script(*(scenario for scenario, _ in REFUSALS), Scenario.fails("SAFETY.INPUT.TEXT"), Scenario())
    for _ in range(len(REFUSALS) + 2):
        try:
            state = await runway.submit(an_order(prompt=prompt))
            texts.append(repr(state))
            for _ in range(4):
                state = await runway.poll(state.task_id)
                texts.append(repr(state))
        except ProviderError as error:
            texts.append("".join(traceback.format_exception(error)) + error.detail + repr(error.values))
    link = next(iter(service.files.outputs.values())).token
    joined = "\n".join(texts)
    for canary in (service.api_key, prompt, link, "secret-failure-text"):
        assert canary not in joined
        assert canary not in caplog.text
