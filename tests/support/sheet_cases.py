"""Every failure code and HTTP row of the fact sheet's sections on the five services, as cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.domain.errors import (
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
from tests.support.runway_script import NOT_ENOUGH_CREDITS, End, Scenario
from tests.support.sheet import Case
from tests.support.twin_script import Play, Reply

HTML = b"<!doctype html><title>Error</title>"
ASSET_TEXTS = (
    "Invalid data URI.",
    "Unsupported asset type.",
    "Invalid URL",
    "Only HTTPS URLs are allowed.",
    "URLs must be hosted on a domain.",
    "Failed to fetch asset. 404",
    "Timeout while fetching asset.",
)
Kind = type[ProviderError]


def says(status: int, body: object = None, **headers: str) -> Reply:
    """An answer; a body that is no bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    return Reply(status=status, body=content, headers={name.replace("_", "-"): v for name, v in headers.items()})


def both(
    service: str, section: str, row: str, answer: Reply, sent: Kind, asked: Kind | None, **more: Any
) -> Iterator[Case]:
    """The same answer to the paid request and to questions for the task."""
    what, later = str(answer.status), more.pop("later", None)
    yield Case(service=service, section=section, row=row, what=f"{what} to an order", reply=answer, ends=sent, **more)
    more.pop("key", None)
    yield Case(
        service=service,
        section=section,
        row=row,
        what=f"{what} to a poll",
        polls=answer,
        ends=asked,
        later=later,
        **more,
    )


def runway_codes() -> Iterator[Case]:
    """Section 1.6, directly and as CometAPI passes it on."""
    table: list[tuple[str, list[str | None], Kind, str | None, bool | None]] = [
        ("`SAFETY.INPUT.TEXT`, `.IMAGE`, (`.VIDEO`)",
         ["SAFETY.INPUT.TEXT", "SAFETY.INPUT.IMAGE", "SAFETY.INPUT.VIDEO", "safety.input.text"],
         Moderated, "provider.moderated", None),
        ("`SAFETY.OUTPUT.*`", ["SAFETY.OUTPUT", "SAFETY.OUTPUT.IMAGE"], Moderated, "provider.moderated_output", None),
        ("`INPUT_PREPROCESSING.SAFETY.TEXT`", ["INPUT_PREPROCESSING.SAFETY.TEXT"],
         Moderated, "provider.moderated", None),
        ("`INPUT_PREPROCESSING.SAFETY.THIRD_PARTY`", ["INPUT_PREPROCESSING.SAFETY.THIRD_PARTY"],
         Moderated, "provider.moderated", None),
        ("`INPUT_PREPROCESSING.INTERNAL`", ["INPUT_PREPROCESSING.INTERNAL"], TaskFailed, None, True),
        ("`INTERNAL.BAD_OUTPUT.*` (`.01`, **`.CODE01`** seen live, also on `gen4_image`)",
         ["INTERNAL.BAD_OUTPUT", "INTERNAL.BAD_OUTPUT.01", "INTERNAL.BAD_OUTPUT.CODE01"],
         TaskFailed, "provider.bad_output", True),
        ("`ASSET.INVALID`", ["ASSET.INVALID"], ReferenceRefused, None, None),
        ("`THIRD_PARTY.UNAVAILABLE`", ["THIRD_PARTY.UNAVAILABLE"], TaskFailed, None, True),
        ("`INTERNAL` or `null`", ["INTERNAL", None], TaskFailed, None, True),
        ("anything else", ["SOMETHING.NEW", "INTERNALS", "SAFETYNET"], TaskFailed, None, False),
    ]  # fmt: skip
    for row, codes, ends, key, retryable in table:
        for code in codes:
            yield Case(
                service="runway", section="1.6", row=row, what=str(code), ends=ends, key=key, retryable=retryable,
                play=Scenario.fails(code),
            )  # fmt: skip
            if code is not None:
                yield Case(
                    service="cometapi", section="1.6", row=row, what=code, ends=ends, key=key, retryable=retryable,
                    play=Play.ends("FAILED", failureCode=code),
                )  # fmt: skip


