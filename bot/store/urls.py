"""Database URLs as operators write them, made into what the drivers want."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.domain.errors import ConfigError

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


def database_url(url: str) -> URL:
    """The URL with our driver: `sqlite:///file`, `postgresql://…` or the common `postgres://…`.

    Raises:
        ConfigError: it is no URL of a SQLite file or a PostgreSQL database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The text is left out: it may hold a password.
        raise ConfigError("config.database_url", detail="not a database URL") from error
    driver = _DRIVERS.get(parsed.drivername.partition("+")[0])
    if driver is None:
        raise ConfigError("config.database_url", detail=f"unknown scheme {parsed.drivername}")
    parsed = parsed.set(drivername=driver)
    if driver == "sqlite+aiosqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigError("config.database_url", detail="SQLite needs a file")
    return _with_asyncpg_names(parsed)


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database, `None` for PostgreSQL."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(url.database)


def _with_asyncpg_names(url: URL) -> URL:
    # libpq says sslmode; asyncpg's connect() knows the same values as `ssl`.
    mode = url.query.get("sslmode")
    return url if mode is None else url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
