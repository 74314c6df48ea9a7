"""A request that waits for its person's word on which prompt to use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.request import ImageRequest

DRAFT_LIFE = 24 * 3600.0
"""Seconds that a draft is kept: the links of its references are good for no longer (Discord, signed links)."""


class Choice(StrEnum):
    """Which prompt was decided for."""

    USE = "use"  #: the enhanced one
    MINE = "mine"  #: the person's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The request with the person's own prompt, and the enhanced one; nothing is held for it.

    `provider` is the service the person named. `token` is that of the interaction which asked, good for 15 minutes;
    never logged.
    """

    id: str
    user_id: int
    request: ImageRequest
    enhanced: str
    created_at: float
    provider: str | None = None
    token: str | None = None

    def decided(self, choice: Choice) -> ImageRequest:
        """The request to make."""
        return self.request if choice is Choice.MINE else replace(self.request, prompt=self.enhanced)

    @property
    def changed(self) -> bool:
        """Whether there are two prompts to choose from."""
        return self.enhanced != self.request.prompt
