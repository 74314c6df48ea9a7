"""ModelsLab's tasks from the order to the picture, and every refusal on the way, against a strict local one."""

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
    TaskFailed,
    TaskVanished,
)
from bot.domain.money import Money
from bot.domain.shapes import ALL_SIZES, Model, Ratio, Resolution, Shape, Size
from bot.providers.base import Accounting, Done, History, Order, Pending, Provider, SentReference
from bot.providers.http import HttpClient
from bot.providers.modelslab import NAMELESS, ModelsLab
from bot.providers.modelslab_facts import MODELSLAB, with_labels
from tests.support.adapters import HEADERS, JSON, bodies, ended, numbered, outcome, survives, told_apart
from tests.support.modelslab import LABELS, QUEUE_FULL, RATIOS, LocalModelsLab, error, picture_of
from tests.support.ordering import a_reference, an_order
from tests.support.twin_script import Play, Reply, SubmitFault


@pytest.fixture
async def twin() -> AsyncIterator[LocalModelsLab]:
    async with LocalModelsLab.open() as twin:
        yield twin


@pytest.fixture
def modelslab(twin: LocalModelsLab, http: HttpClient) -> ModelsLab:
    return ModelsLab(http=http, api_key=twin.api_key, base_url=twin.base_url)


async def started(modelslab: ModelsLab, **changes: Any) -> str:
    return (await modelslab.submit(an_order(seed=None, **changes))).task_id


async def failure_of(modelslab: ModelsLab, twin: LocalModelsLab, play: Play) -> ProviderError:
    twin.script(play)
    task = await started(modelslab)
    with pytest.raises(ProviderError) as caught:
        await modelslab.poll(task)
    return caught.value


@pytest.mark.parametrize("number", [True, False])
async def test_an_order_becomes_a_picture_and_is_billed_once(
    modelslab: ModelsLab, twin: LocalModelsLab, number: bool
) -> None:
    twin.number_ids = number
    provider: Provider = modelslab
    first = await provider.submit(an_order(seed=None))
    assert first == Pending(task_id="12345678", running=True)
    assert await provider.poll(first.task_id) == first
    done = await ended(provider, first.task_id)
    assert await provider.download(done.pictures[0]) == picture_of("1280:720")
    assert (twin.submissions, twin.billed, done.cost) == (1, 0.07, None)
    assert isinstance(provider, Accounting)
    assert not isinstance(provider, History)


async def test_a_picture_may_come_at_once(modelslab: ModelsLab, twin: LocalModelsLab) -> None:
    twin.at_once = True
    done = await modelslab.submit(an_order(seed=None))
    assert isinstance(done, Done)
    assert done.task_id == "12345678"
    assert await modelslab.download(done.pictures[0]) == picture_of("1280:720")
    assert twin.submissions == 1


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ({"id": None}, Done),
        ({"output": []}, Pending),
        ({"output": {}, "proxy_links": {"0": "https://a.b/c.png"}}, Done),
        ({"output": "https://a.b/c.png"}, Done),
        ({"output": {"first": "https://a.b/c.png"}}, Done),
        ({"status": "SUCCESS"}, Done),
    ],
)
async def test_forms_of_an_answer_at_once(
    modelslab: ModelsLab, twin: LocalModelsLab, shown: dict[str, Any], state: type[Done | Pending]
) -> None:
    twin.at_once = True
    twin.script(Play(accepted=shown))
    told = await modelslab.submit(an_order(seed=None))
    assert type(told) is state
    assert told.task_id == (NAMELESS if "id" in shown else "12345678")


async def test_the_body_says_everything_that_was_ordered(modelslab: ModelsLab, twin: LocalModelsLab) -> None:
    await started(modelslab, prompt="a 😀 @nobody", size=Size(1808, 768))
    assert twin.tasks[0].body == {"model_id": "gen4_image", "prompt": "a 😀 @nobody", "aspect_ratio": "1808:768"}


