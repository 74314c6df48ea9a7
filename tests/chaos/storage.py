"""Trouble with the database for a bot that works with it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from pathlib import Path

import asyncpg


def hold(file: Path, seconds: float) -> None:
    """Lock a SQLite file for everybody else, as a backup or a shell does."""
    with suppress(sqlite3.Error):
        connection = sqlite3.connect(file, timeout=0.2, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            connection.execute("ROLLBACK")
        finally:
            connection.close()


async def cut_off(url: str) -> None:
    """End every connection of the bot to PostgreSQL, as a restart of the server does."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
