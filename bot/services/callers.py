"""Who asks for something, as every use-case that makes requests wants to know it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.job import Place, Requester


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, where, and through which interaction of the chat system."""

    requester: Requester
    place: Place
    interaction_id: int | None = None
    interaction_token: str | None = None
    message_id: int | None = None