async def test_shapes_are_sent_by_their_labels_where_the_operator_says_so(
    twin: LocalModelsLab, http: HttpClient
) -> None:
    twin.options = LABELS
    facts = with_labels(MODELSLAB)
    modelslab = ModelsLab(http=http, api_key=twin.api_key, base_url=twin.base_url, facts=facts, labels=True)
    known = facts.models[Model.GEN4_IMAGE]
    for size in (*known.sizes.values(), *known.exact):
        done = await ended(modelslab, await started(modelslab, size=size))
        content = await modelslab.download(done.pictures[0])
        # What stands for two sizes may be painted in either, which the facts say.
        assert (content == picture_of(str(size))) or size in known.ratio_only
    assert [task.body["aspect_ratio"] for task in twin.tasks] == [
        *("16:9", "16:9", "9:16", "9:16", "4:3", "3:4", "3:4", "7:3", "88:38", "1:1", "85:48", "113:48")
    ]


async def test_a_shape_that_is_not_taken_is_not_tried_in_another_form(
    modelslab: ModelsLab, twin: LocalModelsLab
) -> None:
    twin.options = LABELS
    with pytest.raises(RequestRefused):
        await started(modelslab)
    assert twin.submissions == 1


async def test_turbo_works_from_exactly_two_pictures(modelslab: ModelsLab, twin: LocalModelsLab) -> None:
    references = [a_reference(tag) for tag in ("model", "cloth")]
    sent = tuple([await modelslab.prepare(reference) for reference in references])
    await started(modelslab, model=Model.GEN4_IMAGE_TURBO, prompt="@model wears @cloth", references=sent)
    assert twin.tasks[0].body == {
        "model_id": "gen4_image_turbo",
        "prompt": "the first reference image (model) wears the second reference image (cloth)",
        "init_image": sent[0].uri,
        "init_image_2": sent[1].uri,
    }
    assert [twin.uploads[each.uri] for each in sent] == [reference.content for reference in references]
    for wrong in (sent[:1], (), (*sent, sent[0])):
        with pytest.raises(RequestRefused):
            await started(modelslab, model=Model.GEN4_IMAGE_TURBO, references=wrong)
    with pytest.raises(RequestRefused):
        await started(modelslab, references=sent)
    assert twin.submissions == 1


async def test_facts_say_what_the_service_cannot() -> None:
    plain, turbo = (MODELSLAB.models[model] for model in Model)
    assert (plain.min_references, plain.max_references, plain.naming, plain.seeds) == (0, 0, Naming.PLACES, None)
    assert (turbo.min_references, turbo.max_references, turbo.naming, turbo.shapeless) == (2, 2, Naming.PLACES, True)
    assert not plain.prices
    assert not turbo.prices
    assert turbo.size_of(Shape()) == Size(1280, 720)


@pytest.mark.parametrize("size", sorted(ALL_SIZES), ids=str)
async def test_every_size_of_the_table_and_no_other(modelslab: ModelsLab, twin: LocalModelsLab, size: Size) -> None:
    facts = MODELSLAB.models[Model.GEN4_IMAGE]
    offered = facts.size_of(Shape.of_size(size))
    assert (offered is not None) is (str(size) in RATIOS)
    if offered is None:
        with pytest.raises(RequestRefused):
            await started(modelslab, size=size)
    else:
        await started(modelslab, size=offered)
        assert twin.tasks[0].body["aspect_ratio"] == str(size)


@pytest.mark.parametrize(("ratio", "resolution"), [("1:1", "720p"), ("1:1", "1080p"), ("4:3", "720p")])
def test_three_shapes_are_not_offered(ratio: str, resolution: str) -> None:
    facts = MODELSLAB.models[Model.GEN4_IMAGE]
    assert facts.size_of(Shape(ratio=Ratio(ratio), resolution=Resolution(resolution))) is None