def runway_statuses() -> Iterator[Case]:
    """Section 1.7."""
    issue = {"code": "too_big", "path": ["promptText"], "message": "Too long"}
    invalid = says(400, {"error": "Validation of body failed", "issues": [issue], "docUrl": "https://docs"})
    yield Case(service="runway", section="1.7", row="400", what="validation", reply=invalid, ends=RequestRefused)
    for text in ASSET_TEXTS:
        asset = says(400, {"error": text})
        yield Case(service="runway", section="1.7", row="400", what=text, reply=asset, ends=ReferenceRefused)
    empty = says(400, NOT_ENOUGH_CREDITS)
    yield Case(service="runway", section="1.7", row="**400**", what="no credits", reply=empty, ends=OutOfCredits)
    yield from both("runway", "1.7", "401", says(401), ProviderMisconfigured, ProviderMisconfigured)
    yield from both("runway", "1.7", "404 / 405", says(404), ProviderMisconfigured, PollFailed, later=TaskVanished)
    yield from both("runway", "1.7", "404 / 405", says(405), ProviderMisconfigured, PollFailed)
    too_large = "provider.reference_too_large"
    yield Case(
        service="runway", section="1.7", row="413", what="413", reply=says(413), ends=ReferenceRefused, key=too_large
    )
    slow = says(429, retry_after="7")
    yield from both("runway", "1.7", "429", slow, RateLimited, RateLimited, retry_in=7.0)
    for status in (502, 503):
        yield from both("runway", "1.7", "502, 503", says(status), ProviderUnavailable, PollFailed)
    yield from both("runway", "1.7", "504", says(504), SubmissionUnknown, PollFailed)


def runway_states() -> Iterator[Case]:
    """Section 1.4."""
    states: list[tuple[str, Scenario, Kind | None]] = [
        ("`PENDING`", Scenario(queue=2), None),
        ("`THROTTLED`", Scenario(queue=0, throttled=2), None),
        ("`RUNNING`", Scenario(queue=0, running=(0.2, 0.9)), None),
        ("`SUCCEEDED`", Scenario(queue=0, running=()), None),
        ("`FAILED`", Scenario.fails("INTERNAL"), TaskFailed),
        ("`CANCELLED`", Scenario(queue=0, running=(), end=End.CANCELLED), TaskCancelled),
    ]
    for row, play, ends in states:
        yield Case(service="runway", section="1.4", row=row, what="is polled", play=play, ends=ends)


