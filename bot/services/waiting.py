"""Waiting for what others say, but not for ever; and work whose failure must not end whoever waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from bot.domain.errors import StorageUnavailable

log = logging.getLogger(__name__)


async def until(event: asyncio.Event, seconds: float) -> None:
    """Wait until the event is set, so many seconds at most."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


async def guarded(work: Coroutine[Any, Any, None], name: str) -> None:
    """Do work that is taken up again when it fails: the log tells of it, and nobody else."""
    try:
        await work
    except StorageUnavailable as error:
        log.warning("%s waits for the storage: %s", name, error.detail)
    except Exception:
        log.exception("%s failed; what it left is taken up again", name)
