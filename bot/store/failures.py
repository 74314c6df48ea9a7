"""What a driver's error means: try again at once, storage is out of order, or a fault of ours."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.domain.errors import StorageUnavailable, Trouble

# sqlite.org/rescode.html: primary codes of a database that is locked, read-only, full, damaged or out of reach.
_SQLITE_OUT_OF_ORDER = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
}

_SQLITE_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}

# postgresql.org/docs/current/errcodes-appendix.html: connection, read-only, resources, lock, intervention, I/O.
_POSTGRES_OUT_OF_ORDER = ("08", "25006", "53", "55P03", "57", "58")
_POSTGRES_FULL = "53100"
_POSTGRES_CONFLICTS = ("40001", "40P01")
_POSTGRES_REFUSALS = ("28", "3D")

STORAGE_ERRORS = (DBAPIError, PoolTimeout, OSError)
"""What the drivers raise; asyncpg's failed connections and time limits come as `OSError`."""


def storage_failure(error: BaseException) -> StorageUnavailable | None:
    """The error as `StorageUnavailable` when time or the operator can mend it, `None` when it is a fault of ours."""
    if isinstance(error, DBAPIError):
        code = _sqlite_code(error)
        state = _sqlstate(error)
        mendable = error.connection_invalidated or state.startswith(_POSTGRES_OUT_OF_ORDER)
        if not mendable and code not in _SQLITE_OUT_OF_ORDER:
            return None
    trouble = _trouble(error)
    # The statement's values stay out of the text: they may hold prompts and tokens.
    cause = error.orig if isinstance(error, DBAPIError) else error
    return StorageUnavailable(f"storage.{trouble}", detail=f"{type(cause).__name__}: {cause}")


def _trouble(error: BaseException) -> Trouble:
    if isinstance(error, OSError):
        return Trouble.FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else Trouble.UNAVAILABLE
    code = _sqlite_code(error) if isinstance(error, DBAPIError) else None
    if code == sqlite3.SQLITE_FULL or _sqlstate(error) == _POSTGRES_FULL:
        return Trouble.FULL
    return Trouble.LOCKED if code in _SQLITE_LOCKED else Trouble.UNAVAILABLE


def is_locked(error: BaseException) -> bool:
    """Whether another process holds the SQLite file just now."""
    return isinstance(error, DBAPIError) and _sqlite_code(error) in _SQLITE_LOCKED


def is_conflict(error: DBAPIError) -> bool:
    """Whether PostgreSQL undid the transaction because of another one, so that it may simply run again."""
    return _sqlstate(error) in _POSTGRES_CONFLICTS


def is_refusal(error: BaseException) -> bool:
    """Whether PostgreSQL did not accept the login or does not know the database."""
    return _sqlstate(error).startswith(_POSTGRES_REFUSALS)


def _sqlite_code(error: DBAPIError) -> int | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    # Extended codes carry the primary one in their lowest byte.
    return code & 0xFF if isinstance(code, int) else None


def _sqlstate(error: BaseException) -> str:
    origin = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(origin, "sqlstate", None) or "")