def cometapi() -> Iterator[Case]:
    """Section 2."""

    def case(row: str, what: str, ends: Kind | None, **more: Any) -> Case:
        return Case(service="cometapi", section="2", row=row, what=what, ends=ends, **more)

    def error(status: int, message: str, code: str = "") -> Reply:
        said = {"message": f"{message} (request id: 1)", "type": "comet_api_error", "param": "", "code": code}
        return says(status, {"error": said})

    text_only = error(400, "reference_images_empty", "reference_images_empty")
    yield case("**Text-only is refused**", "400", RequestRefused, reply=text_only, key="refused.needs_references")
    for wrapped, row in ((False, "Poll envelope, current docs"), (True, "Poll envelope, older copy")):
        twin = {"wrapped": wrapped}
        yield case(row, "a picture", None, play=Play(), twin=twin)
        yield case(row, "a failure", TaskFailed, play=Play.ends("FAILED", "internal error"), twin=twin, retryable=True)
    for status in (200, 400, 404):
        fresh = says(status, {"code": "task_not_exist", "message": "task_not_exist", "data": None})
        yield case("Poll quirk", f"{status} task_not_exist", PollFailed, polls=fresh, later=TaskVanished)
    for state, ends in (("succeeded", None), ("failed", Moderated), ("cancelled", TaskCancelled)):
        yield case("Status case", state, ends, play=Play.ends(state))
    yield case("Errors", "the envelope", RequestRefused, reply=error(400, "ratio is not valid", "invalid_request"))
    yield case("Errors", "an empty code", RequestRefused, reply=error(400, "ratio is not valid"))
    yield from both("cometapi", "2", "400", error(400, "bad"), RequestRefused, PollFailed)
    yield from both("cometapi", "2", "400", error(401, "no"), ProviderMisconfigured, ProviderMisconfigured)
    yield from both("cometapi", "2", "400", error(403, "no"), ProviderMisconfigured, ProviderMisconfigured)
    yield from both("cometapi", "2", "400", says(301, HTML, Location="/x"), ProviderMisconfigured, PollFailed)
    yield from both("cometapi", "2", "400", says(200, HTML), SubmissionUnknown, PollFailed)
    yield from both("cometapi", "2", "400", says(429, retry_after="9"), RateLimited, RateLimited, retry_in=9.0)
    yield from both("cometapi", "2", "400", error(500, "malformed", "invalid_request"), RequestRefused, PollFailed)
    for status in (500, 503, 504, 524):
        yield from both("cometapi", "2", "400", error(status, "busy"), SubmissionUnknown, PollFailed)
    yield case("400", "413 to an order", ReferenceRefused, reply=says(413), key="provider.reference_too_large")
    for status in (401, 402, 403, 429):
        for words in ("user quota is not enough", "insufficient balance"):
            yield case("Insufficient quota", f"{status} {words}", OutOfCredits, reply=error(status, words))
    flagged = Play.ends("FAILED", "x", failureCode="SAFETY.INPUT.IMAGE")
    yield case("NSFW", "a failure code", Moderated, play=flagged)
    yield case("NSFW", "a failure without a word", Moderated, play=Play.ends("FAILED"))


def segmind() -> Iterator[Case]:
    """Section 3."""

    def case(row: str, what: str, ends: Kind | None, **more: Any) -> Case:
        return Case(service=more.pop("service", "segmind"), section="3", row=row, what=what, ends=ends, **more)

    def both_ways(row: str, answer: Reply, sent: Kind, asked: Kind | None, **more: Any) -> Iterator[Case]:
        yield from both("segmind", "3", row, answer, sent, asked, **more)
        yield case(row, f"{answer.status} to an order", sent, service="segmind-direct", reply=answer)

    def error(status: int, text: str, **headers: str) -> Reply:
        return says(status, {"error": text}, **headers)

    yield from both_ways("400", error(400, "bad ratio"), RequestRefused, PollFailed)
    for text in (
        "Missing Authorization or x-api-key in header",
        "Unauthorized. API key is invalid or may have expired",
    ):
        yield from both_ways("401", error(401, text), ProviderMisconfigured, ProviderMisconfigured)
    yield from both_ways("403", error(403, "private model"), ProviderMisconfigured, ProviderMisconfigured)
    # What the queue has forgotten is looked up in the record of past requests.
    yield from both_ways("404", error(404, "Request not found"), ProviderMisconfigured, None)
    nowhere = {"polls": error(404, "Request not found"), "twin": {"history_answer": says(404)}}
    yield case("404", "to a poll, and no record", PollFailed, later=TaskVanished, **nowhere)
    yield from both_ways("405", says(405, HTML), ProviderMisconfigured, PollFailed)
    for text, ends in (
        ("Insufficient credits. Please add credits.", OutOfCredits),
        ("Invalid content type", RequestRefused),
        ("ratio: value is not permitted", RequestRefused),
        ("Team spend limit reached", OutOfCredits),
    ):
        for service in ("segmind", "segmind-direct"):
            yield case("**406**", text, ends, service=service, reply=error(406, text))
    yield from both_ways("410", error(410, "model retired"), ProviderMisconfigured, None)
    yield case("422", "a job that failed", TaskFailed, play=Play.ends("FAILED", "it broke"), retryable=False)
    yield case("422", "a job that may work later", TaskFailed, play=Play.ends("FAILED", "try again"), retryable=True)
    yield case("422", "an order", RequestRefused, reply=error(422, "bad"))
    yield from both_ways("429", error(429, "Rate Limited"), RateLimited, RateLimited)
    for status in (500, 502, 504):
        yield from both_ways(str(status), error(status, "busy"), SubmissionUnknown, PollFailed)
    invalid = {"error": "invalid_token", "error_description": "x", "status_code": 401}
    yield case("error envelope", "of a bad key", ProviderMisconfigured, reply=says(401, invalid))
    yield case("error envelope", "in HTML", ProviderMisconfigured, reply=says(405, HTML))
    yield case("v1 response", "bytes", None, service="segmind-direct", play=Play())
    yield case("v2 submit response", "a task", None, play=Play())
    for states, ends in ((("QUEUED", "PROCESSING", "COMPLETED"), None), (("QUEUED", "FAILED"), TaskFailed)):
        yield case("v2 poll", " ".join(states), ends, play=Play(states=states, failure="it broke"))
    yield case("v2 result", "a list of links", None, play=Play())
    reset = says(429, {"error": "slow"}, x_rate_limit_reset_at_utc="2025-10-09T08:53:30Z")
    yield case("rate limit", "429 with its reset", RateLimited, reply=reset, retry_in=10.0)


