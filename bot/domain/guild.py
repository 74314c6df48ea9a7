"""What a server decides for itself; an absent row means these defaults."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ThreadMode(StrEnum):
    """Where results of requests made in a channel go."""

    THREAD = "thread"  #: a thread of their own below the card
    CHANNEL = "channel"  #: into the channel itself


class Pressers(StrEnum):
    """Who may press the buttons of a result, at their own expense."""

    EVERYONE = "everyone"
    REQUESTER = "requester"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuildSettings:
    """A server's choices. `return_moderated` gives quota back even when the provider billed a declined prompt.

    `provider_order` comes before the operator's; `providers_off` are not used for this server. With `channels_allowed`
    pictures are made there only, never in `channels_denied`; `words` are not accepted in prompts. `timezone` is a
    name of the IANA database. `log_channel` is told of results and changes.
    """

    thread_mode: ThreadMode = ThreadMode.THREAD
    pressers: Pressers = Pressers.EVERYONE
    return_moderated: bool = False
    provider_order: tuple[str, ...] = ()
    providers_off: tuple[str, ...] = ()
    channels_allowed: tuple[int, ...] = ()
    channels_denied: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    timezone: str = "UTC"
    log_channel: int | None = None
