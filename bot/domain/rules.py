"""A server's rules on who may ask for pictures, where, and in which words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.errors import InvalidRequest, NotAllowed
from bot.domain.guild import AgeRestricted, GuildSettings, Spoilers

MAX_CHANNELS = 100
"""Channels that one server may list, allowed and denied each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A person who may not ask for pictures in a server; only moderators see the reason."""

    user_id: int
    reason: str
    blocked_by: int
    blocked_at: float


def may_use(settings: GuildSettings, channel_ids: Iterable[int]) -> bool:
    """Whether pictures may be asked for in a place: its channel, and for a thread the channel above it as well.

    A thread that is named itself decides for itself; otherwise the channel above it does.
    """
    for channel_id in channel_ids:
        if channel_id in settings.channels_denied:
            return False
        if channel_id in settings.channels_allowed:
            return True
    return not settings.channels_allowed


def check_age_rule(settings: GuildSettings, *, age_restricted: bool) -> None:
    """Whether pictures may be asked for in a channel that is age-restricted, or in one that is not.

    Raises:
        NotAllowed: the server wants them elsewhere.
    """
    if settings.age_restricted is AgeRestricted.ONLY and not age_restricted:
        raise NotAllowed("refused.age_restricted_only")
    if settings.age_restricted is AgeRestricted.NEVER and age_restricted:
        raise NotAllowed("refused.age_restricted_never")


def must_cover(settings: GuildSettings, *, age_restricted: bool) -> bool:
    """Whether every picture made there is covered, whatever its requester wants."""
    match settings.spoilers:
        case Spoilers.AS_ASKED:
            return False
        case Spoilers.ALWAYS:
            return True
        case Spoilers.OUTSIDE_AGE_RESTRICTED:
            return not age_restricted


def with_channel_allowed(settings: GuildSettings, channel_id: int) -> GuildSettings:
    """A denied channel is open again; any other joins the list outside of which no pictures are made.

    Raises:
        InvalidRequest: the list is full.
    """
    if channel_id in settings.channels_denied:
        denied = tuple(each for each in settings.channels_denied if each != channel_id)
        settings = replace(settings, channels_denied=denied)
        if not settings.channels_allowed:
            return settings
    return replace(settings, channels_allowed=_with(settings.channels_allowed, channel_id))


def with_channel_denied(settings: GuildSettings, channel_id: int) -> GuildSettings:
    """A channel leaves the list of the allowed ones, and no pictures are made there.

    Raises:
        InvalidRequest: the list is full.
    """
    allowed = tuple(each for each in settings.channels_allowed if each != channel_id)
    denied = _with(settings.channels_denied, channel_id)
    return replace(settings, channels_allowed=allowed, channels_denied=denied)


def _with(channels: tuple[int, ...], channel_id: int) -> tuple[int, ...]:
    if channel_id in channels:
        return channels
    if len(channels) >= MAX_CHANNELS:
        raise InvalidRequest("refused.channels_full", limit=MAX_CHANNELS)
    return (*channels, channel_id)