def wavespeed() -> Iterator[Case]:
    """Section 4."""

    def case(row: str, what: str, ends: Kind | None, **more: Any) -> Case:
        return Case(service="wavespeed", section="4", row=row, what=what, ends=ends, **more)

    def error(status: int, text: str, code: int | None = None) -> Reply:
        return says(status, {"code": status if code is None else code, "message": text})

    for status, sent, asked in (
        (400, RequestRefused, PollFailed),
        (401, ProviderMisconfigured, ProviderMisconfigured),
        (403, ProviderMisconfigured, ProviderMisconfigured),
        (429, RateLimited, RateLimited),
        (500, SubmissionUnknown, PollFailed),
    ):
        yield from both("wavespeed", "4", "HTTP errors", error(status, "no"), sent, asked)
        inside = error(200, "no", status)
        yield case("HTTP errors", f"200 around {status}", sent, reply=inside)
        yield case("HTTP errors", f"200 around {status} to a poll", asked, polls=inside)
    failed = Play.ends("failed", "upstream said HTTP 503")
    yield case("HTTP 200 with failure", "that may pass", TaskFailed, play=failed, retryable=True)
    yield case("HTTP 200 with failure", "for good", TaskFailed, play=Play.ends("failed", "odd"), retryable=False)
    yield case("Response", "of a task", None, play=Play())
    yield case("Statuses", "created, processing, completed", None, play=Play())
    for state, ends in (("failed", TaskFailed), ("timeout", TaskFailed), ("deleted", TaskFailed)):
        yield case("Statuses", state, ends, play=Play.ends(state), retryable=False)
    yield case("Statuses", "cancelled", TaskCancelled, play=Play.ends("cancelled"))
    yield case("`enable_sync_mode`", "code 5004", None, play=Play(accepted={"code": 5004}))
    for status in (400, 403):
        for words in ("Insufficient credits, please top up.", "Your balance is not enough"):
            yield case("Insufficient credit", f"{status} {words}", OutOfCredits, reply=error(status, words))
    flagged = Play.ends("completed", has_nsfw_contents=[True])
    yield case("NSFW", "a flagged picture", Moderated, play=flagged, key="provider.moderated_output")
    yield case("NSFW", "a failure text", Moderated, play=Play.ends("failed", "content flagged as NSFW"))


