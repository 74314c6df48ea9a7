"""What a local Runway is told to do with the next submission, up to every fault the bot must survive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tests.support.twin_script import OutputFault, Reply, SubmitFault


class End(StrEnum):
    """How a task ends."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    NEVER = "NEVER"


NOT_ENOUGH_CREDITS = (
    b'{"error":"You do not have enough credits to run this task.","docUrl":"https://docs.dev.runwayml.com"}'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The life of one submission. Each poll moves the task one step: `queue`, `throttled`, `running`, then the end.

    `credits` is the final cost: `None` for what Runway would bill, and with `says_cost` off the answer is silent about
    it. `polls` are answers given instead of the state, one after another, before the steps begin.
    """

    submit: SubmitFault = SubmitFault.NONE
    reply: Reply | None = None
    queue: int = 1
    throttled: int = 0
    running: tuple[float, ...] = (0.5,)
    end: End = End.SUCCEEDED
    failure_code: str | None = None
    credits: float | None = None
    says_cost: bool = True
    polls: tuple[Reply, ...] = ()
    output: OutputFault = OutputFault.NONE
    good_output_after: int | None = None
    """The output's fault is gone after this many fetches."""

    @classmethod
    def fails(cls, code: str | None, *, credits: float | None = None, says_cost: bool = True) -> Scenario:
        """A task that fails soon."""
        return cls(queue=0, end=End.FAILED, failure_code=code, credits=credits, says_cost=says_cost)

    @classmethod
    def hangs(cls) -> Scenario:
        """A task that runs for ever, until it is cancelled or told to proceed."""
        return cls(queue=0, end=End.NEVER)

    @classmethod
    def answers(cls, status: int, body: bytes = b"{}", **headers: str) -> Scenario:
        """A submission answered with this, without a task."""
        return cls(reply=Reply(status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()}))

    @classmethod
    def out_of_credits(cls) -> Scenario:
        """A submission refused because the account is empty."""
        return cls.answers(400, NOT_ENOUGH_CREDITS)
