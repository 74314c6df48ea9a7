"""Who asks for something, as every use-case that makes requests wants to know it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.job import Place, Requester


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, where, and through which interaction of the chat system. `above_id` is the channel of a thread."""

    requester: Requester
    place: Place
    interaction_id: int | None = None
    interaction_token: str | None = None
    message_id: int | None = None
    above_id: int | None = None
    age_restricted: bool = False

    @property
    def channel_ids(self) -> tuple[int, ...]:
        """The place and, for a thread, the channel above it."""
        return (self.place.channel_id,) if self.above_id is None else (self.place.channel_id, self.above_id)