def modelslab() -> Iterator[Case]:
    """Section 5."""

    def case(row: str, what: str, ends: Kind | None, **more: Any) -> Case:
        return Case(service="modelslab", section="5", row=row, what=what, ends=ends, **more)

    def error(status: int, text: str, name: str = "message", **more: object) -> Reply:
        return says(status, {"status": "error", name: text, **more})

    yield case("Response", "success at once", None, play=Play(), twin={"at_once": True})
    yield case("Response", "processing", None, play=Play())
    yield case("Response", "error", RequestRefused, reply=error(200, "something odd"))
    yield case("Response", "error in its own spelling", RequestRefused, reply=error(200, "something odd", "messege"))
    for state, ends in (("success", None), ("failed", TaskFailed), ("error", TaskFailed)):
        yield case("Poll", state, ends, play=Play.ends(state, "odd"))
    yield case("Poll", "at its older address", None, play=Play(), twin={"only_old_fetch": True})
    yield from both("modelslab", "5", "HTTP errors", error(400, "bad"), RequestRefused, PollFailed)
    for text in ("Invalid API key", "API key required"):
        yield from both("modelslab", "5", "HTTP errors", error(401, text), ProviderMisconfigured, ProviderMisconfigured)
        yield case("HTTP errors", f"200 {text}", ProviderMisconfigured, reply=error(200, text))
    yield case("HTTP errors", "402 to an order", OutOfCredits, reply=error(402, "pay"))
    yield case("HTTP errors", "200 without credits", OutOfCredits, reply=error(200, "Insufficient credits"))
    yield from both("modelslab", "5", "HTTP errors", error(403, "plan"), ProviderMisconfigured, ProviderMisconfigured)
    slow = error(429, "slow down", retry_after=12)
    yield from both("modelslab", "5", "HTTP errors", slow, RateLimited, RateLimited, retry_in=12.0)
    for status in (500, 503):
        yield from both("modelslab", "5", "HTTP errors", error(status, "busy"), SubmissionUnknown, PollFailed)
    full = "Rate limit exceeded. Maximum 5 queued requests allowed."
    for status in (429, 200):
        answer = error(status, full, retry_after=30)
        yield case("Queue limit", f"{status}", RateLimited, reply=answer, retry_in=30.0)
    for text, ends in (
        ("Model not found: gen4_image", ProviderMisconfigured),
        ("Unable to fetch image from provided URL", ReferenceRefused),
        ("prompt is required", RequestRefused),
    ):
        for status in (200, 400):
            if (status, ends) != (400, ProviderMisconfigured):
                yield case("specific texts", f"{status} {text}", ends, reply=error(status, text))
    flagged = Play.ends("success", nsfw_content_detected=True)
    yield case("NSFW in results", "flagged", Moderated, play=flagged, key="provider.moderated_output")


CASES = [
    *runway_states(),
    *runway_codes(),
    *runway_statuses(),
    *cometapi(),
    *segmind(),
    *wavespeed(),
    *modelslab(),
]

OTHER_ROWS: dict[str, frozenset[str]] = {
    "2": frozenset(
        {
            "Base", "Auth", "Required header", "Submit", "Body", "`gen4_image_turbo`", "Sync/async", "Poll", "Interval",
            "Cancel", "Uploads", "Output lifetime", "Price", "Balance", "Rate limit", "Webhook", "Idempotency",
        }
    ),
    "3": frozenset(
        {
            "Base", "Auth", "Sync submit", "Async submit", "Content-Type", "Body", "`ratio` values", "⚠", "not offered",
            "reference count", "reference as base64", "Storage upload", "interval / deadline", "lifetimes", "cancel",
            "idempotency", "latency / price", "balance", "history", "webhooks",
        }
    ),
    "4": frozenset(
        {
            "Base / auth", "Submit", "Turbo", "`prompt`", "`aspect_ratio`", "`resolution`", "`reference_images`",
            "`seed`", "`enable_base64_output`", "no", "Poll", "Interval", "Submit retry", "Idempotency", "Cancel",
            "History", "Upload", "Reference URLs", "Output lifetime", "Price", "Rate/concurrency", "Balance",
            "Billing check", "Webhook",
        }
    ),
    "5": frozenset(
        {
            "Submit", "Auth", "Body", "Optional", "not offered", "`aspect_ratio` options as printed", "what to send",
            "Turbo", "`init_image` form", "Upload helper", "So", "Interval", "Cancel", "Output lifetime", "Price",
            "Balance", "Webhook", "NSFW helpers", "Idempotency", "Model metadata",
        }
    ),
}  # fmt: skip
"""Rows of these sections that name no code, no status and no form of an answer."""