REFUSALS: list[tuple[Play, type[ProviderError]]] = [
    (error("prompt is required", status=400), RequestRefused),
    (error("prompt is required"), RequestRefused),
    (error("prompt is required", misspelt=True), RequestRefused),
    (Play.answers(200, b'{"status":"error","message":{"prompt":["prompt is required"]}}'), RequestRefused),
    (error("Unable to fetch image from provided URL", status=400), ReferenceRefused),
    (error("Unable to fetch image from provided URL"), ReferenceRefused),
    (error("NSFW prompt detected", misspelt=True), Moderated),
    (error("Invalid API key", status=401), ProviderMisconfigured),
    (error("Invalid API key"), ProviderMisconfigured),
    (error("API key required", misspelt=True), ProviderMisconfigured),
    (error("Insufficient credits", status=402), OutOfCredits),
    (error("Insufficient credits"), OutOfCredits),
    (error("You do not have enough balance", misspelt=True), OutOfCredits),
    (error("Upgrade your plan", status=403), ProviderMisconfigured),
    (error("Upgrade your plan"), ProviderMisconfigured),
    (error("Model not found: gen4_image", status=404), ProviderMisconfigured),
    (error("Model not found: gen4_image"), ProviderMisconfigured),
    (Play.answers(429, QUEUE_FULL), RateLimited),
    (Play.answers(200, QUEUE_FULL), RateLimited),
    (Play.answers(301, Location="https://elsewhere.example/"), ProviderMisconfigured),
    (error("Server error", status=500), SubmissionUnknown),
    (error("Unavailable", status=503), SubmissionUnknown),
    (Play.answers(502, b"<html>"), SubmissionUnknown),
    (Play.answers(504, b"<html>"), SubmissionUnknown),
    (error("Internal server error, try again"), TaskFailed),
    (Play.answers(200, b'{"status":"failed","message":"out of luck"}'), RequestRefused),
    (Play.answers(200, b'{"status":"processing"}'), SubmissionUnknown),
    (Play.answers(200, b'{"status":"reticulating","id":5}'), SubmissionUnknown),
    (Play.answers(200, b"[]"), SubmissionUnknown),
    (Play.answers(200, b'{"status":"success","output":["https://a.b/c"],"nsfw_content_detected":true}'), Moderated),
    (Play(submit=SubmitFault.DROP_BEFORE), SubmissionUnknown),
    (Play(submit=SubmitFault.DROP_AFTER), SubmissionUnknown),
    (Play(submit=SubmitFault.GARBAGE), SubmissionUnknown),
    (Play(submit=SubmitFault.NO_ID), SubmissionUnknown),
]


@pytest.mark.parametrize(("play", "kind"), REFUSALS, ids=numbered(REFUSALS))
async def test_a_refused_submission_is_sent_once_and_told_apart(
    modelslab: ModelsLab, twin: LocalModelsLab, play: Play, kind: type[ProviderError]
) -> None:
    error = await told_apart(twin, lambda: started(modelslab), play, kind)
    assert error.billed is None


@pytest.mark.parametrize(
    ("play", "wait"),
    [
        (Play.answers(429, QUEUE_FULL), 30.0),
        (Play.answers(200, b'{"status":"error","message":"Rate limit exceeded","retry_after":12}'), 12.0),
        (Play.answers(429, b"{}", Retry_After="7"), 7.0),
        (Play.answers(429, b'{"retry_after":"soon"}'), 30.0),
    ],
)
async def test_a_full_queue_says_how_long_to_wait(
    modelslab: ModelsLab, twin: LocalModelsLab, play: Play, wait: float
) -> None:
    twin.script(play)
    with pytest.raises(RateLimited) as caught:
        await started(modelslab)
    assert caught.value.retry_in == wait


async def test_what_the_body_says_counts_before_the_status(modelslab: ModelsLab, twin: LocalModelsLab) -> None:
    twin.script(Play.answers(500, b'{"status":"processing","id":12345678,"eta":1}'))
    assert await modelslab.submit(an_order(seed=None)) == Pending(task_id="12345678", running=True)


async def test_a_silent_service_leaves_the_fate_unknown(twin: LocalModelsLab, http: HttpClient) -> None:
    modelslab = ModelsLab(http=http, api_key=twin.api_key, base_url=twin.base_url, timeout=0.2)
    twin.script(Play(submit=SubmitFault.HANG_BEFORE), Play(submit=SubmitFault.HANG_AFTER))
    for _ in range(2):
        with pytest.raises(SubmissionUnknown):
            await started(modelslab)
    assert twin.submissions == 2


