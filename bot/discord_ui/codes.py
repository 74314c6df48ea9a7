"""Discord's JSON error codes (docs, "JSON Error Codes"), by what can be done about them."""

from __future__ import annotations

import discord

from bot.domain.errors import DeliveryFailed

INVALID_FORM = 50035
THREAD_EXISTS = 160004
TAG_REQUIRED = 40067
UNKNOWN_MESSAGE = 10008
OLD_MESSAGE = 30046
"""A message older than an hour was edited too often."""

FORBIDDEN = frozenset({50001, 50013})
"""No access, missing permissions."""

GONE = frozenset({10003, 10004, UNKNOWN_MESSAGE})
"""Channel, server or message is unknown."""

CLOSED = frozenset({50083, 160005, 160006})
"""Archived, locked, too many active threads."""

NO_DIRECT = frozenset({50007, 50278})
"""Direct messages are closed, or no server is shared."""

TOO_LARGE = frozenset({40005, 50045, 30015})
"""The request, a file, or the number of files."""

NO_UPLOADS = 400001
"""Uploads are limited in this server."""

AUTOMOD = frozenset({200000, 200001, 240000})
"""A message or a title was blocked by AutoMod, or a link by its filter."""

FORUM = frozenset({50008, 40058, TAG_REQUIRED, 220001})
"""Only posts can be made here."""

LATER = frozenset({20016, 20028, 20029, 40003, 130000})
"""Slow mode, write limits, direct messages opened too fast, overloaded."""

NO_TOKEN = frozenset({10015, 40094, 50027})
"""The interaction's token is used up: it ended, or has no messages left."""

UNEDITABLE = frozenset({OLD_MESSAGE}) | GONE | FORBIDDEN
"""The message cannot be edited any more."""

NO_MORE_EDITS = frozenset({20016, 20028, 20029}) | UNEDITABLE
"""Showing progress is given up."""

_KEYS = {
    **dict.fromkeys(GONE, "place.gone"),
    **dict.fromkeys(FORBIDDEN, "place.forbidden"),
    **dict.fromkeys(CLOSED, "place.closed"),
    **dict.fromkeys(NO_DIRECT, "place.no_direct"),
    **dict.fromkeys(TOO_LARGE, "place.too_large"),
    NO_UPLOADS: "place.no_uploads",
}


def failure(error: discord.HTTPException) -> DeliveryFailed:
    """Busy or broken is worth another try; gone, closed or refused is not.

    A token that is not accepted says nothing about the place: the bot stops, and its successor posts.
    """
    own_token = error.status == 401 and error.code not in NO_TOKEN
    retry = own_token or error.status >= 500 or error.status == 429 or error.code in LATER
    return DeliveryFailed(
        "place.busy" if retry else _KEYS.get(error.code),
        retry=retry,
        detail=f"HTTP {error.status}, code {error.code}",
        too_large=error.status == 413 or error.code in TOO_LARGE,
    )


def code_of(failed: BaseException) -> int:
    """Discord's code behind a failure, 0 without one."""
    cause = failed if isinstance(failed, discord.HTTPException) else failed.__cause__
    return cause.code if isinstance(cause, discord.HTTPException) else 0
