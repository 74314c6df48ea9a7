"""What can go wrong at a service and at Discord, with how often it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random
from typing import Any

from bot.discord_ui.calls import ANSWER_LIMIT, CALL_LIMIT
from bot.discord_ui.presenter import EDIT_LIMIT
from tests.support.runway_script import NOT_ENOUGH_CREDITS
from tests.support.services import Service
from tests.support.studio import CALLBACK, CARD, ORIGINAL, POST, THREAD
from tests.support.twin_script import OutputFault, Reply, SubmitFault

BUSY = Reply(status=429, body=b'{"error":"Rate limit exceeded"}', headers={"Retry-After": "1"})
BROKEN = Reply(status=500, body=b"<html><h1>Internal Server Error</h1></html>")
SHED = Reply(status=503, body=b'{"error":"Service temporarily overloaded"}', headers={"Retry-After": "1"})
TIMED_OUT = Reply(status=504, body=b"upstream request timeout")
INVALID = Reply(
    status=400,
    body=b'{"error":"Validation of body failed","issues":[{"code":"custom","path":["promptText"],"message":"No"}]}',
)
EMPTY_ACCOUNT = Reply(status=400, body=NOT_ENOUGH_CREDITS)
NONSENSE = Reply(status=200, body=b'{"id":[],"status":{"a":null}')


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidFault:
    """What happens to one paid submission. `play` are the words of `Play` and `Scenario`; `ending` is one of a task.

    `unknown` tells that nobody may ever know what became of it, `ends` that it may end without a picture, so that a
    lost or failed job is explained by it.
    """

    name: str
    play: Mapping[str, Any] = field(default_factory=dict[str, Any])
    ending: str = ""
    unknown: bool = False
    ends: bool = False

    def of(self, service: Service) -> Any:
        """The play in the service's own words."""
        if self.ending:
            return getattr(service, self.ending)
        return service.play(**self.play)


def _submit(fault: SubmitFault) -> PaidFault:
    return PaidFault(name=f"submit: {fault}", play={"submit": fault}, unknown=True)


def _reply(name: str, reply: Reply, *, unknown: bool = False, ends: bool = False) -> PaidFault:
    return PaidFault(name=f"submit: {name}", play={"reply": reply}, unknown=unknown, ends=ends)


def _output(fault: OutputFault, good_after: int | None = 1) -> PaidFault:
    name = f"output: {fault}" + ("" if good_after else " for good")
    return PaidFault(name=name, play={"output": fault, "good_output_after": good_after}, unknown=good_after is None)


DRIPS = (SubmitFault.DRIP, SubmitFault.TRICKLE)

PAID = (
    *(_submit(fault) for fault in SubmitFault if fault not in {SubmitFault.NONE, *DRIPS}),
    _reply("429 with a hint", BUSY),
    _reply("503", SHED, unknown=True),
    _reply("500", BROKEN, unknown=True),
    _reply("504", TIMED_OUT, unknown=True),
    _reply("400", INVALID, ends=True),
    _reply("400, no credits", EMPTY_ACCOUNT, ends=True),
    *(PaidFault(name=f"poll: {name}", play={"polls": (reply,) * times}) for name, reply, times in (
        ("500", BROKEN, 2), ("429 with a hint", BUSY, 1), ("503", SHED, 1), ("garbage", NONSENSE, 3),
        ("504", TIMED_OUT, 1),
    )),
    PaidFault(name="task: failed", ending="failed", ends=True),
    PaidFault(name="task: moderated", ending="moderated", ends=True),
    *(_output(fault) for fault in (
        OutputFault.HTML, OutputFault.EMPTY, OutputFault.TRUNCATED, OutputFault.CUT, OutputFault.PACKED,
        OutputFault.GONE, OutputFault.BUSY, OutputFault.ELSEWHERE, OutputFault.LOOP, OutputFault.ENDLESS,
    )),
    _output(OutputFault.REDIRECT, None),
    _output(OutputFault.CUT, None),
)  # fmt: skip
"""Everything that a service does wrong at once."""

DRIPPING = (
    _submit(SubmitFault.DRIP),
    PaidFault(name="submit: trickle", play={"submit": SubmitFault.TRICKLE}),
    PaidFault(name="poll: drip", play={"polls": (replace(NONSENSE, over=40.0),)}),
    PaidFault(name="poll: trickle", play={"polls": (replace(SHED, over=0.5), replace(NONSENSE, over=0.5))}),
    _output(OutputFault.DRIP),
    _output(OutputFault.TRICKLE),
)
"""What comes byte by byte from a service: slower than it is waited for (30 seconds for a poll), or in good time."""

DISCORD: Mapping[str, Mapping[str, Any]] = {
    "500": {"status": 500},
    "502": {"status": 502},
    "503": {"status": 503},
    "429": {"status": 429, "retry_after": 0.2},
    "dropped": {"drop": True},
    "slow": {"hang": 0.4},
    "slow, then dropped": {"hang": 0.3, "drop": True},
    "done, but 502": {"status": 502, "after_commit": True},
    "done, but dropped": {"drop": True, "after_commit": True},
}
"""What Discord does wrong with a call."""

CALLS = (("POST", CALLBACK), ("POST", THREAD), ("POST", POST), ("PATCH", CARD), ("GET", POST), ("GET", ORIGINAL))
"""The calls that carry a request through its life."""


TRICKLE, DRIP = "trickle", "drip"
DRIPS_OF = {CALLBACK: ANSWER_LIMIT, CARD: EDIT_LIMIT, POST: CALL_LIMIT, THREAD: CALL_LIMIT}
"""Seconds after which an answer that drips is not waited for any more; the last edit of a card has `CALL_LIMIT`."""

REFUSALS: Mapping[str, Mapping[str, Any]] = {
    "403, 50001": {"status": 403, "code": 50001},
    "403, 50013": {"status": 403, "code": 50013},
    "404, 10003": {"status": 404, "code": 10003},
}
"""What Discord says of a place that is not the bot's to use, or gone: it is no use to ask again."""


REFUSED = (("POST", THREAD), ("POST", POST), ("PATCH", CARD))
"""The calls that may be refused for good; the first two are what a place is used for."""


class Extent(StrEnum):
    """How much is refused."""

    CALL = "once"
    CHANNEL = "in the channel, for a round"
    EVERYWHERE = "everywhere, for a round"


def paid_fault(dice: Random, service: Service) -> PaidFault:
    """One of them that this service can have."""
    while True:
        fault = dice.choice(PAID)
        if not fault.ending or getattr(service, fault.ending) is not None:
            return fault