async def test_an_empty_account_and_a_wrong_key_are_told(http: HttpClient) -> None:
    async with LocalModelsLab.open(balance=0.01) as twin:
        with pytest.raises(OutOfCredits):
            await started(ModelsLab(http=http, api_key=twin.api_key, base_url=twin.base_url))
        wrong = ModelsLab(http=http, api_key="wrong", base_url=twin.base_url)
        for call in (started(wrong), wrong.poll("1"), wrong.account(), wrong.prepare(a_reference())):
            with pytest.raises(ProviderMisconfigured):
                await call


async def test_no_connection_means_that_nothing_was_sent(http: HttpClient) -> None:
    modelslab = ModelsLab(http=http, api_key="key", base_url="http://127.0.0.1:1")
    with pytest.raises(ProviderUnavailable):
        await started(modelslab)
    with pytest.raises(PollFailed):
        await modelslab.poll("task")
    with pytest.raises(NotStarted):
        await modelslab.prepare(a_reference())


@pytest.mark.parametrize(
    ("state", "text", "kind", "retryable"),
    [
        ("failed", "out of luck", TaskFailed, False),
        ("failed", "Server error, please try again", TaskFailed, True),
        ("failed", "NSFW content", Moderated, None),
        ("failed", "Unable to fetch image from provided URL", ReferenceRefused, None),
        ("error", "generation broke", TaskFailed, False),
        ("error", "flagged by the safety checker", Moderated, None),
        ("error", "Invalid API key", ProviderMisconfigured, None),
        ("error", "Rate limit exceeded", RateLimited, None),
    ],
)
async def test_an_end_without_a_picture_is_told_apart(
    modelslab: ModelsLab,
    twin: LocalModelsLab,
    state: str,
    text: str,
    kind: type[ProviderError],
    retryable: bool | None,
) -> None:
    failed = await failure_of(modelslab, twin, Play.ends(state, f"{text} secret-failure-text"))
    assert type(failed) is kind
    assert getattr(failed, "retryable", None) is retryable
    assert failed.billed is None
    assert "secret-failure-text" not in f"{failed} {failed.detail} {failed.values}"


@pytest.mark.parametrize("flag", [True, [True], [False, True]])
async def test_a_flagged_picture_is_withheld(modelslab: ModelsLab, twin: LocalModelsLab, flag: Any) -> None:
    failed = await failure_of(modelslab, twin, Play(states=("success",), shown={"nsfw_content_detected": flag}))
    assert type(failed) is Moderated
    assert failed.key == "provider.moderated_output"


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
async def test_base64_in_the_answer_is_the_picture(modelslab: ModelsLab, twin: LocalModelsLab, prefix: str) -> None:
    content = picture_of("1280:720")
    twin.script(Play(states=("success",), shown={"output": [prefix + base64.b64encode(content).decode()]}))
    done = await ended(modelslab, await started(modelslab))
    assert await modelslab.download(done.pictures[0]) == content


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=500), PollFailed),
        (Reply(status=503, body=b'{"status":"error","message":"down"}'), PollFailed),
        (Reply(status=429, body=QUEUE_FULL), RateLimited),
        (Reply(status=403), ProviderMisconfigured),
        (Reply(status=400), PollFailed),
        (Reply(status=200, body=b"<html>"), PollFailed),
        (Reply(status=200, body=b"{}"), PollFailed),
        (Reply(status=200, body=b'{"status":"success","output":[]}'), PollFailed),
        (Reply(status=200, body=b'{"status":"success","id":99,"output":["https://a.b/c"]}'), PollFailed),
        (Reply(status=302, headers={"Location": "/"}), PollFailed),
        (Reply(status=200, body=b" " * 17_000_000), PollFailed),
    ],
)
async def test_a_state_that_cannot_be_read_is_asked_for_again(
    modelslab: ModelsLab, twin: LocalModelsLab, reply: Reply, kind: type[ProviderError]
) -> None:
    assert type(await failure_of(modelslab, twin, Play(polls=(reply,) * 3))) is kind


