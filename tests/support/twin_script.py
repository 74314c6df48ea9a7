"""What a local service is told to do with the next submission, up to every fault the bot must survive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

TRICKLE_SECONDS = 0.4
DRIP_SECONDS = 100.0
"""What drips takes longer than the longest limit for a submission or a download, 60 seconds each."""


class SubmitFault(StrEnum):
    """What happens to the paid request itself."""

    NONE = "none"
    DROP_BEFORE = "drop_before"  #: the connection breaks; no task was made
    DROP_AFTER = "drop_after"  #: a task was made, then the connection breaks
    HANG_BEFORE = "hang_before"  #: no answer ever; no task was made
    HANG_AFTER = "hang_after"  #: a task was made; no answer ever
    GARBAGE = "garbage"  #: a task was made, the answer is no JSON
    NO_ID = "no_id"  #: a task was made, the answer does not name it
    DRIP = "drip"  #: a task was made; its answer comes byte by byte, and takes longer than anybody waits
    TRICKLE = "trickle"  #: a task was made; its answer comes byte by byte, all of it in good time


class OutputFault(StrEnum):
    """What comes from the link to the picture."""

    NONE = "none"
    HTML = "html"
    EMPTY = "empty"
    TRUNCATED = "truncated"  #: fewer bytes than announced, then the end of the connection
    CUT = "cut"  #: half a picture, announced as such
    ENDLESS = "endless"
    DRIP = "drip"  #: a byte now and then
    TRICKLE = "trickle"  #: a few bytes now and then, all of them in good time
    PACKED = "packed"  #: gzip that nobody asked for
    GONE = "gone"
    BUSY = "busy"  #: 503
    ELSEWHERE = "elsewhere"  #: a redirect to an address inside the network
    REDIRECT = "redirect"  #: a redirect to the picture
    LOOP = "loop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP answer word for word; its bytes come over so many seconds."""

    status: int
    body: bytes = b""
    over: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """The life of one submission at a service, told in the service's own words.

    With `reply` it is answered with that and there is no task. Each poll takes the next of `states` (the last one
    stays), after the answers in `polls` were given in their place, one after another; without `states` they are the
    service's usual ones. `failure` is the text that a failed task tells, `shown` is laid over what a poll tells of the
    task and `accepted` over the answer to the submission. `costs` is what is billed in dollars, `None` for what the
    service would bill.
    """

    submit: SubmitFault = SubmitFault.NONE
    reply: Reply | None = None
    states: tuple[str, ...] = ()
    polls: tuple[Reply, ...] = ()
    failure: str | None = None
    accepted: Mapping[str, Any] = field(default_factory=dict[str, Any])
    shown: Mapping[str, Any] = field(default_factory=dict[str, Any])
    costs: float | None = None
    output: OutputFault = OutputFault.NONE
    good_output_after: int | None = None
    """The output's fault is gone after this many fetches."""

    @classmethod
    def answers(cls, status: int, body: bytes = b"{}", **headers: str) -> Play:
        """A submission answered with this, without a task."""
        return cls(reply=Reply(status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()}))

    @classmethod
    def ends(cls, state: str, failure: str | None = None, **shown: Any) -> Play:
        """A task that is found in this state by the first poll, and stays there."""
        return cls(states=(state,), failure=failure, shown=shown)
