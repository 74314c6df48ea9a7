"""What came of asking for pictures."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.job import RequestRecord
from bot.domain.quota import Allowance
from bot.services.ports import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An accepted request. `repeated` is true when it had been accepted before: nothing new was held."""

    record: RequestRecord
    allowance: Allowance
    standing: Standing
    unknown_tags: tuple[str, ...] = ()
    repeated: bool = False