@pytest.mark.parametrize(
    "reply", [Reply(status=404), Reply(status=200, body=b'{"status":"error","message":"Not found"}')]
)
async def test_a_task_vanishes_only_after_a_grace(twin: LocalModelsLab, http: HttpClient, reply: Reply) -> None:
    now = [0.0]
    modelslab = ModelsLab(http=http, api_key=twin.api_key, base_url=twin.base_url, clock=lambda: now[0])
    twin.script(Play(polls=(reply,) * 9))
    task = await started(modelslab)
    with pytest.raises(PollFailed):
        await modelslab.poll(task)
    now[0] = 60
    with pytest.raises(TaskVanished):
        await modelslab.poll(task)


async def test_the_older_address_is_asked_where_the_newer_is_not_there(
    modelslab: ModelsLab, twin: LocalModelsLab
) -> None:
    twin.only_old_fetch = True
    task = await started(modelslab)
    assert isinstance(await ended(modelslab, task), Done)
    assert ("POST", "/api/v6/images/fetch", 200) in twin.requests


async def test_a_task_is_not_asked_for_before_it_may_be_done(twin: LocalModelsLab, http: HttpClient) -> None:
    now = [1000.0]
    modelslab = ModelsLab(http=http, api_key=twin.api_key, base_url=twin.base_url, clock=lambda: now[0])
    twin.eta = 4
    task = await started(modelslab)
    for elapsed, polls in ((3.9, 0), (4.0, 1), (7.9, 1), (8.0, 2)):
        now[0] = 1000 + elapsed
        await modelslab.poll(task)
        assert twin.tasks[0].polls == polls


@pytest.mark.parametrize(("eta", "rest"), [(3600, 10), (None, 0), ("soon", 0), (-5, 0), (True, 0)])
async def test_an_eta_is_believed_for_ten_seconds_at_the_most(
    twin: LocalModelsLab, http: HttpClient, eta: Any, rest: float
) -> None:
    now = [1000.0]
    modelslab = ModelsLab(http=http, api_key=twin.api_key, base_url=twin.base_url, clock=lambda: now[0])
    twin.eta = eta
    task = await started(modelslab)
    await modelslab.poll(task)
    assert twin.tasks[0].polls == (0 if rest else 1)
    now[0] += rest
    await modelslab.poll(task)
    assert twin.tasks[0].polls == (1 if rest else 2)


async def test_another_process_can_ask_and_nothing_can_be_stopped(twin: LocalModelsLab, http: HttpClient) -> None:
    first, later = (ModelsLab(http=http, api_key=twin.api_key, base_url=twin.base_url) for _ in range(2))
    task = await started(first)
    assert await later.cancel(task) == Pending(task_id=task, running=True)
    assert not later.facts.cancels


async def test_references_are_uploaded_for_a_day(twin: LocalModelsLab, http: HttpClient) -> None:
    modelslab = ModelsLab(http=http, api_key=twin.api_key, base_url=twin.base_url, clock=lambda: 1000.0)
    sent = await modelslab.prepare(a_reference())
    assert twin.uploads[sent.uri] == a_reference().content
    assert (sent.tag, sent.expires_at) == ("model", 1000 + 23 * 3600)
    assert twin.submissions == 0


async def test_a_reference_above_five_megabytes_is_refused_unsent(modelslab: ModelsLab, twin: LocalModelsLab) -> None:
    with pytest.raises(ReferenceRefused) as caught:
        await modelslab.prepare(a_reference(size=(1200, 1200), noisy=True))
    assert caught.value.key == "provider.reference_too_large"
    assert not twin.requests


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=200, body=b'{"status":"error","message":"bad file"}'), ReferenceRefused),
        (Reply(status=400, body=b'{"status":"error","messege":"bad file"}'), ReferenceRefused),
        (Reply(status=200, body=b'{"status":"error","message":"Invalid API key"}'), ProviderMisconfigured),
        (Reply(status=401), ProviderMisconfigured),
        (Reply(status=402), OutOfCredits),
        (Reply(status=429, body=QUEUE_FULL), RateLimited),
        (Reply(status=200, body=QUEUE_FULL), RateLimited),
        (Reply(status=500), ProviderUnavailable),
        (Reply(status=200, body=b"<html>"), ProviderUnavailable),
        (Reply(status=200, body=b'{"status":"success","output":[]}'), ProviderUnavailable),
        (Reply(status=200, body=b'{"status":"success","output":["file:///x"]}'), ProviderUnavailable),
        (Reply(status=200, body=b'{"status":"processing","id":5}'), ProviderUnavailable),
    ],
)
async def test_an_upload_that_is_not_taken(
    modelslab: ModelsLab, twin: LocalModelsLab, reply: Reply, kind: type[ProviderError]
) -> None:
    twin.upload_reply = reply
    with pytest.raises(ProviderError) as caught:
        await modelslab.prepare(a_reference())
    assert type(caught.value) is kind


