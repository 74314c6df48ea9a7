"""Services that are tested on a store find the same databases as the store's own tests."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.quota import QuotaRule
from bot.settings import BudgetSettings
from bot.store.database import Database
from tests.store.conftest import database, database_url, migrated_sqlite, postgres, sqlite_url
from tests.support.house import Now, Process, Wall

__all__ = ["database", "database_url", "migrated_sqlite", "postgres", "sqlite_url"]


@pytest.fixture
async def process(database: Database, tmp_path: Path) -> Process:
    """One process: everyone may have five pictures a day, and all together twelve."""
    return Process.of(
        name="process",
        database=database,
        clock=Now(),
        wall=Wall(),
        folder=tmp_path / "blobs",
        rule=QuotaRule(amount=5, at_once=9, queue=90),
        cap=BudgetSettings(per_day=Decimal("0.60")),
    )
