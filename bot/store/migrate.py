"""Bringing a database's schema up to what this code expects."""

from __future__ import annotations


async def upgrade(url: str) -> list[str]:
    """Apply the missing revisions, all or none, and name them; safe to run at every start.

    Raises:
        ConfigError: the database is newer than this code (`config.database_newer`).
    """
    raise NotImplementedError


async def current(url: str) -> str | None:
    """The revision the database is at, `None` when it is empty."""
    raise NotImplementedError