async def test_the_balance_is_what_is_left(modelslab: ModelsLab, twin: LocalModelsLab) -> None:
    await ended(modelslab, await started(modelslab))
    assert (await modelslab.account()).balance == Money.dollars("99.93")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401), ProviderMisconfigured),
        (Reply(status=200, body=b'{"status":"error","message":"Invalid API key"}'), ProviderMisconfigured),
        (Reply(status=500), PollFailed),
        (Reply(status=200, body=b'{"status":"success","data":{"balance":"lots"}}'), PollFailed),
        (Reply(status=200, body=b'{"status":"success"}'), PollFailed),
    ],
)
async def test_a_balance_that_is_not_told(
    modelslab: ModelsLab, twin: LocalModelsLab, reply: Reply, kind: type[ProviderError]
) -> None:
    twin.balance_reply = reply
    with pytest.raises(ProviderError) as caught:
        await modelslab.account()
    assert type(caught.value) is kind


ANSWER = bodies(
    status=st.sampled_from(["success", "processing", "failed", "error", "new"]),
    id=st.integers(),
    output=st.lists(st.text(max_size=20), max_size=2) | st.sampled_from([["https://["], {"a": "https://a.b/c"}]),
    proxy_links=JSON,
    message=st.sampled_from(["nsfw", "\ud800", "API key", "not found"]),
    messege=JSON,
    eta=st.floats() | st.integers(),
    retry_after=st.floats() | st.integers(),
    nsfw_content_detected=st.booleans(),
    data=st.fixed_dictionaries({"balance": JSON}),
)


@settings(max_examples=150, deadline=None)
@given(st.integers(200, 599), HEADERS, ANSWER)
async def test_whatever_comes_only_provider_errors_get_out(status: int, headers: dict[str, str], body: bytes) -> None:
    def calls(http: HttpClient) -> list[Any]:
        modelslab = ModelsLab(http=http, api_key="key")
        sent = SentReference(tag="abc", uri="https://a.b/")
        turbo = an_order(model=Model.GEN4_IMAGE_TURBO, references=(sent, sent), seed=None)
        return [
            modelslab.submit(an_order(seed=None)),
            modelslab.submit(turbo),
            modelslab.poll("t"),
            modelslab.cancel("t"),
            modelslab.account(),
            modelslab.prepare(a_reference(size=(8, 8))),
        ]

    assert await survives(status, headers, body, calls) == 6


async def test_an_endless_number_is_no_task_id(modelslab: ModelsLab, twin: LocalModelsLab) -> None:
    twin.script(Play.answers(200, b'{"status":"processing","id":' + b"9" * 5000 + b"}"))
    with pytest.raises(SubmissionUnknown):
        await started(modelslab)


async def test_no_secret_reaches_logs_or_errors(
    modelslab: ModelsLab, twin: LocalModelsLab, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    order: Order = an_order(prompt="canary-prompt-5150", seed=None)
    twin.script(*(play for play, _ in REFUSALS), Play.ends("failed", "secret-failure-text"))
    texts = [repr(modelslab), await outcome(modelslab.prepare(a_reference()))]
    for _ in range(len(REFUSALS) + 2):
        texts.append(await outcome(modelslab.submit(order)))
    texts += [await outcome(modelslab.poll(str(12_345_678 + number))) for number in range(4) for _ in range(3)]
    tokens = [output.token for output in twin.outputs.outputs.values()]
    assert tokens
    for canary in (twin.api_key, order.prompt, "secret-failure-text", *tokens, *twin.uploads):
        assert canary not in "\n".join(texts)
        assert canary not in caplog.text
